import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LakeAnswers, LakeQuestion } from '../../src/app/history-protocol.ts';
import { OpportunitySource, type RecordedOpportunities } from '../../src/app/opportunity-source.ts';
import { InstrumentIndex } from '../../src/core/instruments.ts';
import { CLOSE_REASONS, SURVIVAL_MS } from '../../src/core/opportunity.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { addEdge, noSurvival } from '../../src/core/survival.ts';
import type { ClosedOpportunity } from '../../src/lake/opportunity-rows.ts';
import { Market } from '../../src/market/market.ts';
import { RecentOpportunities } from '../../src/market/recent-opportunities.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { FREE } from '../market/rules.ts';

const START = 1_700_000_000_000_000;
const NEVER = new AbortController().signal;
const SECOND = 1_000_000;

/** A lake that holds these rows. */
class FakeLake implements RecordedOpportunities {
  readonly rows: readonly ClosedOpportunity[];
  asked = 0;

  constructor(rows: readonly ClosedOpportunity[]) {
    this.rows = rows;
  }

  async ask<K extends LakeQuestion['kind']>(
    question: LakeQuestion & { readonly kind: K },
  ): Promise<LakeAnswers[K]> {
    const asked: LakeQuestion = question;
    this.asked++;
    const until = Math.max(...this.rows.map(({ end }) => end));
    const sums = noSurvival();
    const known = (asked.kind === 'survival' ? asked.wish.known : undefined) ?? { from: 0, keys: [] };
    for (const row of this.rows) {
      const key = [row.symbol, row.buy, row.sell, row.start, row.end].join(':');
      if (row.end < known.from || !known.keys.includes(key)) addEdge(sums, row);
    }
    const limit = 'limit' in question ? question.limit : 0;
    const answers: LakeAnswers = {
      leadLag: { legs: [], pairs: [] },
      gaps: { gaps: [], more: false, recorded: [] },
      trades: [],
      opportunities: { rows: this.rows.slice(0, limit), until },
      survival: { rows: [{ symbol: 'X-USDT', buy: 'binance', sell: 'bingx', sums }], until },
    };
    return answers[question.kind];
  }
}

/** A market of one route on which `count` opportunities of half a second closed, a second apart, and the first `parquet` of them are in the lake. */
async function joined(count: number, capacity: number, parquet: number) {
  const recent = new RecentOpportunities(capacity);
  const all: ClosedOpportunity[] = [];
  const index = new InstrumentIndex(4);
  const market = new Market({
    instrumentCapacity: 4,
    symbolCapacity: 2,
    analysis: {
      ...{ ...FREE, pairs: 4, thresholds: { openNet: 0.001, closeNet: 0.0005 } },
      opportunities: { openCapacity: 4 },
      followers: [recent],
    },
  });
  for (const venue of ['binance', 'bingx'] as const) {
    const names = { nativeId: 'X', symbol: 'X-USDT', base: 'X', quote: 'USDT' };
    market.list(index.add({ ...names, venue, takerFee: 0 }));
  }
  const source = new OpportunitySource(market, recent, index);
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  const tell = (time: number, instrument: number, mid: number): void => {
    columns.instrument[0] = instrument;
    columns.kind[0] = QuoteKind.quote;
    columns.epoch[0] = 1;
    columns.receiveTime[0] = time;
    columns.bid[0] = mid - 0.01;
    columns.ask[0] = mid + 0.01;
    columns.bidSize[0] = 1;
    columns.askSize[0] = 1;
    market.applyQuotes(columns, 0, 1, 0, time);
  };
  tell(START, 0, 100);
  for (let i = 0; i < count; i++) {
    tell(START + i * SECOND, 1, 101 + i / 1000);
    tell(START + i * SECOND + SECOND / 2, 1, 100);
    const [last] = (await source.find({ state: 'closed', limit: 1 }, NEVER)).opportunities;
    assert.ok(last !== undefined && last.end !== null);
    all.unshift({ ...last, end: last.end });
  }
  const lake = new FakeLake(all.slice(count - parquet));
  source.recorded = lake;
  return { source, all, lake, market };
}

test('what memory and lake both hold is told once, and what one of them lacks comes from the other', async () => {
  const { source, all, lake } = await joined(20, 8, 15);
  const { opportunities, hole } = await source.find({ limit: 100 }, NEVER);
  assert.deepEqual(opportunities, all);
  assert.equal(hole, null);
  assert.deepEqual((await source.find({ limit: 5 }, NEVER)).opportunities, all.slice(0, 5));
  assert.equal(lake.asked, 1, 'memory alone answers what it has');
});

test('what has left memory and is not in the lake yet is admitted', async () => {
  const { source, all } = await joined(20, 8, 6);
  const { opportunities, hole } = await source.find({ limit: 100 }, NEVER);
  assert.equal(opportunities.length, 14);
  assert.deepEqual(hole, { from: all[14]?.end, to: all[7]?.end });
  assert.equal((await source.find({ limit: 100, from: (all[6]?.start ?? 0) + 1 }, NEVER)).hole, null);
  assert.deepEqual((await source.survival({ by: 'all', limit: 5 }, NEVER)).hole, hole);
});

test('survival counts each opportunity once, wherever it is', async () => {
  const { source, all } = await joined(20, 8, 15);
  const { groups, delaysMs } = await source.survival({ by: 'route', limit: 5 }, NEVER);
  assert.deepEqual([groups.length, delaysMs], [1, SURVIVAL_MS]);
  const [group] = groups;
  assert.deepEqual([group?.symbol, group?.buy, group?.sell], ['X-USDT', 'binance', 'bingx']);
  assert.equal(group?.opportunities, 20);
  // Each lived for half a second, with the same edge all the time.
  SURVIVAL_MS.forEach((delay, i) => {
    assert.equal(group?.overThreshold[i], delay < 500 ? 1 : 0, `${delay} ms`);
    assert.ok(Math.abs((group?.leftShare[i] ?? -1) - (delay < 500 ? 1 : 0)) < 1e-9);
  });
  assert.ok(all.every(({ closedBy }) => closedBy === CLOSE_REASONS[0]));
});

test('what memory has and Parquet has not, though it has some that ended later, is counted', async () => {
  const { source, all } = await joined(20, 8, 15);
  // The latest and the fourth are there, those between them are still in the journal.
  source.recorded = new FakeLake(all.filter((_, i) => i === 0 || i >= 3));
  const { groups } = await source.survival({ by: 'route', limit: 5 }, NEVER);
  assert.equal(groups[0]?.opportunities, 20);
  assert.deepEqual((await source.find({ limit: 100 }, NEVER)).opportunities.map(({ end }) => end).sort(), [
    ...all.map(({ end }) => end).sort(),
  ]);
});

test('without a lake what has left memory is admitted, unless it was not asked for', async () => {
  const { source, all } = await joined(20, 8, 0);
  source.recorded = undefined;
  const since = all[7]?.end ?? Number.NaN;
  const asked = async (query: Parameters<typeof source.find>[0]) => await source.find(query, NEVER);
  const { opportunities, hole } = await asked({ limit: 100 });
  assert.deepEqual(opportunities, all.slice(0, 8));
  assert.deepEqual(hole, { from: 0, to: since });
  assert.deepEqual((await source.survival({ by: 'all', limit: 5 }, NEVER)).hole, hole);
  assert.equal((await asked({ limit: 8 })).hole, null, 'the limit cut it');
  assert.equal((await asked({ limit: 100, state: 'open' })).hole, null);
  assert.equal((await asked({ limit: 100, from: since + 1 })).hole, null);
  const { source: young } = await joined(8, 8, 0);
  young.recorded = undefined;
  assert.equal((await young.find({ limit: 100 }, NEVER)).hole, null, 'memory has all');
});

test('when more pairs are in doubt than the lake can be asked without, that is said', async () => {
  const { source, market } = await joined(2, 8, 2);
  const doubtful = (count: number): void => {
    market.doubtfulIdentities = () =>
      Array.from({ length: count }, (_, i) => ({
        ...{
          symbol: `S${i}-USDT`,
          venues: ['binance', 'okx'] as const,
          state: 'suspect' as const,
          reason: 'ratio' as const,
        },
        ...{ ratio: 1, minRatio: 1, maxRatio: 1, since: 0 },
      }));
  };
  doubtful(1000);
  assert.equal((await source.find({}, NEVER)).opportunities.length, 2);
  doubtful(1001);
  const refused = { code: 'BAD_REQUEST', message: /^1001 pairs .* identity=all/ };
  await assert.rejects(source.find({}, NEVER), refused);
  await assert.rejects(source.survival({ by: 'all', limit: 5 }, NEVER), refused);
  assert.equal((await source.find({ identity: 'all' }, NEVER)).opportunities.length, 2);
  assert.equal((await source.find({ symbol: 'X-USDT' }, NEVER)).opportunities.length, 2);
});
