import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QuoteRow, RouteRow } from '../../src/wire/api.ts';
import type { NaiveListing } from './naive-feed.ts';
import type { NaiveQuote } from './naive-quotes.ts';

const MAX_AGE_US = 60_000_000;
const WINDOW_US = 3_600_000_000;
const SAMPLE_US = 1_000_000;
const ROWS_PER_FILE_WRITE = 1_000;

interface Point {
  readonly time: number;
  readonly bid: number | null;
  readonly ask: number | null;
}

/** Last quotes, a list of points per instrument for the last hour, and a buffer of rows per instrument for its file. */
export class NaiveMarket {
  readonly #folder: string;
  readonly #fees = new Map<string, number>();
  readonly #last = new Map<string, Map<string, NaiveQuote>>();
  readonly #windows = new Map<string, Point[]>();
  readonly #rows = new Map<string, NaiveQuote[]>();
  recorded = 0;

  constructor(folder: string) {
    this.#folder = folder;
    setInterval(() => this.#clean(), 1000);
  }

  list(listings: readonly NaiveListing[]): void {
    for (const { venue, symbol, takerFee } of listings) this.#fees.set(`${venue} ${symbol}`, takerFee);
  }

  async take(quote: NaiveQuote): Promise<void> {
    const key = `${quote.venue} ${quote.symbol}`;
    const venues = this.#last.get(quote.symbol) ?? new Map<string, NaiveQuote>();
    this.#last.set(quote.symbol, venues.set(quote.venue, quote));
    const window = this.#windows.get(key) ?? [];
    this.#windows.set(key, window);
    if (quote.receiveTime - (window.at(-1)?.time ?? 0) >= SAMPLE_US) {
      window.push({ time: quote.receiveTime, bid: quote.bid, ask: quote.ask });
    }
    const rows = this.#rows.get(key) ?? [];
    this.#rows.set(key, rows);
    rows.push(quote);
    if (rows.length >= ROWS_PER_FILE_WRITE) await this.#write(key);
  }

  async flush(): Promise<void> {
    for (const key of this.#rows.keys()) await this.#write(key);
  }

  quotes(symbol: string, now: number): QuoteRow[] {
    return [...(this.#last.get(symbol)?.values() ?? [])].map((quote) => ({
      ...quote,
      ageMs: (now - quote.receiveTime) / 1000,
      valid: isSound(quote, now),
      takerFeeBps: (this.#fees.get(`${quote.venue} ${symbol}`) ?? 0) * 1e4,
      lastTrade: null,
    }));
  }

  /** Every route with two valid legs, the best net spread first. */
  routes(now: number): RouteRow[] {
    const routes: RouteRow[] = [];
    for (const venues of this.#last.values()) {
      const legs = [...venues.values()].filter((quote) => isSound(quote, now));
      for (const buy of legs) {
        for (const sell of legs) if (buy !== sell) routes.push(this.#route(buy, sell, now));
      }
    }
    return routes.sort((a, b) => b.netBps - a.netBps);
  }

  #route(buy: NaiveQuote, sell: NaiveQuote, now: number): RouteRow {
    const [ask, bid] = [buy.ask ?? 0, sell.bid ?? 0];
    const fee = (quote: NaiveQuote): number => this.#fees.get(`${quote.venue} ${quote.symbol}`) ?? 0;
    const size = Math.min(buy.askSize ?? 0, sell.bidSize ?? 0);
    return {
      id: `${buy.symbol}:${buy.venue}:${sell.venue}`,
      ...{ symbol: buy.symbol, buy: buy.venue, sell: sell.venue, ask, bid, size, notional: size * ask },
      grossBps: (bid / ask - 1) * 10_000,
      netBps: ((bid * (1 - fee(sell))) / (ask * (1 + fee(buy))) - 1) * 10_000,
      buyAgeMs: (now - buy.receiveTime) / 1000,
      sellAgeMs: (now - sell.receiveTime) / 1000,
      // What it does not know.
      ...{ bandLowBps: null, bandHighBps: null, opportunitiesPerHour: null },
      ...{ verdict: 'not-enough-data', identity: 'ok' },
    };
  }

  async #write(key: string): Promise<void> {
    const rows = this.#rows.get(key) ?? [];
    this.#rows.set(key, []);
    const lines = rows.map((row) => Object.values(row).join(','));
    await appendFile(join(this.#folder, `${key.replace(' ', '-')}.csv`), `${lines.join('\n')}\n`);
    this.recorded += rows.length;
  }

  #clean(): void {
    const oldest = Date.now() * 1000 - WINDOW_US;
    for (const [key, window] of this.#windows) {
      this.#windows.set(
        key,
        window.filter((point) => point.time >= oldest),
      );
    }
  }
}

function isSound({ bid, ask, bidSize, askSize, receiveTime }: NaiveQuote, now: number): boolean {
  return (
    bid !== null &&
    ask !== null &&
    ask >= bid &&
    (bidSize ?? 0) > 0 &&
    (askSize ?? 0) > 0 &&
    now - receiveTime <= MAX_AGE_US
  );
}
