import type { VenueGap } from '../../../src/wire/api.ts';
import { dayAndTime } from '../clock.ts';
import { count } from '../format.ts';
import { REASON_WORDS } from '../gap-lanes.ts';
import { venueTitle } from '../state.ts';
import { lasted } from './gap-timeline.tsx';
import { TableScroll } from './table-scroll.tsx';

const SHOWN = 50;

/** The latest gaps in words, for who reads rather than points. */
export function GapList({ gaps }: { gaps: readonly VenueGap[] }) {
  if (gaps.length === 0) return <p class="wait">No gap in this time.</p>;
  const latest = gaps.toSorted((a, b) => b.from - a.from).slice(0, SHOWN);
  return (
    <TableScroll name="Latest gaps">
      <table class="ledger" aria-label="Latest gaps">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Venue</th>
            <th scope="col">Why</th>
            <th scope="col">Of</th>
            <th scope="col" class="num">
              For
            </th>
            <th scope="col" class="num">
              Rows lost
            </th>
          </tr>
        </thead>
        <tbody>
          {latest.map((gap) => (
            <tr key={`${gap.venue}${gap.reason}${gap.from}`}>
              <td class="dim">{dayAndTime(gap.from / 1e6)}</td>
              <th scope="row">{venueTitle(gap.venue)}</th>
              <td class={`gap-word ${REASON_WORDS[gap.reason].kind}`}>{REASON_WORDS[gap.reason].name}</td>
              <td>{gap.symbols === null ? 'the venue' : `${count(gap.symbols)} symbols`}</td>
              <td class="num">
                {lasted(gap)}
                {gap.open ? ' …' : ''}
              </td>
              <td class={(gap.rowsLost ?? 0) > 0 ? 'num bad' : 'num zero'}>{count(gap.rowsLost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
