import type { Exchange } from '../exchange.ts';
import type { SimInstrument } from '../universe.ts';

export interface RestRequest {
  readonly method: string;
  /** Without the venue's prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

/** 24 h statistics and the book's top, as decimal texts; a missing side is empty. */
export interface DayRow {
  readonly instrument: SimInstrument;
  readonly bid: string;
  readonly bidSize: string;
  readonly ask: string;
  readonly askSize: string;
  readonly last: string;
  readonly baseVolume: string;
  readonly quoteVolume: string;
  readonly usdVolume: string;
}

export function dayRows(exchange: Exchange): DayRow[] {
  const { market } = exchange;
  const btc = exchange.all().find((each) => each.symbol === 'BTC-USDT');
  const btcPrice = btc === undefined ? 84_000 : lastOf(exchange, btc);
  return exchange.listed().map((instrument) => {
    const { slot, priceDecimals, sizeDecimals } = instrument;
    const last = lastOf(exchange, instrument);
    const quoteVolume = instrument.usdVolume / (instrument.quoteAsset < 0 ? 1 : btcPrice);
    return {
      instrument,
      bid: decimal(market.bid[slot] as number, priceDecimals),
      bidSize: decimal(market.bidSize[slot] as number, sizeDecimals),
      ask: decimal(market.ask[slot] as number, priceDecimals),
      askSize: decimal(market.askSize[slot] as number, sizeDecimals),
      last: last.toFixed(priceDecimals),
      baseVolume: (quoteVolume / last).toFixed(8),
      quoteVolume: quoteVolume.toFixed(8),
      usdVolume: instrument.usdVolume.toFixed(8),
    };
  });
}

function lastOf(exchange: Exchange, { slot, priceDecimals }: SimInstrument): number {
  const { market } = exchange;
  return ((market.bid[slot] || market.ask[slot]) as number) / 10 ** priceDecimals;
}

/** Whole ticks or lots as text; '' for a side that is missing. */
export function decimal(value: number, decimals: number): string {
  return value === 0 ? '' : (value / 10 ** decimals).toFixed(decimals);
}

/** The smallest step of a number with so many decimals, as text. */
export function step(decimals: number): string {
  return (10 ** -decimals).toFixed(decimals);
}
