import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GapsQuery, TradesQuery } from '../../src/gateway/sources.ts';
import type { FoundGaps, TradeFlow } from '../../src/wire/api.ts';
import { FakeSources, NOW, start } from './fake-sources.ts';

const GAPS: FoundGaps = {
  gaps: [
    {
      ...{ venue: 'okx', reason: 'silence', from: NOW - 10, to: NOW, open: true },
      ...{ symbols: 3, symbolMs: 9, rowsLost: null },
    },
  ],
  more: true,
  recorded: [{ venue: 'okx', since: 5 }],
};
const FLOWS: readonly TradeFlow[] = [
  { venue: 'okx', time: [NOW - 7], bought: [1.5], sold: [0], trades: [2] },
];
const HOUR = 3_600_000_000;

class Recorded extends FakeSources {
  readonly gapsAsked: GapsQuery[] = [];
  readonly tradesAsked: TradesQuery[] = [];

  async gaps(query: GapsQuery): Promise<FoundGaps> {
    this.gapsAsked.push(query);
    return GAPS;
  }

  async trades(query: TradesQuery): Promise<readonly TradeFlow[]> {
    this.tradesAsked.push(query);
    return FLOWS;
  }
}

async function open(sources: FakeSources) {
  const gateway = await start(sources);
  const get = async (path: string) => {
    const reply = await fetch(`${gateway.url}/api/v1/${path}`);
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  return { gateway, get };
}

test('gaps are asked for by range and venue, and what is not allowed is told', async (t) => {
  const sources = new Recorded();
  const { gateway, get } = await open(sources);
  t.after(() => gateway.stop());
  assert.deepEqual(await get('gaps'), { status: 200, body: { from: NOW - 24 * HOUR, to: NOW, ...GAPS } });
  await get('gaps?from=-2h&to=-1h&venue=okx&limit=7');
  assert.deepEqual(sources.gapsAsked, [
    { from: NOW - 24 * HOUR, to: NOW, now: NOW, venue: undefined, limit: 1000 },
    { from: NOW - 2 * HOUR, to: NOW - HOUR, now: NOW, venue: 'okx', limit: 7 },
  ]);
  for (const query of ['from=-8d', 'from=-1h&to=-2h', 'venue=nyse', 'limit=5001', 'symbol=A'])
    assert.equal((await get(`gaps?${query}`)).status, 400, query);
});

test('trades are asked for by symbol, venues and range, and what is not allowed is told', async (t) => {
  const sources = new Recorded();
  const { gateway, get } = await open(sources);
  t.after(() => gateway.stop());
  const range = { from: NOW - HOUR, to: NOW };
  assert.deepEqual(await get('trades?symbol=BTC-USDT&venues=okx,gate,okx'), {
    status: 200,
    body: { symbol: 'BTC-USDT', ...range, points: 300, venues: FLOWS },
  });
  assert.deepEqual(sources.tradesAsked, [
    { symbol: 'BTC-USDT', venues: ['okx', 'gate'], ...range, spans: 300 },
  ]);
  const wrong: [string, number][] = [
    ['venues=okx', 400],
    ['symbol=A', 400],
    ['symbol=A&venues=nyse', 404],
    ['symbol=A&venues=okx,gate,mexc,bybit,binance', 400],
    ['symbol=A&venues=okx&from=-8d', 400],
    ['symbol=A&venues=okx&from=now&to=now', 400],
    ['symbol=A&venues=okx&points=2001', 400],
  ];
  for (const [query, status] of wrong) assert.equal((await get(`trades?${query}`)).status, status, query);
});

test('without a recording there is neither', async (t) => {
  const { gateway, get } = await open(new FakeSources());
  t.after(() => gateway.stop());
  for (const path of ['gaps', 'trades?symbol=A&venues=okx']) {
    const { status, body } = await get(path);
    assert.deepEqual([status, (body.error as { readonly code: string }).code], [404, 'NO_LAKE']);
  }
});
