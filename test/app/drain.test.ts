import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drain, MARKET } from '../../src/app/drain.ts';
import { QUOTE_SCHEMA, QuoteKind, TRADE_SCHEMA } from '../../src/core/records.ts';
import { Market } from '../../src/market/market.ts';
import type { OpportunityFollower } from '../../src/market/opportunities.ts';
import { createRing, RingProducer, ringProgress } from '../../src/ring/ring.ts';
import { FREE } from '../market/rules.ts';

const START = 1_700_000_000_000_000;

/** Two feeds whose rings hold so many rows each, and a market with one route between them. */
function rigOf(rows: number) {
  const consumers = [{ name: MARKET, policy: 'gate' }] as const;
  const hosts = ['feed0', 'feed1'].map((name) => ({
    quotes: createRing(`${name}.quotes`, QUOTE_SCHEMA, 65_536, consumers),
    trades: createRing(`${name}.trades`, TRADE_SCHEMA, 65_536, consumers),
  }));
  const closed: number[] = [];
  const follower: OpportunityFollower = {
    closed: ({ columns }, slot) => closed.push(columns.ticks[slot] ?? 0),
  };
  const market = new Market({
    ...{ instrumentCapacity: 2, symbolCapacity: 1, maxQuoteAgeMs: 60_000 },
    analysis: {
      ...{ ...FREE, pairs: 1, thresholds: { openNet: 0.001, closeNet: 0.0005 }, followers: [follower] },
      opportunities: { openCapacity: 4 },
    },
  });
  for (const [instrument, venue] of (['binance', 'okx'] as const).entries()) {
    const names = { nativeId: 'X', symbol: 'X-USDT', base: 'X', quote: 'USDT' };
    market.list({ ...names, instrument, venue, takerFee: 0 });
  }
  hosts.forEach(({ quotes, trades }, instrument) => {
    const [quote, trade] = [new RingProducer(quotes), new RingProducer(trades)];
    for (let i = 0; i < rows; i += 1) {
      const at = quote.claim();
      assert.ok(at >= 0 && trade.claim() >= 0);
      quote.columns.instrument[at] = instrument;
      quote.columns.kind[at] = QuoteKind.quote;
      quote.columns.epoch[at] = 1;
      quote.columns.receiveTime[at] = START + i;
      for (const name of ['bid', 'ask'] as const) quote.columns[name][at] = instrument === 0 ? 100 : 101;
      for (const name of ['bidSize', 'askSize'] as const) quote.columns[name][at] = 1;
    }
    quote.publish();
    trade.publish();
  });
  const lags = () =>
    hosts.flatMap(({ quotes, trades }) => [quotes, trades].map((ring) => ringProgress(ring).lag[MARKET]));
  return { drain: new Drain(hosts, market, () => START + rows), market, closed, lags };
}

test('whoever leaves takes in all that is in the rings first', () => {
  const { drain, market, closed, lags } = rigOf(40_000);
  drain.runAll();
  assert.deepEqual(lags(), [0, 0, 0, 0]);
  market.leave(START + 40_001);
  // Open since the first quote of the second feed: each of its 40,000 is a tick.
  assert.deepEqual(closed, [40_000]);
});

test('while it runs it takes a part at a time, and leaves the thread to others between', async () => {
  const { drain, lags } = rigOf(40_000);
  drain.run();
  assert.deepEqual(lags(), [23_616, 23_616, 23_616, 23_616]);
  for (let turns = 1; turns <= 2; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(lags(), [0, 0, 0, 0]);
  drain.stop();
});
