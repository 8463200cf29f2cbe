import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import ccxt from 'ccxt';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { indexJournal, type JournalFile, journalFile, quoteKey } from './journal-file.ts';

const SYMBOLS = ['BTC/USDT', 'ETH/USDT', 'SOL/USDT'];
const QUOTES = 40;
const TRADES = 12;

interface CcxtTicker {
  readonly symbol: string;
  readonly timestamp: number | undefined;
  readonly bid: number | undefined;
  readonly bidVolume: number | undefined;
  readonly ask: number | undefined;
  readonly askVolume: number | undefined;
}

interface CcxtTrade {
  readonly id: string | undefined;
  readonly symbol: string;
  readonly timestamp: number;
  readonly price: number;
  readonly amount: number;
  readonly side: 'buy' | 'sell';
}

/** The part of a ccxt pro exchange that is used here. */
interface CcxtExchange {
  urls: { api: unknown };
  options: Record<string, unknown>;
  newUpdates: boolean;
  loadHttpProxyAgent(): Promise<unknown>;
  loadMarkets(): Promise<Record<string, unknown>>;
  watchBidsAsks(symbols: string[]): Promise<Record<string, CcxtTicker>>;
  watchTicker(symbol: string): Promise<CcxtTicker>;
  watchTrades(symbol: string): Promise<CcxtTrade[]>;
  close(): Promise<unknown>;
}

interface Judge {
  /** What replaces the addresses, given `http://…/<venue>` and `ws://…/<venue>`. */
  readonly addresses: (http: string, ws: string) => unknown;
  /** ccxt's way to the best bid and ask of this venue. */
  readonly quotes: 'watchBidsAsks' | 'watchTicker';
  /** Whether what ccxt calls the quote's time is the quote's own. */
  readonly quoteTime: boolean;
  /** Whether ccxt reports trade ids (its schema of MEXC is older than they are). */
  readonly tradeIds: boolean;
}

const JUDGES: Readonly<Record<VenueId, Judge>> = {
  binance: {
    addresses: (http, ws) => ({ public: `${http}/api/v3`, ws: { spot: `${ws}/stream/ws` } }),
    quotes: 'watchBidsAsks',
    quoteTime: false,
    tradeIds: true,
  },
  bybit: {
    addresses: (http, ws) => ({ public: http, ws: { public: { spot: `${ws}/v5/public/spot` } } }),
    quotes: 'watchBidsAsks',
    quoteTime: false,
    tradeIds: true,
  },
  okx: {
    addresses: (http, ws) => ({ rest: http, ws: `${ws}/ws/v5` }),
    quotes: 'watchBidsAsks',
    quoteTime: true,
    tradeIds: true,
  },
  gate: {
    addresses: (http, ws) => ({
      public: { spot: `${http}/api/v4`, margin: `${http}/api/v4` },
      spot: `${ws}/ws/v4/`,
    }),
    quotes: 'watchBidsAsks',
    quoteTime: true,
    tradeIds: true,
  },
  kucoin: {
    addresses: (http) => ({ public: http }),
    quotes: 'watchBidsAsks',
    quoteTime: true,
    tradeIds: true,
  },
  bitget: {
    addresses: (http, ws) => ({
      spot: http,
      margin: http,
      common: http,
      ws: { public: `${ws}/v2/ws/public` },
    }),
    quotes: 'watchBidsAsks',
    quoteTime: true,
    tradeIds: true,
  },
  mexc: {
    addresses: (http, ws) => ({
      spot: { public: http },
      contract: { public: `${http}/api/v1/contract` },
      ws: { spot: `${ws}/ws` },
    }),
    quotes: 'watchTicker',
    quoteTime: true,
    tradeIds: false,
  },
  bingx: {
    addresses: (http, ws) => ({
      spot: `${http}/openApi`,
      swap: `${http}/openApi`,
      cswap: `${http}/openApi`,
      ws: { spot: `${ws}/market` },
    }),
    quotes: 'watchTicker',
    quoteTime: false,
    tradeIds: true,
  },
};

interface Report {
  readonly quotes: CcxtTicker[];
  readonly trades: CcxtTrade[];
}

describe('ccxt pro, unchanged but for its base addresses, reads from the simulator what the journal says', () => {
  let simulator: Simulator;
  let journal: JournalFile;
  let index: ReturnType<typeof indexJournal>;
  const reports = new Map<VenueId, Report>();

  before(async () => {
    journal = await journalFile();
    simulator = await startSimulator({ port: 0, symbols: 12, rate: 600, seed: 3, journal: journal.path });
    const venues = Object.keys(JUDGES) as VenueId[];
    await Promise.all(venues.map(async (venue) => reports.set(venue, await listen(venue, simulator.url))));
    await simulator.stop();
    index = indexJournal(await journal.read());
  });

  after(() => journal.remove());

  for (const [venue, judge] of Object.entries(JUDGES)) {
    it(`${venue}: quotes`, () => {
      const quotes = reports.get(venue as VenueId)?.quotes ?? [];
      assert.ok(quotes.length >= QUOTES);
      assert.equal(new Set(quotes.map((each) => each.symbol)).size, SYMBOLS.length);
      for (const each of quotes) {
        const symbol = each.symbol.replace('/', '-');
        const lines = index.quotes.get(
          quoteKey(venue, symbol, each.bid, each.bidVolume, each.ask, each.askVolume),
        );
        assert.ok(lines !== undefined, `never published: ${JSON.stringify(each)}`);
        if (!judge.quoteTime) continue;
        const times = lines.map((line) => (line.venueTime ?? 0) / 1_000);
        assert.ok(times.includes(each.timestamp ?? -1), `${each.timestamp} is none of ${times}`);
      }
    });

    it(`${venue}: trades`, () => {
      const trades = reports.get(venue as VenueId)?.trades ?? [];
      assert.ok(trades.length >= TRADES);
      for (const each of trades) {
        const symbol = each.symbol.replace('/', '-');
        const line = judge.tradeIds
          ? index.trades.get(`${venue} ${symbol} ${each.id}`)
          : [...index.trades.values()].find(
              (candidate) =>
                candidate.venue === venue &&
                candidate.symbol === symbol &&
                candidate.price === each.price &&
                candidate.size === each.amount,
            );
        assert.ok(line !== undefined, `never published: ${JSON.stringify(each)}`);
        assert.deepEqual(
          { price: each.price, size: each.amount, side: each.side, ms: each.timestamp },
          { price: line.price, size: line.size, side: line.side, ms: Math.floor(line.venueTime / 1_000) },
        );
      }
    });
  }
});

/** Lets ccxt watch one venue until it has reported enough of both kinds. */
async function listen(venue: VenueId, url: string): Promise<Report> {
  const judge = JUDGES[venue];
  const Exchange = (ccxt.pro as unknown as Record<string, new (options: object) => CcxtExchange>)[venue];
  assert.ok(Exchange !== undefined);
  const exchange = new Exchange({ newUpdates: true });
  const http = `${url}/${venue}`;
  merge(exchange.urls.api, judge.addresses(http, http.replace('http', 'ws')));
  merge(exchange.options, { fetchMarkets: { types: ['spot'] } });
  await exchange.loadHttpProxyAgent();
  const markets = await exchange.loadMarkets();
  for (const symbol of SYMBOLS) assert.ok(markets[symbol] !== undefined, `${venue} lists ${symbol}`);
  const report: Report = { quotes: [], trades: [] };
  try {
    await Promise.all([
      judge.quotes === 'watchBidsAsks' ? watchAll(exchange, report) : watchEach(exchange, report),
      ...SYMBOLS.map((symbol) => watchTrades(exchange, symbol, report)),
    ]);
  } finally {
    await exchange.close();
  }
  return report;
}

async function watchAll(exchange: CcxtExchange, report: Report): Promise<void> {
  while (
    report.quotes.length < QUOTES ||
    new Set(report.quotes.map((each) => each.symbol)).size < SYMBOLS.length
  ) {
    for (const each of Object.values(await exchange.watchBidsAsks(SYMBOLS))) report.quotes.push({ ...each });
  }
}

async function watchEach(exchange: CcxtExchange, report: Report): Promise<void> {
  await Promise.all(
    SYMBOLS.map(async (symbol) => {
      for (let n = 0; n < QUOTES / SYMBOLS.length; n += 1) {
        report.quotes.push({ ...(await exchange.watchTicker(symbol)) });
      }
    }),
  );
}

async function watchTrades(exchange: CcxtExchange, symbol: string, report: Report): Promise<void> {
  let seen = 0;
  while (seen < TRADES / SYMBOLS.length) {
    const trades = await exchange.watchTrades(symbol);
    seen += trades.length;
    for (const each of trades) report.trades.push({ ...each });
  }
}

/** Lays what is given over what is there, branch by branch. */
function merge(target: unknown, given: unknown): void {
  const into = target as Record<string, unknown>;
  for (const [name, value] of Object.entries(given as Record<string, unknown>)) {
    const there = into[name];
    if (typeof value === 'object' && !Array.isArray(value) && typeof there === 'object' && there !== null) {
      merge(there, value);
    } else {
      into[name] = value;
    }
  }
}
