import { useRef } from 'preact/hooks';
import type { RouteRow } from '../../../src/wire/api.ts';
import { age, amount, bps, count, price, signedBps } from '../format.ts';
import { stars, toggleStar } from '../lists.ts';
import { routeHref } from '../location.ts';
import { venueTitle } from '../state.ts';
import { Band } from './band.tsx';

/** What is shown as +0.1 or more is a gain. */
const LEAST_GAIN_BPS = 0.05;

const VERDICT_MEANS: Readonly<Record<RouteRow['verdict'], string>> = {
  excellent: 'crosses its mean often, opens often, with high peaks',
  fair: 'none of the other verdicts',
  weak: 'low peaks',
  'does-not-close': 'over the threshold most of the time: a structural difference',
  trending: 'seldom crosses its mean',
  'not-enough-data': 'under 1,000 seconds or 10 minutes of data',
};

interface Props {
  readonly row: RouteRow;
  readonly rank: number;
  readonly chosen: boolean;
}

/** One route. The link in the symbol's cell covers the whole line, so that a line is a link with all a browser does for links. */
export function RouteLine({ row, rank, chosen }: Props) {
  const before = useRef(row);
  const last = before.current;
  before.current = row;
  const [base, quote] = splitSymbol(row.symbol);
  return (
    <tr data-route={row.id} class={chosen ? 'chosen' : ''}>
      <td class="rank">{rank}</td>
      <td class="symbol">
        <Star id={row.id} />
        <a href={routeHref(row.id)} aria-current={chosen ? 'true' : undefined}>
          {base}
          <small>-{quote}</small>
        </a>
      </td>
      <td class="venue">{venueTitle(row.buy)}</td>
      <td class={`num price ${trend(row.ask, last.ask)}`}>{price(row.ask)}</td>
      <td class="venue">{venueTitle(row.sell)}</td>
      <td class={`num price ${trend(row.bid, last.bid)}`}>{price(row.bid)}</td>
      <td class="num gross">{bps(row.grossBps)}</td>
      <td class={row.netBps >= LEAST_GAIN_BPS ? 'num net gain' : 'num net'}>{signedBps(row.netBps)}</td>
      <td class="band">
        <Band low={row.bandLowBps} high={row.bandHighBps} now={row.netBps} />
      </td>
      <td class="num size">{amount(row.size)}</td>
      <td class="num notional">{amount(row.notional)}</td>
      <td class="num hourly">{count(row.opportunitiesPerHour)}</td>
      <td class={`verdict ${row.verdict}`} title={VERDICT_MEANS[row.verdict]}>
        {row.identity === 'ok' ? '' : `${row.identity} · `}
        {row.verdict === 'not-enough-data' ? '…' : row.verdict.replaceAll('-', ' ')}
      </td>
      <td class="num age">
        {age(row.buyAgeMs)} · {age(row.sellAgeMs)}
      </td>
    </tr>
  );
}

/** Whether the route is on the reader's list; above the link that covers the line. */
function Star({ id }: { id: string }) {
  const on = stars.value.includes(id);
  return (
    <button
      type="button"
      class={on ? 'star on' : 'star'}
      aria-pressed={on}
      aria-label={`Star ${id}`}
      onClick={() => toggleStar(id)}
    >
      {on ? '★' : '☆'}
    </button>
  );
}

/** A canonical symbol's base and quote; the quote is what follows the last hyphen. */
function splitSymbol(symbol: string): readonly [string, string] {
  const at = symbol.lastIndexOf('-');
  return at < 0 ? [symbol, ''] : [symbol.slice(0, at), symbol.slice(at + 1)];
}

function trend(value: number, before: number): 'up' | 'fall' | '' {
  if (value === before) return '';
  return value > before ? 'up' : 'fall';
}
