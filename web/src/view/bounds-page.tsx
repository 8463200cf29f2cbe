import type { BoundReading } from '../../../src/core/bounds.ts';
import type { BoundsReply } from '../../../src/wire/api.ts';
import { count, megabytes } from '../format.ts';
import { status } from '../state.ts';
import type { Stream } from '../stream.ts';
import type { TopicMessage } from '../topics.ts';
import { Meter } from './meter.tsx';
import { useTopic } from './use-topic.ts';

type BoundsMessage = TopicMessage & BoundsReply;
const isBounds = (message: TopicMessage): message is BoundsMessage => 'bounds' in message;

const WHEN_FULL: Readonly<Record<BoundReading['policy'], string>> = {
  refuse: 'refuses',
  conflate: 'newest wins',
  'drop-oldest': 'oldest goes',
  wait: 'waits',
  close: 'closes',
};

/** Every structure that data could fill: what it may hold, holds, and had to give up. The promise of the program, made visible. */
export function BoundsPage({ stream }: { stream: Stream }) {
  const { data } = useTopic(stream, 'bounds', isBounds);
  if (data === null) return <p class="wait sheet">Waiting for the ledger …</p>;
  const components = [...new Set(data.bounds.map(({ name }) => name.split('.')[0] ?? ''))];
  return (
    <section class="sheet scrolls" aria-label="Bounds">
      <Sum reply={data} />
      <table class="plain" id="bounds">
        <thead>
          <tr>
            <th scope="col">Structure</th>
            <th scope="col" class="num">
              In use
            </th>
            <th scope="col" class="num">
              Limit
            </th>
            <th scope="col" class="wide">
              Use · peak
            </th>
            <th scope="col" class="num">
              May take
            </th>
            <th scope="col">When full</th>
            <th scope="col" class="hide">
              Cleaned by
            </th>
            <th scope="col">Given up</th>
          </tr>
        </thead>
        {components.map((component) => (
          <tbody key={component}>
            <tr class="group">
              <th scope="colgroup" colSpan={8}>
                {component}
              </th>
            </tr>
            {data.bounds
              .filter(({ name }) => name.startsWith(`${component}.`))
              .map((line) => (
                <Line key={line.name} line={line} />
              ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

function Line({ line }: { line: BoundReading }) {
  const lost = givenUp(line);
  return (
    <tr data-bound={line.name}>
      <td>{line.name.slice(line.name.indexOf('.') + 1)}</td>
      <td class="num">{count(line.used)}</td>
      <td class="num">{count(line.capacity)}</td>
      <td class="wide">
        <Meter
          value={line.used / line.capacity}
          mark={line.peak / line.capacity}
          warns={line.lost + line.refused > 0}
        />
      </td>
      <td class="num">{megabytes(line.capacityBytes)}</td>
      <td>{WHEN_FULL[line.policy]}</td>
      <td class="hide dim">{line.cleanedBy}</td>
      <td class={line.lost > 0 ? 'bad' : 'dim'}>{lost}</td>
    </tr>
  );
}

function givenUp({ refused, replaced, evicted, lost }: BoundReading): string {
  const parts = Object.entries({ lost, refused, evicted, replaced }).filter(([, times]) => times > 0);
  return parts.length === 0 ? '' : parts.map(([what, times]) => `${count(times)} ${what}`).join(', ');
}

/** The bounds and the allowance against the budget, and what the process has resident. */
function Sum({ reply }: { reply: BoundsReply }) {
  const { budget, total, allowance } = reply;
  const resident = status.value?.memory.rss ?? null;
  return (
    <dl class="headline" id="budget">
      <div>
        <dt>Bounds + allowance of the budget</dt>
        <dd>
          {megabytes(total + allowance)} <small>of {megabytes(budget)}</small>
        </dd>
        <Meter value={(total + allowance) / budget} />
      </div>
      <div>
        <dt>Resident now</dt>
        <dd>{megabytes(resident)}</dd>
        {resident !== null && <Meter value={resident / budget} warns={resident >= 0.9 * budget} />}
      </div>
      <div>
        <dt>Rows lost</dt>
        <dd>{count(reply.bounds.reduce((sum, { lost }) => sum + lost, 0))}</dd>
      </div>
      <div>
        <dt>Structures</dt>
        <dd>{count(reply.bounds.length)}</dd>
      </div>
    </dl>
  );
}
