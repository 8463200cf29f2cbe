import { useRef } from 'preact/hooks';
import type { RouteRow } from '../../../src/wire/api.ts';
import { age, amount, bps, count, price, signedBps } from '../format.ts';
import { routeHref } from '../location.ts';
import { toggleHidden, toggleStar } from '../marks.ts';
import { venueTitle } from '../state.ts';
import { BandBar } from './band-bar.tsx';
import { SparkLine } from './spark-line.tsx';
import { VerdictMark } from './verdict-mark.tsx';

/** What is shown as +0.1 or more is a gain. */
const LEAST_GAIN_BPS = 0.05;
/** A quote older than this is greyed: it may be what is left of a market that moved on. */
const OLD_MS = 10_000;

interface Props {
  readonly row: RouteRow;
  readonly rank: number;
  readonly chosen: boolean;
  readonly starred: boolean;
  readonly hidden: boolean;
}

/** One route. The link in the symbol's cell covers the whole line, so that a line is a link with all a browser does for links. */
export function RouteLine({ row, rank, chosen, starred, hidden }: Props) {
  const before = useRef(row);
  const last = before.current;
  before.current = row;
  const [oldBuy, oldSell] = [row.buyAgeMs > OLD_MS ? 'aged' : '', row.sellAgeMs > OLD_MS ? 'aged' : ''];
  return (
    <tr data-route={row.id} class={chosen ? 'chosen' : ''} aria-rowindex={rank + 1}>
      <td class="star">
        <button
          type="button"
          aria-pressed={starred}
          aria-label={`Watch ${row.id}`}
          title={starred ? 'Off the watchlist (s)' : 'Onto the watchlist (s)'}
          onClick={() => toggleStar(row.id)}
        >
          {starred ? '★' : '☆'}
        </button>
        <button
          type="button"
          class="hide"
          aria-label={hidden ? `Show ${row.id} again` : `Hide ${row.id}`}
          title={hidden ? 'Show it again (x)' : 'Hide it (x)'}
          onClick={() => toggleHidden(row.id)}
        >
          {hidden ? '+' : '✕'}
        </button>
      </td>
      <td class="num rank">{rank}</td>
      <SymbolCell row={row} chosen={chosen} />
      <td class={`venue ${oldBuy}`}>{venueTitle(row.buy)}</td>
      <td class={`num price ${oldBuy} ${trend(row.ask, last.ask)}`}>{price(row.ask)}</td>
      <td class={`venue ${oldSell}`}>{venueTitle(row.sell)}</td>
      <td class={`num price ${oldSell} ${trend(row.bid, last.bid)}`}>{price(row.bid)}</td>
      <td class="num gross">{bps(row.grossBps)}</td>
      <td class={row.netBps >= LEAST_GAIN_BPS ? 'num net gain' : 'num net'}>{signedBps(row.netBps)}</td>
      <td class="hour">
        <SparkLine id={row.id} />
      </td>
      <td class="num size">{amount(row.size)}</td>
      <td class="num notional">{amount(row.notional)}</td>
      <td class="num age">
        {age(row.buyAgeMs)} · {age(row.sellAgeMs)}
      </td>
      <td class="band">
        <a href={routeHref(row.id)} tabIndex={-1}>
          <BandBar low={row.bandLowBps} high={row.bandHighBps} value={row.netBps} />
        </a>
      </td>
      <td class="num often">{count(row.opportunitiesPerHour)}</td>
      <VerdictMark row={row} />
    </tr>
  );
}

function SymbolCell({ row, chosen }: { row: RouteRow; chosen: boolean }) {
  const [base, quote] = splitSymbol(row.symbol);
  return (
    <td class="symbol">
      <a href={routeHref(row.id)} aria-current={chosen ? 'true' : undefined}>
        {base}
        <small>-{quote}</small>
      </a>
      {row.identity !== 'ok' && (
        <abbr class={`identity ${row.identity}`} title={`Identity: ${row.identity}`}>
          {row.identity === 'approved' ? '=' : '≠'}
        </abbr>
      )}
    </td>
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
