import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GapRow } from '../../src/core/lake-status.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import type { HistoryReply, RouteReply, RoutesReply, StatusReply } from '../../src/wire/api.ts';
import { type ModelPoint, type ModelRow, modelSeries } from '../lake/history-model.ts';
import { plainSql, startRecording, temporaryFolder } from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const SLOT = 200_000;
const BUCKETS = 50;
/** Windows of 240 instruments that hold some ten seconds of them. */
const SMALL = ['limits.instruments=256', 'window.bytes=0.1MB', 'window.resolution=200'];
const FLAGS = ['--symbols', '30', ...SMALL.flatMap((entry) => ['--set', entry])];

async function get<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(`${url}/api/v1/${path}`)).json()) as T;
}

/** Asks until a history has values of both sources. */
async function joinedHistory(url: string): Promise<{ history: HistoryReply; route: RouteReply }> {
  let found: { history: HistoryReply; route: RouteReply } | undefined;
  const tried = async (): Promise<boolean> => {
    const { routes } = await get<RoutesReply>(url, 'routes?limit=1');
    const best = routes[0];
    if (best === undefined) return false;
    const { symbol, buy, sell } = best;
    const asked = `history?symbol=${symbol}&buy=${buy}&sell=${sell}&from=-20s&points=${2 * BUCKETS}`;
    const history = await get<HistoryReply>(url, asked);
    const seam = history.sources.length === 2 ? (history.sources[1]?.from ?? 0) : Number.NaN;
    const before = history.time.filter((time, i) => time < seam && history.value[i] !== null).length;
    if (!(before > 10 && history.time.length - before > 10)) return false;
    // The model below knows of quotes alone: a leg that ended within the range is another test's matter.
    const first = history.time[0] ?? Number.NaN;
    if (history.gaps.some(({ to }) => to > first)) return false;
    found = { history, route: await get<RouteReply>(url, `routes/${symbol}/${buy}/${sell}`) };
    return true;
  };
  await until(tried, 60_000, 'a history of lake and memory');
  assert.ok(found);
  return found;
}

interface Recorded {
  readonly rows: ModelRow[];
  readonly gapRows: GapRow[];
}

/** The recorded quotes of a route's legs and their gaps, by DuckDB alone. */
async function recorded(lake: string, { symbol, buy, sell }: RouteReply): Promise<Recorded> {
  const sql = await plainSql();
  const venueOf = (name: unknown): VenueId => (name === buy ? buy : sell);
  try {
    const rows = await sql.rows(
      `SELECT venue, epoch_us(receive_time)::DOUBLE AS time, bid, bid_size, ask, ask_size
      FROM read_parquet('${join(lake, 'quotes/**/*.parquet')}', hive_partitioning = true, filename = true, file_row_number = true)
      WHERE symbol = '${symbol}' AND venue IN ('${buy}', '${sell}') ORDER BY receive_time, filename, file_row_number`,
    );
    const gaps = await sql.rows(
      `SELECT venue, symbol, stream, epoch_us("from")::DOUBLE AS since, epoch_us("to")::DOUBLE AS until, reason
      FROM read_parquet('${join(lake, 'gaps/**/*.parquet')}', hive_partitioning = true)
      WHERE (symbol IS NULL OR symbol = '${symbol}') AND venue IN ('${buy}', '${sell}')`,
    );
    const gapRows = gaps.map((row) => ({
      ...{ venue: venueOf(row.venue), from: Number(row.since), to: Number(row.until), rowsLost: null },
      symbol: row.symbol === null ? null : String(row.symbol),
      stream: row.stream === null ? null : (String(row.stream) as NonNullable<GapRow['stream']>),
      reason: String(row.reason) as GapRow['reason'],
    }));
    const quotes = rows.map((row, order) => ({
      ...{ instrument: 0, kind: 0, venueTime: Number.NaN, sequence: order, order, symbol },
      ...{ venue: venueOf(row.venue), receiveTime: Number(row.time) },
      ...{ bid: Number(row.bid), bidSize: Number(row.bid_size) },
      ...{ ask: Number(row.ask), askSize: Number(row.ask_size) },
    }));
    return { rows: quotes, gapRows };
  } finally {
    sql.close();
  }
}

/** All rows before the seam, and of each leg and slot from it on the last. */
function thinned(rows: readonly ModelRow[], seam: number): ModelRow[] {
  const slotOf = (row: ModelRow) => `${row.venue} ${Math.floor(row.receiveTime / SLOT)}`;
  const last = new Map(rows.map((row) => [slotOf(row), row]));
  return rows.filter((row) => row.receiveTime < seam || last.get(slotOf(row)) === row);
}

function expectedOf({ rows, gapRows }: Recorded, history: HistoryReply, route: RouteReply): ModelPoint[] {
  const { from, to, kind } = history;
  const { symbol, buy, sell, fees } = route;
  const recording = { segments: [], rows, gapRows, gaps: [], start: from, end: to };
  return modelSeries(recording, {
    ...{ symbol, buy, sell, kind, from, to, now: to },
    fees: { buy: fees.buyBps / 10_000, sell: fees.sellBps / 10_000 },
  });
}

test('what the API joins out of memory and lake is what the lake alone says, in memory’s part of the last quotes of each slot', async () => {
  const folder = await temporaryFolder();
  const lake = join(folder.path, 'lake');
  const simulator = await startSimulatorProcess(['--symbols', '30', '--rate', '2000']);
  const recording = await startRecording(simulator.url, lake, FLAGS);
  try {
    const { history, route } = await joinedHistory(recording.url);
    const { window } = await get<StatusReply>(recording.url, 'status');
    assert.ok(window.evicted > 0 && window.coveredMs > 0 && window.coveredMs < window.spanMs);
    assert.deepEqual([window.resolutionMs, window.spanMs], [200, 3_600_000]);
    await recording.stop();

    const seam = history.sources[1]?.from ?? 0;
    assert.deepEqual(history.sources, [
      { from: history.from, to: seam, source: 'lake' },
      { from: seam, to: history.to, source: 'memory' },
    ]);
    const { rows, gapRows } = await recorded(lake, route);
    const all = expectedOf({ rows: thinned(rows, seam), gapRows }, history, route);
    // The bucket in which the answer was given may have had more to come.
    const width = (history.to - history.from) / BUCKETS;
    const bucketOf = (time: number) => Math.floor((time - history.from) / width);
    const told = history.time.map((time, i): ModelPoint => [time, (history.value[i] ?? Number.NaN) / 10_000]);
    const firsts = [told[0]?.[0] ?? Number.NaN, all[0]?.[0] ?? Number.NaN];
    const gaps = history.gaps.flatMap(({ from, to }) => [from, to]);
    const seen = `the seam in ${bucketOf(seam)}; first told and first of the model: ${firsts}; gaps: ${gaps}`;
    let compared = 0;
    for (let bucket = 0; bucket < BUCKETS - 2; bucket += 1) {
      const extremes = (points: readonly ModelPoint[]) => {
        const values = points.filter(([time]) => bucketOf(time) === bucket).map(([, value]) => value);
        return [Math.min(...values), Math.max(...values)].map((value) => (1 + value).toPrecision(12));
      };
      assert.deepEqual(extremes(told), extremes(all), `bucket ${bucket}, ${seen}`);
      compared += 1;
    }
    assert.equal(compared, BUCKETS - 2);
    const known = new Set(all.map(([time]) => time));
    for (const [time] of told) if (bucketOf(time) < BUCKETS - 2) assert.ok(known.has(time), `${time}`);
  } finally {
    recording.child.kill('SIGKILL');
    await simulator.stop();
    await folder.remove();
  }
});

test('without a recording memory alone answers, and says that the time before it is unrecorded', async () => {
  const folder = await temporaryFolder();
  const simulator = await startSimulatorProcess(['--symbols', '30', '--rate', '2000']);
  const running = await startRecording(simulator.url, folder.path, [...FLAGS, '--no-record']);
  try {
    let history: HistoryReply | undefined;
    const tried = async (): Promise<boolean> => {
      const { routes } = await get<RoutesReply>(running.url, 'routes?limit=1');
      const best = routes[0];
      if (best === undefined) return false;
      const { symbol, buy, sell } = best;
      history = await get<HistoryReply>(running.url, `history?symbol=${symbol}&buy=${buy}&sell=${sell}`);
      return history.time.length > 20;
    };
    await until(tried, 60_000, 'a history out of memory');
    assert.ok(history);
    const { from, to } = history;
    assert.deepEqual(history.sources, [{ from, to, source: 'memory' }]);
    assert.equal(history.unrecorded.length, 2);
    for (const part of history.unrecorded)
      assert.ok(part.from === from && part.to < (history.time[0] ?? 0) + 1);
    await running.stop();
  } finally {
    running.child.kill('SIGKILL');
    await simulator.stop();
    await folder.remove();
  }
});
