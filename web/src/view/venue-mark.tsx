import type { VenueState } from '../../../src/wire/api.ts';

/** One shape for each state, so that colour is not the only sign. */
const SHAPES: Readonly<Record<VenueState, string>> = {
  live: 'M6 1a5 5 0 1 0 .01 0z',
  connecting: 'M6 1a5 5 0 1 0 .01 0zM6 3a3 3 0 1 1-.01 0z',
  stale: 'M6 1 11.2 10.5H.8z',
  down: 'M2.4 1 6 4.6 9.6 1 11 2.4 7.4 6 11 9.6 9.6 11 6 7.4 2.4 11 1 9.6 4.6 6 1 2.4z',
};

export function VenueMark({ state }: { state: VenueState }) {
  return (
    <svg class={`mark ${state}`} viewBox="0 0 12 12" aria-hidden="true">
      <path fill-rule="evenodd" d={SHAPES[state]} />
    </svg>
  );
}
