import { bps } from '../format.ts';

/** The band lies in the middle; the present value may leave it to either side, as far as the edge. */
const [LEFT, RIGHT, WIDTH] = [25, 75, 100];
/** A narrower band is drawn as wide as this: its ends are no more exact than that. */
const LEAST_BPS = 1;

interface Props {
  readonly low: number | null;
  readonly high: number | null;
  readonly value: number | null;
}

/** Where a net spread is within the band it is mostly in. */
export function BandBar({ low, high, value }: Props) {
  if (low === null || high === null) return <span class="unknown">–</span>;
  const middle = (low + high) / 2;
  const half = Math.max(high - low, LEAST_BPS) / 2;
  const place = (bpsValue: number) => {
    const x = LEFT + ((bpsValue - (middle - half)) / (2 * half)) * (RIGHT - LEFT);
    return Math.min(WIDTH - 1.5, Math.max(1.5, x));
  };
  const text = `mostly ${bps(low)} … ${bps(high)} bps, now ${bps(value)}`;
  return (
    <svg class="band-bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label={text}>
      <title>{text}</title>
      <rect class="track" x="0" y="5" width={WIDTH} height="2" />
      <rect class="band" x={LEFT} y="2.5" width={RIGHT - LEFT} height="7" rx="1" />
      {value !== null && (
        <line
          class={value > high ? 'at above' : value < low ? 'at below' : 'at'}
          x1={place(value)}
          x2={place(value)}
          y1="0"
          y2="12"
        />
      )}
    </svg>
  );
}
