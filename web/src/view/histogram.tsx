import { count } from '../format.ts';

interface Props {
  readonly title: string;
  readonly values: readonly number[];
  /** Rising; below the first and from the last on are bars too. */
  readonly edges: readonly number[];
  readonly name: (edge: number) => string;
}

const HEIGHT = 60;

/** How many values lie between each two edges, as bars with the edges between them. */
export function Histogram({ title, values, edges, name }: Props) {
  const bars = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    const at = edges.findIndex((edge) => value < edge);
    const bar = at < 0 ? edges.length : at;
    bars[bar] = (bars[bar] ?? 0) + 1;
  }
  const most = Math.max(1, ...bars);
  const width = 100 / bars.length;
  return (
    <figure class="histogram">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 100 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={title}>
        {bars.map((bar, i) => (
          <rect
            key={edges[i] ?? 'last'}
            x={i * width + 0.4}
            width={width - 0.8}
            y={HEIGHT - (bar / most) * HEIGHT}
            height={(bar / most) * HEIGHT}
          >
            <title>{`${rangeOf(edges, i, name)}: ${count(bar)}`}</title>
          </rect>
        ))}
      </svg>
      <ol aria-hidden="true">
        {edges.map((edge) => (
          <li key={edge}>
            <span>{name(edge)}</span>
          </li>
        ))}
        <li />
      </ol>
    </figure>
  );
}

function rangeOf(edges: readonly number[], bar: number, name: (edge: number) => string): string {
  const [low, high] = [edges[bar - 1], edges[bar]];
  if (low === undefined) return `below ${name(high ?? 0)}`;
  return high === undefined ? `${name(low)} or more` : `${name(low)} to ${name(high)}`;
}
