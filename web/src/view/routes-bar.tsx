import { age, count } from '../format.ts';
import {
  clearFilters,
  filtered,
  frozen,
  minNetBps,
  now,
  orderHeld,
  routesError,
  shownRoutes,
  symbolFilter,
  toggleFreeze,
} from '../state.ts';

/** Typing asks the server once the reader pauses. */
const PAUSE_MS = 200;
let typing = 0;

function soon(change: () => void): void {
  window.clearTimeout(typing);
  typing = window.setTimeout(change, PAUSE_MS);
}

/** Above the table: search, least net spread, freeze, and how much of it is shown. */
export function RoutesBar() {
  return (
    <search class="bar">
      <input
        id="search"
        type="search"
        aria-label="Symbol contains"
        placeholder="Symbol  ( / )"
        autocomplete="off"
        spellcheck={false}
        value={symbolFilter.value}
        onInput={(event) => {
          const text = event.currentTarget.value.replaceAll(/\s/g, '').toUpperCase();
          soon(() => {
            symbolFilter.value = text;
          });
        }}
      />
      <label class="least">
        Net ≥
        <input
          id="min-net"
          type="number"
          step="any"
          inputMode="decimal"
          aria-label="Least net spread in basis points"
          placeholder="any"
          value={minNetBps.value ?? ''}
          onInput={(event) => {
            const value = event.currentTarget.valueAsNumber;
            soon(() => {
              minNetBps.value = Number.isFinite(value) ? value : null;
            });
          }}
        />
        bps
      </label>
      <button type="button" id="freeze" aria-pressed={frozen.value !== null} onClick={toggleFreeze}>
        {frozen.value === null ? 'Freeze' : 'Frozen'}
      </button>
      {filtered.value && (
        <button type="button" onClick={clearFilters}>
          Clear filters
        </button>
      )}
      {routesError.value !== '' && (
        <p class="trouble" role="alert">
          {routesError.value}
        </p>
      )}
      <Shown />
    </search>
  );
}

function Shown() {
  const view = shownRoutes.value;
  if (view === null) return null;
  const held = frozen.value;
  return (
    <output class="shown">
      {held !== null && `as of ${age(now.value - held.at)} ago · `}
      {held === null && orderHeld.value && 'order held · '}
      {view.rows.length < view.total
        ? `${count(view.rows.length)} of ${count(view.total)} routes`
        : `${count(view.total)} routes`}
    </output>
  );
}
