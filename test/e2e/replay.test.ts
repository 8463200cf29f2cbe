import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Config, defaultConfig } from '../../src/app/config.ts';
import { replay } from '../../src/app/replay.ts';
import { startReplay } from '../../src/app/replay-server.ts';
import { routeReports } from '../../src/app/route-reports.ts';
import { startSpreadscope } from '../../src/app/start.ts';
import type { Opportunity } from '../../src/core/opportunity.ts';
import type { OpportunityFollower } from '../../src/market/opportunities.ts';
import { viewOpportunity } from '../../src/market/opportunity-view.ts';
import type {
  OpportunitiesReply,
  QuotesReply,
  RouteReply,
  RouteStatistics,
  RoutesReply,
  StatusReply,
  SymbolsReply,
  TradeRow,
} from '../../src/wire/api.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const QUIET = { info() {}, warn() {}, error() {} };
/** How long the live run is; 300 for the whole five minutes. */
const SECONDS = Number(process.env.SPREADSCOPE_REPLAY_SECONDS ?? 15);
/** Counts: the same to the last one. Sums and means of the live run are single floats. */
const EXACT = ['samples', 'cycles', 'opportunities', 'parityCrossingsPerMinute'] as const;
const OF_OPPORTUNITIES: readonly string[] = ['maxPeakBps', 'meanDurationMs'];
const CLOSE = ['meanBps', 'maxBps', 'minBps', 'maxPeakBps', 'meanDurationMs'] as const;

const routeOf = ({ symbol, buy, sell }: Opportunity): string => `${symbol}:${buy}:${sell}`;
const inOrder = (list: readonly Opportunity[]): Opportunity[] =>
  [...list].sort((a, b) => a.start - b.start || (routeOf(a) < routeOf(b) ? -1 : 1));

interface Seen {
  readonly config: Config;
  readonly lake: string;
  readonly from: number;
  readonly to: number;
  readonly closed: readonly Opportunity[];
  readonly statistics: ReadonlyMap<string, RouteStatistics>;
  /** By symbol and venue. */
  readonly trades: ReadonlyMap<string, Omit<TradeRow, 'ageMs'>>;
}

/** The last trade of every instrument, as an API tells it; how old it is depends on when it is asked. */
async function lastTrades(
  url: string,
  symbols: SymbolsReply['symbols'],
): Promise<Map<string, Omit<TradeRow, 'ageMs'>>> {
  const trades = new Map<string, Omit<TradeRow, 'ageMs'>>();
  for (const { symbol } of symbols) {
    const reply = await fetch(`${url}/api/v1/quotes/${encodeURIComponent(symbol)}`);
    for (const { venue, lastTrade } of ((await reply.json()) as QuotesReply).quotes) {
      if (lastTrade === null) continue;
      const { ageMs: _, ...trade } = lastTrade;
      trades.set(`${symbol}:${venue}`, trade);
    }
  }
  return trades;
}

/** A live run on markets that cross, with what its API said in the end: when all venues have fallen silent, unless they `goOn`. */
async function live(t: TestContext, seconds: number, goOn = false): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-replay-e2e-'));
  const simulator = await startSimulatorProcess([
    ...['--symbols', '12', '--rate', '3000', '--scenario', 'crossed'],
  ]);
  const lake = join(folder, 'lake');
  const flags = { via: simulator.url, 'server.port': '0', 'lake.folder': lake, symbolsPerVenue: '40' };
  const files = { 'identity.file': join(folder, 'identities.json') };
  const config = defaultConfig(
    Object.entries({ ...flags, ...files }).map(([path, text]) => ({ path, flag: `--${path}`, text })),
  );
  const from = Date.now() * 1000;
  const running = await startSpreadscope(config, { log: QUIET });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (!stopped) await running.stop();
    stopped = true;
  };
  t.after(async () => {
    await stop();
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${running.url}/api/v1/${path}`)).json()) as T;
  const begun = performance.now();
  const enough = async (): Promise<boolean> => {
    const { opportunities } = await get<StatusReply>('status');
    return opportunities.closed >= 10 && performance.now() - begun > seconds * 1000;
  };
  await until(enough, seconds * 1000 + 60_000, 'ten opportunities have come and gone');
  if (!goOn) {
    await simulator.fault({ venue: '*', kind: 'silent' });
    // When each venue's silence is noticed nothing is valid any more, and what is told stays the same, however long it takes to read.
    const over = async (): Promise<boolean> => (await get<RoutesReply>('routes?limit=1')).total === 0;
    await until(over, 60_000, 'no route is left');
  }
  const { opportunities: closed } = await get<OpportunitiesReply>('opportunities?state=closed&limit=1000');
  const { symbols } = await get<SymbolsReply>('symbols');
  const statistics = new Map<string, RouteStatistics>();
  for (const { symbol, venues } of symbols) {
    for (const buy of venues) {
      const paths = venues
        .filter((sell) => sell !== buy)
        .map((sell) => `routes/${encodeURIComponent(symbol)}/${buy}/${sell}`);
      for (const { id, findings } of await Promise.all(paths.map((path) => get<RouteReply>(path))))
        if (findings !== null) statistics.set(id, findings.statistics);
    }
  }
  const trades = await lastTrades(running.url, symbols);
  const to = Date.now() * 1000;
  await stop();
  return { config, lake, from, to, closed, statistics, trades };
}

test('a recording that is replayed gives the opportunities and statistics of the live run', async (t) => {
  const { config, lake, from, to, closed, statistics, trades } = await live(t, SECONDS);
  const again: Opportunity[] = [];
  /** Open at the end: the replay ends them, and the live run had not yet. */
  const open = new Set<string>();
  const signal = new AbortController().signal;
  const done = await replay(config, { lake, from, to, signal }, (nameOf) => {
    const follower: OpportunityFollower = {
      closed: (table, slot) => {
        const one = viewOpportunity(table.columns, slot, nameOf);
        if (one === undefined) return;
        if (one.closedBy === 'stopped') open.add(routeOf(one));
        else again.push(one);
      },
    };
    return [follower];
  });
  assert.ok(closed.length >= 10 && closed.length < 1000, `${closed.length} opportunities`);
  assert.deepEqual(inOrder(again), inOrder(closed));
  let compared = 0;
  for (const report of routeReports(done, 'routes')) {
    const own = statistics.get(`${report.symbol}:${report.buy}:${report.sell}`);
    if (own === undefined) continue;
    compared++;
    const counted = open.has(`${report.symbol}:${report.buy}:${report.sell}`);
    for (const name of EXACT.filter((one) => !(counted && one === 'opportunities')))
      assert.deepEqual(
        own[name],
        report.statistics[name],
        `${name} of ${report.symbol} ${report.buy} ${report.sell}`,
      );
    for (const name of CLOSE.filter((one) => !(counted && OF_OPPORTUNITIES.includes(one)))) {
      const [a, b] = [own[name], report.statistics[name]];
      const near = a === null || b === null ? a === b : Math.abs(a - b) <= 1e-3 * Math.abs(b) + 0.01;
      assert.ok(near, `${name} of ${report.symbol} ${report.buy} ${report.sell}: ${a}, replayed ${b}`);
    }
    // Where the basis is next to its mean, the float decides on which side.
    const crossings = (rate: number | null): number => ((rate ?? 0) * own.samples) / 60;
    const more = crossings(own.meanCrossingsPerMinute) - crossings(report.statistics.meanCrossingsPerMinute);
    assert.ok(Math.abs(more) <= 2.5, `${more} more crossings of the mean`);
  }
  assert.ok(compared > 100, `${compared} routes compared`);

  // The same on the page, with the clock of the recording.
  const served = await startReplay(
    { ...config, server: { ...config.server, port: 0 } },
    { lake, from, to, speed: Infinity, log: QUIET },
  );
  t.after(() => served.stop());
  await served.ended;
  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${served.url}/api/v1/${path}`)).json()) as T;
  const { opportunities } = await get<OpportunitiesReply>('opportunities?state=closed&limit=1000');
  assert.deepEqual(inOrder(opportunities.filter(({ closedBy }) => closedBy !== 'stopped')), inOrder(closed));
  const { replay: status, roles } = await get<StatusReply>('status');
  assert.ok(status?.ended === true && status.time <= to && status.time >= from);
  assert.deepEqual(roles, ['replay', 'serve']);
  // As in the live run, nothing is valid after the silence; what was said last is there.
  assert.equal((await get<RoutesReply>('routes?limit=1000')).total, 0);
  const { symbols } = await get<SymbolsReply>('symbols');
  assert.ok(trades.size > 50, `${trades.size} instruments have traded`);
  assert.deepEqual(await lastTrades(served.url, symbols), trades);
});

test('at a speed rows come by the clock of the recording, and the page has them as they come', async (t) => {
  const { config, lake, from, to } = await live(t, 4, true);
  const served = await startReplay(
    { ...config, server: { ...config.server, port: 0 } },
    { lake, from, to, speed: 2, log: QUIET },
  );
  t.after(() => served.stop());
  const status = async (): Promise<StatusReply> =>
    (await (await fetch(`${served.url}/api/v1/status`)).json()) as StatusReply;
  const seen: { readonly time: number; readonly rows: number; readonly ms: number }[] = [];
  while (seen.length < 10) {
    const { replay: at, totals } = await status();
    assert.ok(at !== null && !at.ended);
    seen.push({ time: at.time, rows: totals.quotes, ms: performance.now() });
    await wait(50);
  }
  const [first, last] = [seen[0], seen.at(-1)];
  assert.ok(first !== undefined && last !== undefined);
  assert.ok(last.rows > first.rows);
  for (const [i, { time, rows }] of seen.entries()) {
    assert.ok(i === 0 || (time > (seen[i - 1]?.time ?? 0) && rows >= (seen[i - 1]?.rows ?? 0)));
  }
  const pace = (last.time - first.time) / 1000 / (last.ms - first.ms);
  assert.ok(Math.abs(pace - 2) < 0.3, `${pace} times the pace of life`);
});
