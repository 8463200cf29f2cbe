import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sparklines, sparklineFacts } from '../../src/app/sparklines.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { Market } from '../../src/market/market.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { chance } from '../lake/journal-rig.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const START = 1_700_000_040 * SECOND;
const ROUTE = { symbol: 'A-USDT', buy: 'okx', sell: 'gate' } as const;
const MAX_AGE_MS = 20_000;

function marketOf(): Market {
  const market = new Market({
    ...{ instrumentCapacity: 4, symbolCapacity: 2, maxQuoteAgeMs: MAX_AGE_MS },
    windows: { spanMs: 3_600_000, resolutionMs: 1000, bytes: 2e6 },
  });
  const names = { symbol: 'A-USDT', base: 'A', quote: 'USDT' };
  market.list({ ...names, nativeId: 'a', instrument: 0, venue: 'okx', takerFee: 0.001 });
  market.list({ ...names, nativeId: 'b', instrument: 1, venue: 'gate', takerFee: 0.002 });
  return market;
}

/** An hour and more of quotes, ends and silences; answers what the live market said at the end of each minute. */
function live(market: Market, minutes: number): (number | null)[] {
  const random = chance(3);
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  const said: (number | null)[] = [];
  let at = START + 300_001;
  let epoch = 1;
  for (let minute = 1; minute <= minutes; minute++) {
    const end = START + minute * MINUTE;
    // No two in one second, of which a window keeps only the last.
    for (; at < end; at += (1 + Math.floor(random() * (random() < 0.02 ? 50 : 3))) * SECOND) {
      const ended = random() < 0.03;
      if (ended) epoch++;
      const bid = 100 + Math.round(random() * 100) / 100;
      columns.instrument[0] = random() < 0.5 ? 0 : 1;
      columns.kind[0] = ended ? QuoteKind.ended : QuoteKind.quote;
      columns.epoch[0] = epoch;
      columns.venueTime[0] = Number.NaN;
      columns.sequence[0] = Number.NaN;
      columns.receiveTime[0] = at;
      columns.bid[0] = bid;
      columns.ask[0] = bid + 0.01;
      columns.bidSize[0] = random() < 0.02 ? 0 : 1;
      columns.askSize[0] = 1;
      market.applyQuotes(columns, 0, 1, 0, at);
    }
    said.push(market.route('A-USDT', 'okx', 'gate', end)?.netBps ?? null);
  }
  return said;
}

test('a line tells of each minute what the live market said at its end', async () => {
  const market = marketOf();
  const said = live(market, 75).slice(-60);
  const end = START + 75 * MINUTE;
  const lines = new Sparklines(market, MAX_AGE_MS);
  const { time, routes } = await lines.read([ROUTE], end + 3 * SECOND, new AbortController().signal);
  assert.deepEqual(
    time,
    said.map((_, i) => end - (59 - i) * MINUTE),
  );
  const [line] = routes;
  assert.equal(line?.id, 'A-USDT:okx:gate');
  // Windows keep an hour back from their latest quote: the first minute may have left it.
  said.slice(1).forEach((want, i) => {
    const got = line?.netBps[i + 1] ?? null;
    if (want === null || got === null) assert.equal(got, want, `minute ${i + 1}`);
    else assert.ok(Math.abs(got - want) <= 0.005 + 1e-9, `minute ${i + 1}: ${got} is not ${want}`);
  });
  assert.ok(said.filter((net) => net === null).length > 2, 'some minutes were not valid');
  assert.ok(said.filter((net) => net !== null).length > 30);
});

test('a line is made once a minute, whoever asks, and no more are kept than there is room for', async () => {
  let made = 0;
  const market = marketOf();
  const counted = {
    window: (...leg: Parameters<Market['window']>) => {
      made += 0.5;
      return market.window(...leg);
    },
    takerFee: () => 0,
  };
  const lines = new Sparklines(counted, MAX_AGE_MS);
  const { signal } = new AbortController();
  const at = START + 5 * MINUTE;
  await Promise.all([lines.read([ROUTE], at, signal), lines.read([ROUTE], at + 59 * SECOND, signal)]);
  assert.equal(made, 1);
  await lines.read([ROUTE], at + MINUTE, signal);
  assert.equal(made, 2);
  const { capacity } = sparklineFacts();
  const many = Array.from({ length: capacity + 10 }, (_, i) => ({ ...ROUTE, symbol: `S${i}-USDT` }));
  const { routes } = await lines.read(many, at, signal);
  assert.equal(routes.length, many.length);
  assert.ok(routes.every(({ netBps }) => netBps.length === 60 && netBps.every((net) => net === null)));
  const { used, evicted } = lines.bound();
  assert.deepEqual([used, evicted], [capacity, 11]);
});

test('who goes away while lines are made is not waited for', async () => {
  const lines = new Sparklines(marketOf(), MAX_AGE_MS);
  const abort = new AbortController();
  const many = Array.from({ length: 100 }, (_, i) => ({ ...ROUTE, symbol: `S${i}-USDT` }));
  const reading = lines.read(many, START, abort.signal);
  abort.abort(new Error('gone'));
  await assert.rejects(reading, /gone/);
  await lines.read([ROUTE], START, new AbortController().signal);
});
