import type { QuoteRow, SymbolsReply } from '../../../../src/wire/api.ts';
import { age, price, signedBps } from '../../format.ts';
import { pageHref, place, routeHref } from '../../location.ts';
import { venueTitle } from '../../state.ts';
import type { Stream } from '../../stream.ts';
import type { TopicMessage } from '../../topics.ts';
import { TableScroll } from '../table-scroll.tsx';
import { useFetched } from '../use-fetched.ts';
import { useTopic } from '../use-topic.ts';

const EVERY_MS = 60_000;
const FIRST = 'BTC-USDT';
/** The net spread at which a cell has its full colour. */
const FULL_BPS = 50;

interface Quotes {
  readonly symbol: string;
  readonly quotes: readonly QuoteRow[];
}

const readQuotes = (message: TopicMessage): Quotes | null => ('quotes' in message ? message : null);

/** One symbol on all its venues: what is left of buying on one and selling on another. */
export function Matrix({ stream }: { stream: Stream }) {
  const { data: symbols } = useFetched<SymbolsReply>('symbols', {}, EVERY_MS);
  const symbol = place.value.subject ?? firstOf(symbols);
  const { data, error } = useTopic(stream, symbol === null ? null : `quotes/${symbol}`, readQuotes);
  return (
    <section class="sheet-page" id="matrix" aria-label={`Matrix of ${symbol ?? 'a symbol'}`}>
      <header class="bar">
        <h2>{symbol ?? '…'}</h2>
        <SymbolForm symbols={symbols} />
        <p class="shown">net spread in bps: buy on the row’s venue, sell on the column’s</p>
      </header>
      {error !== '' && (
        <p class="trouble" role="alert">
          {error}
        </p>
      )}
      {error === '' && data === null && <p class="wait">Waiting for quotes …</p>}
      {data !== null && symbol !== null && <Spreads symbol={symbol} quotes={data.quotes} />}
    </section>
  );
}

function SymbolForm({ symbols }: { symbols: SymbolsReply | null }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const text = String(new FormData(form).get('symbol') ?? '')
          .trim()
          .toUpperCase();
        if (text === '') return;
        window.location.hash = pageHref('matrix', match(symbols, text));
        form.reset();
      }}
    >
      <input
        id="search"
        name="symbol"
        list="symbols"
        type="search"
        autocomplete="off"
        aria-label="Another symbol"
        placeholder="Symbol  ( / )"
      />
      <datalist id="symbols">
        {symbols?.symbols.map(({ symbol }) => (
          <option key={symbol} value={symbol} />
        ))}
      </datalist>
    </form>
  );
}

function Spreads({ symbol, quotes }: Quotes) {
  return (
    <TableScroll name="Spreads between venues">
      <table class="matrix">
        <thead>
          <tr>
            <td class="corner">buy ↓ · sell →</td>
            {quotes.map((quote) => (
              <th scope="col" key={quote.venue} class={quote.valid ? '' : 'invalid'}>
                <b>{venueTitle(quote.venue)}</b>
                <span>{price(quote.bid)}</span>
                <small>{quote.valid ? age(quote.ageMs) : 'not valid'}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {quotes.map((buy) => (
            <tr key={buy.venue}>
              <th scope="row" class={buy.valid ? '' : 'invalid'}>
                <b>{venueTitle(buy.venue)}</b>
                <span>{price(buy.ask)}</span>
                <small>{buy.valid ? age(buy.ageMs) : 'not valid'}</small>
              </th>
              {quotes.map((sell) => (
                <Cell key={sell.venue} symbol={symbol} buy={buy} sell={sell} net={netOf(buy, sell)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

interface CellProps {
  readonly symbol: string;
  readonly buy: QuoteRow;
  readonly sell: QuoteRow;
  readonly net: number | null;
}

function Cell({ symbol, buy, sell, net }: CellProps) {
  if (buy.venue === sell.venue) return <td class="own" />;
  const id = `${symbol}:${buy.venue}:${sell.venue}`;
  if (net === null) {
    return (
      <td class="none" data-route={id}>
        <a href={routeHref(id)}>–</a>
      </td>
    );
  }
  const heat = Math.round(Math.min(1, Math.abs(net) / FULL_BPS) * 100);
  return (
    <td class={net >= 0 ? 'plus' : 'minus'} data-route={id} style={{ '--heat': `${heat}` }}>
      <a href={routeHref(id)}>{signedBps(net)}</a>
    </td>
  );
}

/** After the taker fees that both venues ask of this pair; null = a leg is not valid. */
function netOf(buy: QuoteRow, sell: QuoteRow): number | null {
  if (!buy.valid || !sell.valid || buy.ask === null || sell.bid === null) return null;
  return ((sell.bid * (1 - sell.takerFeeBps / 1e4)) / (buy.ask * (1 + buy.takerFeeBps / 1e4)) - 1) * 1e4;
}

/** The symbol that is meant: that one, or the one on most venues of those that contain the text. */
function match(symbols: SymbolsReply | null, text: string): string {
  const known = symbols?.symbols ?? [];
  if (known.some(({ symbol }) => symbol === text)) return text;
  const like = known.filter(({ symbol }) => symbol.toUpperCase().includes(text));
  const best = like.toSorted(
    (a, b) => b.venues.length - a.venues.length || a.symbol.length - b.symbol.length,
  )[0];
  return best?.symbol ?? text;
}

function firstOf(symbols: SymbolsReply | null): string | null {
  if (symbols === null) return null;
  const known = symbols.symbols;
  if (known.some(({ symbol }) => symbol === FIRST)) return FIRST;
  return known.toSorted((a, b) => b.venues.length - a.venues.length)[0]?.symbol ?? null;
}
