import type { VenueRow } from '../../../../src/wire/api.ts';
import { age, count, lag } from '../../format.ts';
import { venues } from '../../state.ts';
import { GapTimeline } from '../gap-timeline.tsx';
import { TableScroll } from '../table-scroll.tsx';
import { VenueMark } from '../venue-mark.tsx';

const HEADS: readonly (readonly [name: string, unit: string, title: string])[] = [
  ['Messages', '/s', 'Frames a second'],
  ['Quotes', '/s', 'Quotes a second'],
  ['Trades', '/s', 'Trades a second'],
  ['Lag p50', 'ms', 'Receive time minus venue time, median'],
  ['Lag p99', 'ms', 'Receive time minus venue time, 99th percentile'],
  ['Last', 'ago', 'The last message'],
  ['Sockets', 'open/all', 'Connections'],
  ['Reconnects', '', 'In this run'],
  ['Live', 'of all', 'Instruments that speak'],
  ['Silent', '', 'Subscribed, and nothing heard'],
  ['Pending', '', 'Not confirmed yet'],
  ['Refused', '', 'By the venue'],
  ['Bad frames', '', 'That could not be read'],
  ['Gaps', '', 'Spells not seen or not recorded, in this run'],
  ['Lost', 'rows', 'Rows that could not be recorded'],
  ['Fee', 'bps', 'Taker fee'],
];

/** Every venue with all that is known of it. */
export function Venues() {
  const rows = venues.value;
  if (rows === null) return <p class="empty">Waiting for the first data …</p>;
  const live = rows.filter(({ state }) => state === 'live').length;
  return (
    <section class="sheet-page" id="venues" aria-label="Venues">
      <header class="bar">
        <h2>
          {live} of {rows.length} venues live
        </h2>
        <p class="shown">{count(rows.reduce((sum, row) => sum + row.rates.frames, 0))} messages a second</p>
      </header>
      <TableScroll name="Every venue">
        <table class="ledger">
          <thead>
            <tr>
              <th scope="col">Venue</th>
              <th scope="col">State</th>
              {HEADS.map(([name, unit, title]) => (
                <th scope="col" class="num" key={name} title={title}>
                  {name} <small>{unit}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Line key={row.venue} row={row} />
            ))}
          </tbody>
        </table>
      </TableScroll>
      <GapTimeline rows={rows} />
    </section>
  );
}

function Line({ row }: { row: VenueRow }) {
  const { subscriptions: s, recording, errors } = row;
  const badFrames = Object.values(errors).reduce((sum, figure) => sum + figure, 0);
  const kinds = Object.entries(errors)
    .map(([kind, figure]) => `${kind}: ${figure}`)
    .join(', ');
  const some = (figure: number | null) => (figure !== null && figure > 0 ? 'num some' : 'num zero');
  return (
    <tr data-venue-row={row.venue} class={row.state}>
      <th scope="row">
        <VenueMark state={row.state} /> {row.title}
      </th>
      <td class="why" title={row.reason}>
        {row.state}
        {row.reason !== '' && <small> {row.reason}</small>}
      </td>
      <td class="num">{count(row.rates.frames)}</td>
      <td class="num">{count(row.rates.quotes)}</td>
      <td class="num">{count(row.rates.trades)}</td>
      <td class="num">{lag(row.lagMs.p50)}</td>
      <td class="num">{lag(row.lagMs.p99)}</td>
      <td class="num">{age(row.lastMessageAgeMs)}</td>
      <td class="num">
        {row.connections.open}/{row.connections.wanted}
      </td>
      <td class={some(row.reconnects)}>{count(row.reconnects)}</td>
      <td class="num">
        {count(s.live)} <small>of {count(row.instruments)}</small>
      </td>
      <td class={some(s.silent)}>{count(s.silent)}</td>
      <td class={some(s.pending)}>{count(s.pending)}</td>
      <td class={some(s.refused)}>{count(s.refused)}</td>
      <td class={some(badFrames)} title={kinds}>
        {count(badFrames)}
      </td>
      <td class={some(recording?.gaps ?? null)}>{count(recording?.gaps ?? null)}</td>
      <td class={some(recording?.lost ?? null)}>{count(recording?.lost ?? null)}</td>
      <td class="num">{row.takerFeeBps}</td>
    </tr>
  );
}
