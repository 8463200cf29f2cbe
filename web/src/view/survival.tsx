import type { SurvivalReply } from '../../../src/wire/api.ts';
import { bps, count, share, shortTime } from '../format.ts';
import { TableScroll } from './table-scroll.tsx';
import { useFetched } from './use-fetched.ts';

const EVERY_MS = 30_000;
const [WIDTH, HEIGHT] = [300, 90];

/** How long edges of the route survived: the share of opportunities still over their threshold, and of the edge that was left, by delay. */
export function Survival({ id }: { id: string }) {
  const { data, error } = useFetched<SurvivalReply>('survival', { route: id, from: '-24h' }, EVERY_MS);
  const group = data?.groups[0];
  return (
    <section class="survival" aria-label="Survival of edges">
      <h3>Survival of edges, 24 h</h3>
      {error !== '' && <p class="trouble">{error}</p>}
      {data === null && error === '' && <p class="wait">Reading …</p>}
      {data !== null && group === undefined && (
        <p class="wait">No opportunity of this route in the last day.</p>
      )}
      {data !== null && group !== undefined && (
        <>
          <p>
            <b>{count(group.opportunities)}</b> opportunities from <b>{bps(group.meanStartBps)}</b> bps on
            average{group.meanStartBps > 0 && `; half of the edge is gone ${halfLifeText(group.halfLifeMs)}`}.
          </p>
          <Curve delays={data.delaysMs} over={group.overThreshold} left={group.leftShare} />
        </>
      )}
    </section>
  );
}

interface CurveProps {
  readonly delays: readonly number[];
  readonly over: readonly number[];
  readonly left: readonly (number | null)[];
}

function halfLifeText(ms: number | null): string {
  return ms === null ? 'after more than 5 s' : `in ${shortTime(ms)}`;
}

/** Delays are evenly apart, as their list goes: 1, 2, 5, 10 … ms. */
function Curve({ delays, over, left }: CurveProps) {
  const x = (index: number) => 4 + (index / Math.max(1, delays.length - 1)) * (WIDTH - 8);
  const y = (part: number) => 4 + (1 - Math.min(1, Math.max(0, part))) * (HEIGHT - 8);
  const points = (parts: CurveProps['left']) => parts.map((part, i) => `${x(i)},${y(part ?? 0)}`).join(' ');
  return (
    <>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={WIDTH} y1={y(0.5)} y2={y(0.5)} />
        <line x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} />
        <polyline class="over" points={points(over)} />
        <polyline class="left" points={points(left)} />
      </svg>
      <TableScroll name="By delay">
        <table aria-label="Survival by delay">
          <thead>
            <tr>
              <th scope="col">after, ms</th>
              {delays.map((delay) => (
                <th scope="col" class="num" key={delay}>
                  {delay < 1000 ? delay : `${delay / 1000} s`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Row name="still over" class="over" parts={over} />
            <Row name="edge left" class="left" parts={left} />
          </tbody>
        </table>
      </TableScroll>
    </>
  );
}

function Row({ name, class: kind, parts }: { name: string; class: string; parts: CurveProps['left'] }) {
  return (
    <tr>
      <th scope="row" class={kind}>
        {name}
      </th>
      {parts.map((part, index) => (
        <td class="num" key={index}>
          {share(part)}
        </td>
      ))}
    </tr>
  );
}
