import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type BookTicker,
  type Disconnect,
  normalizeBookTickers,
  normalizeTrades,
  streamNormalized,
  type Trade,
} from 'tardis-dev';
import { KucoinRealTimeFeed } from 'tardis-dev/dist/realtimefeeds/kucoin.js';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { indexJournal, type JournalFile, journalFile, quoteKey } from './journal-file.ts';

const QUOTES = 40;
const TRADES = 8;

type Exchange = 'binance' | 'bybit-spot' | 'okex' | 'gate-io' | 'kucoin' | 'bitget';

interface Judge {
  readonly venue: VenueId;
  /** The environment variable that replaces its address; KuCoin has none. */
  readonly variable: string | undefined;
  readonly path: string;
  readonly symbol: (base: string) => string;
  /** ms by which tardis' time of a quote is later than the journal's; undefined = tardis reports none of the venue's. */
  readonly quoteLater: number | undefined;
}

// MEXC and BingX it does not have.
const JUDGES: Readonly<Record<Exchange, Judge>> = {
  binance: {
    venue: 'binance',
    variable: 'WSS_URL_BINANCE',
    path: '/stream?timeUnit=microsecond',
    symbol: (base) => `${base}USDT`,
    quoteLater: undefined,
  },
  'bybit-spot': {
    venue: 'bybit',
    variable: 'WSS_URL_BYBIT_SPOT',
    path: '/v5/public/spot',
    symbol: (base) => `${base}USDT`,
    // tardis takes the time of the push, the journal has that of the matching engine.
    quoteLater: 1,
  },
  okex: {
    venue: 'okx',
    variable: 'WSS_URL_OKEX',
    path: '/ws/v5/public',
    symbol: (base) => `${base}-USDT`,
    quoteLater: 0,
  },
  'gate-io': {
    venue: 'gate',
    variable: 'WSS_URL_GATE_IO',
    path: '/ws/v4/',
    symbol: (base) => `${base}_USDT`,
    quoteLater: 0,
  },
  kucoin: {
    venue: 'kucoin',
    variable: undefined,
    path: '',
    symbol: (base) => `${base}-USDT`,
    // tardis reads /market/ticker, whose time is that of the last match.
    quoteLater: undefined,
  },
  bitget: {
    venue: 'bitget',
    variable: 'WSS_URL_BITGET',
    path: '/v2/ws/public',
    symbol: (base) => `${base}USDT`,
    quoteLater: 0,
  },
};

interface SeenQuote {
  readonly symbol: string;
  readonly timestamp: Date;
  readonly bidPrice: number | undefined;
  readonly bidAmount: number | undefined;
  readonly askPrice: number | undefined;
  readonly askAmount: number | undefined;
}

interface SeenTrade {
  readonly symbol: string;
  readonly id: string | undefined;
  readonly price: number;
  readonly amount: number;
  readonly side: string;
  readonly timestamp: Date;
}

interface Report {
  readonly quotes: SeenQuote[];
  readonly trades: SeenTrade[];
}

describe('tardis-dev, unchanged but for its base addresses, reads from the simulator what the journal says', () => {
  let simulator: Simulator;
  let journal: JournalFile;
  let index: ReturnType<typeof indexJournal>;
  const reports = new Map<string, Report>();

  before(async () => {
    journal = await journalFile();
    simulator = await startSimulator({ port: 0, symbols: 12, rate: 600, seed: 5, journal: journal.path });
    const ws = simulator.url.replace('http', 'ws');
    for (const { variable, venue, path } of Object.values(JUDGES)) {
      if (variable !== undefined) process.env[variable] = `${ws}/${venue}${path}`;
    }
    redirectKucoin(`${simulator.url}/kucoin/api`);
    const exchanges = Object.keys(JUDGES) as Exchange[];
    await Promise.all(exchanges.map(async (exchange) => reports.set(exchange, await listen(exchange))));
    await simulator.stop();
    index = indexJournal(await journal.read());
  });

  after(async () => {
    for (const { variable } of Object.values(JUDGES))
      if (variable !== undefined) delete process.env[variable];
    await journal.remove();
  });

  for (const [exchange, judge] of Object.entries(JUDGES)) {
    it(`${exchange}: quotes`, () => {
      const quotes = reports.get(exchange)?.quotes ?? [];
      assert.ok(quotes.length >= QUOTES);
      for (const each of quotes) {
        const lines = index.quotes.get(
          quoteKey(
            judge.venue,
            symbolOf(judge, each.symbol),
            each.bidPrice,
            each.bidAmount,
            each.askPrice,
            each.askAmount,
          ),
        );
        assert.ok(lines !== undefined, `never published: ${JSON.stringify(each)}`);
        const { quoteLater } = judge;
        if (quoteLater === undefined) continue;
        const times = lines.map((line) => (line.venueTime ?? 0) / 1_000 + quoteLater);
        assert.ok(
          times.includes(each.timestamp.getTime()),
          `${each.timestamp.getTime()} is none of ${times}`,
        );
      }
    });

    it(`${exchange}: trades`, () => {
      const trades = reports.get(exchange)?.trades ?? [];
      assert.ok(trades.length >= TRADES);
      for (const each of trades) {
        const line = index.trades.get(`${judge.venue} ${symbolOf(judge, each.symbol)} ${each.id}`);
        assert.ok(line !== undefined, `never published: ${JSON.stringify(each)}`);
        assert.deepEqual(
          { price: each.price, size: each.amount, side: each.side, ms: each.timestamp.getTime() },
          { price: line.price, size: line.size, side: line.side, ms: Math.floor(line.venueTime / 1_000) },
        );
      }
    });
  }
});

/** tardis asks a fixed address for KuCoin's token, set in the constructor: the prototype takes the setting and gives ours. */
function redirectKucoin(url: string): void {
  Object.defineProperty(KucoinRealTimeFeed.prototype, '_httpURL', { get: () => url, set: () => undefined });
}

/** The canonical symbol of a native id of these coins. */
function symbolOf(judge: Judge, nativeId: string): string {
  const base = ['BTC', 'ETH'].find((each) => judge.symbol(each) === nativeId.toUpperCase());
  assert.ok(base !== undefined, `${nativeId} was not asked for`);
  return `${base}-USDT`;
}

/** Lets tardis stream one venue until it has reported enough of both kinds. */
async function listen(exchange: Exchange): Promise<Report> {
  const report: Report = { quotes: [], trades: [] };
  const symbols = ['BTC', 'ETH'].map(JUDGES[exchange].symbol);
  const messages: AsyncIterable<BookTicker | Trade | Disconnect> = streamNormalized(
    { exchange, symbols, timeoutIntervalMS: 10_000 },
    normalizeTrades,
    normalizeBookTickers,
  );
  for await (const message of messages) {
    if (message.type === 'book_ticker') report.quotes.push(message);
    if (message.type === 'trade') report.trades.push(message);
    if (report.quotes.length >= QUOTES && report.trades.length >= TRADES) break;
  }
  return report;
}
