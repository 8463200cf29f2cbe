import { signal } from '@preact/signals';
import type { BoundReading } from '../../../../src/core/bounds.ts';
import type { BoundsReply } from '../../../../src/wire/api.ts';
import { amount, bytes, count, megabytes } from '../../format.ts';
import { status } from '../../state.ts';
import type { Stream } from '../../stream.ts';
import type { TopicMessage } from '../../topics.ts';
import { MemoryLine } from '../memory-line.tsx';
import { TableScroll } from '../table-scroll.tsx';
import { useTopic } from '../use-topic.ts';

const readBounds = (message: TopicMessage): BoundsReply | null => ('bounds' in message ? message : null);

const ORDERS = {
  bytes: { name: 'most memory', of: (bound: BoundReading) => bound.capacityBytes },
  use: {
    name: 'fullest',
    of: (bound: BoundReading) => (bound.capacity === 0 ? 0 : bound.peak / bound.capacity),
  },
  losses: { name: 'most losses', of: lossesOf },
} as const;
const order = signal<keyof typeof ORDERS>('bytes');

/** Every structure that could grow: what it may take, what it takes, and what it had to give up. Their sum keeps to the budget. */
export function Bounds({ stream }: { stream: Stream }) {
  const { data, error } = useTopic(stream, 'bounds', readBounds);
  if (error !== '') return <p class="trouble">{error}</p>;
  if (data === null) return <p class="empty">Waiting for the ledger …</p>;
  const by = ORDERS[order.value].of;
  const bounds = data.bounds.toSorted((a, b) => by(b) - by(a) || (a.name < b.name ? -1 : 1));
  return (
    <section class="sheet-page" id="bounds" aria-label="Bounds">
      <Budget ledger={data} />
      <MemoryLine />
      <header class="bar">
        <h2>{count(bounds.length)} bounded structures</h2>
        <fieldset class="spans">
          <legend class="unseen">Order</legend>
          {Object.entries(ORDERS).map(([key, { name }]) => (
            <button
              type="button"
              key={key}
              aria-pressed={order.value === key}
              onClick={() => {
                order.value = key as keyof typeof ORDERS;
              }}
            >
              {name}
            </button>
          ))}
        </fieldset>
      </header>
      <TableScroll name="Every bounded structure">
        <table class="ledger">
          <thead>
            <tr>
              <th scope="col">Structure</th>
              <th scope="col">When full</th>
              <th scope="col">Emptied by</th>
              <th scope="col" class="num">
                Used
              </th>
              <th scope="col" class="num">
                Peak
              </th>
              <th scope="col" class="num">
                Capacity
              </th>
              <th scope="col">In use, peak</th>
              <th scope="col" class="num">
                Memory
              </th>
              <th scope="col" class="num">
                Refused
              </th>
              <th scope="col" class="num">
                Replaced
              </th>
              <th scope="col" class="num">
                Evicted
              </th>
              <th scope="col" class="num">
                Lost
              </th>
            </tr>
          </thead>
          <tbody>
            {bounds.map((bound) => (
              <Line key={bound.name} bound={bound} />
            ))}
          </tbody>
        </table>
      </TableScroll>
    </section>
  );
}

function Line({ bound }: { bound: BoundReading }) {
  const loss = (figure: number) => <td class={figure > 0 ? 'num some' : 'num zero'}>{amountOf(figure)}</td>;
  return (
    <tr data-bound={bound.name}>
      <th scope="row">{bound.name}</th>
      <td>{bound.policy}</td>
      <td class="dim">{bound.cleanedBy}</td>
      <td class="num">{amountOf(bound.used)}</td>
      <td class="num">{amountOf(bound.peak)}</td>
      <td class="num">{amountOf(bound.capacity)}</td>
      <td>
        <Use bound={bound} />
      </td>
      <td class="num">{bytes(bound.capacityBytes)}</td>
      {loss(bound.refused)}
      {loss(bound.replaced)}
      {loss(bound.evicted)}
      <td class={bound.lost > 0 ? 'num bad' : 'num zero'}>{amountOf(bound.lost)}</td>
    </tr>
  );
}

function Use({ bound: { used, peak, capacity } }: { bound: BoundReading }) {
  const part = (figure: number) => (capacity === 0 ? 0 : Math.min(100, (figure / capacity) * 100));
  return (
    <svg
      class={part(peak) > 90 ? 'use full' : 'use'}
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
    >
      <title>{`${Math.round(part(used))} % in use, at most ${Math.round(part(peak))} %`}</title>
      <rect class="room" width="100" height="8" />
      <rect class="now" width={part(used)} height="8" />
      <line x1={part(peak)} x2={part(peak)} y1="0" y2="8" />
    </svg>
  );
}

/** The sum of all bounds, what V8 and the libraries may take, and the budget that holds both; the memory that is in use is told beside it. */
function Budget({ ledger: { budget, total, allowance } }: { ledger: BoundsReply }) {
  const rss = status.value?.memory.rss ?? null;
  const part = (figure: number) => `${Math.min(100, (figure / budget) * 100)}`;
  return (
    <div class="budget">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="room" width="100" height="10" />
        <rect class="sum" width={part(total)} height="10" />
        <rect class="allowance" x={part(total)} width={part(allowance)} height="10" />
        {rss !== null && <line x1={part(rss)} x2={part(rss)} y1="0" y2="10" />}
      </svg>
      <dl>
        <div class="sum">
          <dt>All bounds together</dt>
          <dd id="bounds-total">{megabytes(total)}</dd>
        </div>
        <div class="allowance">
          <dt>V8 and libraries, at most</dt>
          <dd>{megabytes(allowance)}</dd>
        </div>
        <div class={total + allowance > budget ? 'bad' : 'room'}>
          <dt>Left of the budget</dt>
          <dd>{megabytes(budget - total - allowance)}</dd>
        </div>
        <div>
          <dt>Budget</dt>
          <dd id="bounds-budget">{megabytes(budget)}</dd>
        </div>
        <div class="line">
          <dt>In use now, resident</dt>
          <dd>{megabytes(rss)}</dd>
        </div>
      </dl>
    </div>
  );
}

function amountOf(figure: number): string {
  return figure < 1e6 ? count(figure) : amount(figure);
}

function lossesOf({ refused, replaced, evicted, lost }: BoundReading): number {
  return lost * 1e6 + refused + evicted + replaced;
}
