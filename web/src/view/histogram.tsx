import type { Bin } from '../distributions.ts';
import { count } from '../format.ts';

/** One bar for each bin; as a table for whoever does not see it. */
export function Histogram({ title, unit, bins }: { title: string; unit: string; bins: readonly Bin[] }) {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  return (
    <figure class="histogram">
      <figcaption>
        {title} <small>{unit}</small>
      </figcaption>
      <ol aria-label={`${title}, ${unit}`}>
        {bins.map((bin, index) => {
          const next = bins[index + 1]?.label;
          const range = unit === 'hour' ? `${bin.label} h` : `${bin.label} … ${next ?? ''}`;
          return (
            <li key={bin.label} title={`${range}: ${count(bin.count)}`}>
              <span class="unseen">{`${range}: ${bin.count}`}</span>
              <i style={{ height: `${(bin.count / most) * 100}%` }} class={bin.count === 0 ? 'none' : ''} />
              <small aria-hidden="true">{bin.label}</small>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
