import { useEffect, useState } from 'preact/hooks';
import type { QuotesReply, SymbolsReply, VenueRow } from '../../../src/wire/api.ts';
import { ask } from '../api.ts';
import { age, price, signedBps } from '../format.ts';
import { matrixHref, matrixSymbol, routeHref } from '../location.ts';
import { venues, venueTitle } from '../state.ts';
import type { Stream } from '../stream.ts';
import type { TopicMessage } from '../topics.ts';
import { useTopic } from './use-topic.ts';

type QuotesMessage = TopicMessage & QuotesReply;
const isQuotes = (message: TopicMessage): message is QuotesMessage => 'quotes' in message;

const FIRST = 'BTC-USDT';
/** From so many bps on a cell is shown in the strongest shade. */
const SHADES = [0, 5, 10, 20, 40];

/** One symbol on all its venues: what buying on the row's and selling on the column's leaves after fees. */
export function MatrixPage({ stream }: { stream: Stream }) {
  const symbol = matrixSymbol.value ?? FIRST;
  const { data, error } = useTopic(stream, `quotes/${symbol}`, isQuotes);
  return (
    <section class="sheet scrolls" aria-label="Matrix">
      <header class="bar">
        <h2>{symbol}</h2>
        <SymbolChoice symbol={symbol} />
        <p class="dim">net bps after the taker fees of both venues: buy in the row, sell in the column</p>
      </header>
      {error !== '' && (
        <p class="trouble" role="alert">
          {error}
        </p>
      )}
      {data === null && error === '' && <p class="wait">Waiting for quotes …</p>}
      {data !== null && <Matrix quotes={data} />}
    </section>
  );
}

function SymbolChoice({ symbol }: { symbol: string }) {
  const [known, setKnown] = useState<readonly string[]>([]);
  useEffect(() => {
    ask<SymbolsReply>('symbols').then(
      ({ symbols }) => setKnown(symbols.filter((one) => one.venues.length > 1).map((one) => one.symbol)),
      // Without the list a symbol can still be typed.
      () => setKnown([]),
    );
  }, []);
  return (
    <>
      <input
        id="search"
        type="search"
        list="symbols"
        aria-label="Symbol of the matrix"
        placeholder="Symbol  ( / )"
        autocomplete="off"
        spellcheck={false}
        key={symbol}
        onChange={(event) => {
          const text = event.currentTarget.value.trim().toUpperCase();
          if (text !== '') window.location.hash = matrixHref(text);
        }}
      />
      <datalist id="symbols">
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

function Matrix({ quotes: { symbol, quotes } }: { quotes: QuotesReply }) {
  const fees = new Map((venues.value ?? []).map((row: VenueRow) => [row.venue, row.takerFeeBps / 10_000]));
  const net = (buy: (typeof quotes)[number], sell: (typeof quotes)[number]): number | null => {
    if (!buy.valid || !sell.valid || buy.ask === null || sell.bid === null) return null;
    const cost = buy.ask * (1 + (fees.get(buy.venue) ?? 0));
    return ((sell.bid * (1 - (fees.get(sell.venue) ?? 0))) / cost - 1) * 10_000;
  };
  return (
    <table class="plain matrix" id="matrix">
      <thead>
        <tr>
          <th scope="col">buy ↓ sell →</th>
          <th scope="col" class="num">
            Ask
          </th>
          {quotes.map((sell) => (
            <th key={sell.venue} scope="col" class={sell.valid ? 'num' : 'num dim'}>
              {venueTitle(sell.venue)}
              <small> {price(sell.bid)}</small>
            </th>
          ))}
          <th scope="col" class="num">
            Age
          </th>
        </tr>
      </thead>
      <tbody>
        {quotes.map((buy) => (
          <tr key={buy.venue} class={buy.valid ? '' : 'dim'}>
            <th scope="row">{venueTitle(buy.venue)}</th>
            <td class="num">{price(buy.ask)}</td>
            {quotes.map((sell) => {
              if (sell.venue === buy.venue) return <td key={sell.venue} class="self" />;
              const figure = net(buy, sell);
              const id = `${symbol}:${buy.venue}:${sell.venue}`;
              return (
                <td key={sell.venue} class={`num ${shade(figure)}`} data-route={id}>
                  <a href={routeHref(id)}>{signedBps(figure)}</a>
                </td>
              );
            })}
            <td class="num dim">{buy.valid ? age(buy.ageMs) : `invalid, ${age(buy.ageMs)}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function shade(bps: number | null): string {
  if (bps === null) return 'none';
  const step = SHADES.filter((least) => bps >= least).length;
  return `shade${step}`;
}
