import { useState } from 'preact/hooks';
import type { CloseReason, Opportunity } from '../../../src/core/opportunity.ts';
import { moment, momentHref } from '../base.ts';
import { dayAndTime } from '../clock.ts';
import { age, amount, bps, count, shortTime, signedBps } from '../format.ts';
import { routeHref } from '../location.ts';
import { keyOf } from '../opportunity-list.ts';
import { shownNow } from '../page-clock.ts';
import { status, venueTitle } from '../state.ts';
import { TableScroll } from './table-scroll.tsx';

const STEP = 200;

/** Opportunities line by line; as many as can be read, and more on request. */
export function OpportunityLog({ list, most }: { list: readonly Opportunity[]; most: number }) {
  const [shown, setShown] = useState(STEP);
  return (
    <TableScroll name="Opportunities">
      <table class="ledger log">
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Symbol</th>
            <th scope="col">Buy on</th>
            <th scope="col">Sell on</th>
            <th scope="col" class="num">
              Lasted
            </th>
            <th scope="col" class="num">
              Peak <small>bps</small>
            </th>
            <th scope="col" class="num">
              Start <small>bps</small>
            </th>
            <th scope="col" class="num">
              Mean <small>bps</small>
            </th>
            <th scope="col" class="num">
              Notional at peak
            </th>
            <th scope="col" class="num">
              Ages at start
            </th>
            <th scope="col">Ended by</th>
          </tr>
        </thead>
        <tbody>
          {list.slice(0, shown).map((one) => (
            <Line key={keyOf(one)} one={one} />
          ))}
        </tbody>
      </table>
      <p class="more">
        {list.length > shown && (
          <button type="button" onClick={() => setShown(shown + STEP)}>
            {count(list.length - shown)} more
          </button>
        )}
        {list.length >= most && ` The latest ${count(most)} are read; the lake has all.`}
      </p>
    </TableScroll>
  );
}

function Line({ one }: { one: Opportunity }) {
  const id = `${one.symbol}:${one.buy}:${one.sell}`;
  const open = one.end === null;
  const lasted = open ? shownNow() - one.start / 1000 : one.durationMs;
  return (
    <tr class={open ? 'open' : ''} data-opportunity={keyOf(one)}>
      <td class="dim">
        <Start one={one} />
      </td>
      <th scope="row">
        <a href={routeHref(id)}>{one.symbol}</a>
      </th>
      <td>{venueTitle(one.buy)}</td>
      <td>{venueTitle(one.sell)}</td>
      <td class="num">{shortTime(Math.max(0, lasted))}</td>
      <td class="num strong">{signedBps(one.peakNetBps)}</td>
      <td class="num">{bps(one.startNetBps)}</td>
      <td class="num">{bps(one.timeMeanNetBps)}</td>
      <td class="num">{amount(one.peakNotional)}</td>
      <td class="num dim">
        {age(one.buyAgeMs)} · {age(one.sellAgeMs)}
      </td>
      <td class={open ? 'open-word' : 'dim'}>{one.closedBy === null ? 'open' : closeText(one.closedBy)}</td>
    </tr>
  );
}

/** When it began; what is recorded can be looked at as of its peak. */
function Start({ one }: { one: Opportunity }) {
  const time = dayAndTime(one.start / 1e6);
  if (moment === null && (status.value?.lake ?? null) === null) return <>{time}</>;
  const hash = routeHref(`${one.symbol}:${one.buy}:${one.sell}`);
  return (
    <a class="then" href={momentHref(Math.ceil(one.peakTime / 1000), hash)} title="The route as of its peak">
      {time}
    </a>
  );
}

function closeText(reason: CloseReason): string {
  return reason === 'spread' ? 'the spread' : reason.replace('-', ' leg: ');
}
