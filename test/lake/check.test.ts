import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Log } from '../../src/core/log.ts';
import { assertSound, checkLake } from '../../src/lake/check.ts';
import type { FindingCode, LakeCheck } from '../../src/lake/check-findings.ts';
import { type Duck, openDuck, sqlFile, sqlText } from '../../src/lake/duck.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { HOUR_US, partName } from '../../src/lake/layout.ts';
import { allPartitions, filesOf } from '../../src/lake/partitions.ts';
import { statLake } from '../../src/lake/stat.ts';
import { temporaryLake, writeSegment } from './journal-rig.ts';
import { HOUR_14, type ModelLake, randomLake } from './lake-model.ts';
import { type RawFrame, rawSegment, writeRawSegment } from './raw-segment.ts';

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
const TABLES = ['quotes', 'trades', 'gaps'] as const;

let duck: Duck;
/** A lake that was converted, and one that was merged too; each test works on a copy. */
let converted: string;
let merged: string;
let model: ModelLake;
let lake: string;

before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
  model = randomLake(21, 1);
  converted = temporaryLake();
  merged = temporaryLake();
  for (const folder of [converted, merged]) {
    for (const segment of model.segments) writeSegment(folder, segment);
    await keep(folder, folder === merged);
  }
});

after(() => {
  duck.close();
  for (const folder of [converted, merged]) rmSync(folder, { recursive: true });
});

beforeEach(() => {
  lake = temporaryLake();
});

afterEach(() => rmSync(lake, { recursive: true }));

function keeperOf(folder: string): Keeper {
  return new Keeper({
    lake: folder,
    clock: () => HOUR_14 + 5 * HOUR_US,
    log: SILENT,
    retention: { days: null, maxBytes: null },
    memoryMb: 128,
    isRecording: () => false,
    poolRows: 60,
    pieceRows: 60,
    fileRows: 60,
  });
}

async function keep(folder: string, merge: boolean): Promise<void> {
  const keeper = keeperOf(folder);
  try {
    await keeper.finish();
    if (merge) await keeper.compactAll(true, () => {});
  } finally {
    await keeper.close();
  }
}

function copyOf(from: string): void {
  cpSync(from, lake, { recursive: true });
}

/** A file of a table that counts, with the folder it is in; the one with the most rows. */
function fileOf(table: string, index = 0): { folder: string; name: string; path: string } {
  const files = [...allPartitions(lake)]
    .filter((partition) => partition.table === table)
    .flatMap(({ folder }) => filesOf(lake, folder).visible.map(({ name }) => ({ folder, name })))
    .map(({ folder, name }) => ({ folder, name, path: join(lake, folder, name) }))
    .sort((a, b) => statSync(b.path).size - statSync(a.path).size);
  const file = files[index];
  assert.ok(file !== undefined);
  return file;
}

/** Replaces a file by what SQL makes of it, where `old` stands for its rows. */
async function rewrite(path: string, sql: string): Promise<void> {
  await duck.run(
    `COPY (WITH old AS (SELECT * FROM read_parquet(${sqlFile(path)}, hive_partitioning = false)) ${sql}) TO ${sqlText(`${path}.new`)} (FORMAT parquet)`,
  );
  renameSync(`${path}.new`, path);
}

function codes(check: LakeCheck, level: 'wrong' | 'note' = 'wrong'): FindingCode[] {
  return check.findings.filter((finding) => finding.level === level).map(({ code }) => code);
}

/** There is this one thing wrong, at this path. */
async function assertFinds(code: FindingCode, path: string, message: RegExp): Promise<void> {
  const check = await checkLake(lake);
  assert.deepEqual(
    check.findings.filter(({ level }) => level === 'wrong').map((finding) => [finding.code, finding.path]),
    [[code, path]],
    JSON.stringify(check.findings),
  );
  assert.equal(check.wrong, 1);
  assert.match(check.findings.find(({ level }) => level === 'wrong')?.message ?? '', message);
}

test('a sound lake has nothing wrong, and the counts are those of the rows that were recorded', async () => {
  for (const source of [converted, merged]) {
    const seen: string[] = [];
    const check = await checkLake(source, { progress: (_done, _total, path) => seen.push(path) });
    assert.deepEqual(
      check.findings.filter(({ code }) => code !== 'duplicate'),
      [],
    );
    for (const table of TABLES) assert.equal(check.tables[table].rows, model[table].length, table);
    const files = TABLES.reduce((sum, table) => sum + check.tables[table].files, 0);
    assert.equal(seen.length, files);
    assert.equal(
      check.gaps.reduce((sum, { gaps }) => sum + gaps, 0),
      model.gaps.length,
    );
  }
});

test('an empty folder, and one that is not there, have nothing wrong', async () => {
  assert.equal((await checkLake(lake)).findings.length, 0);
  assert.equal((await checkLake(join(lake, 'none'))).findings.length, 0);
});

test('a file that was cut off, or whose values are damaged, cannot be read', async () => {
  copyOf(merged);
  const { folder, name, path } = fileOf('quotes');
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length - 20));
  await assertFinds('unreadable', `${folder}/${name}`, /./);
  bytes.fill(0x5a, 4, 200);
  writeFileSync(path, bytes);
  await assertFinds('unreadable', `${folder}/${name}`, /./);
});

test("columns that are not the table's are told", async () => {
  copyOf(merged);
  const { folder, name, path } = fileOf('trades');
  await rewrite(path, 'SELECT *, 1 AS more FROM old');
  await assertFinds('schema', `${folder}/${name}`, /more INTEGER/);
  const check = await checkLake(lake);
  assert.throws(() => assertSound(lake, check), /^SpreadscopeError: one thing is wrong with the lake/);
});

test('rows out of the order of symbol and time are told', async () => {
  copyOf(converted);
  const { folder, name, path } = fileOf('quotes');
  await rewrite(path, 'SELECT * FROM old ORDER BY symbol, receive_time DESC');
  await assertFinds('order', `${folder}/${name}`, /rows come before their place/);
  await rewrite(path, 'SELECT * FROM old ORDER BY symbol DESC, receive_time');
  await assertFinds('order', `${folder}/${name}`, /rows come before their place/);
});

test('rows of another hour, without a symbol, or of a side that is none are told', async () => {
  copyOf(converted);
  const { folder, name, path } = fileOf('trades');
  await rewrite(path, 'SELECT * REPLACE (receive_time + INTERVAL 3 HOUR AS receive_time) FROM old');
  await assertFinds('misplaced', `${folder}/${name}`, /another hour/);
  await rewrite(
    path,
    "SELECT * REPLACE (receive_time - INTERVAL 3 HOUR AS receive_time, 'up' AS side) FROM old",
  );
  await assertFinds('misplaced', `${folder}/${name}`, /side/);
});

test('files that hold rows of the same segments are told, and so are the rows that are there twice', async () => {
  copyOf(converted);
  const { folder, name, path } = fileOf('quotes');
  const part = filesOf(lake, folder).visible.find((file) => file.name === name)?.part;
  assert.ok(part !== undefined);
  // Neither holds all of the other's range.
  renameSync(path, join(lake, folder, partName({ ...part, first: 1, last: 6 })));
  copyFileSync(
    join(lake, folder, partName({ ...part, first: 1, last: 6 })),
    join(lake, folder, partName({ ...part, first: 0, last: 3 })),
  );
  const check = await checkLake(lake);
  assert.deepEqual(codes(check), ['overlap']);
  const rows = Number(
    (
      await duck.rows(
        `SELECT count(*) FROM ${sqlFile(join(lake, folder, partName({ ...part, first: 0, last: 3 })))}`,
      )
    )[0]?.[0],
  );
  const twice = check.findings.find(({ code, path: at }) => code === 'duplicate' && at === folder);
  assert.ok(Number(twice?.message.split(' ', 1)[0]) >= rows, twice?.message);
});

test('a merged file of which a piece is gone is told', async () => {
  copyOf(merged);
  const pieces = [...allPartitions(lake)].find(({ folder }) =>
    filesOf(lake, folder).visible.some(({ part }) => part.pieces > 1),
  );
  assert.ok(pieces !== undefined);
  const files = filesOf(lake, pieces.folder).visible;
  rmSync(join(lake, pieces.folder, files[0]?.name ?? ''));
  const check = await checkLake(lake);
  assert.equal(check.wrong, files.length - 1);
  assert.deepEqual(new Set(codes(check)), new Set(['incomplete']));
});

test('pieces whose symbols are not one range after the other are told', async () => {
  copyOf(merged);
  const pieces = [...allPartitions(lake)].find(
    ({ table, folder }) =>
      table !== 'gaps' && filesOf(lake, folder).visible.some(({ part }) => part.pieces > 1),
  );
  assert.ok(pieces !== undefined);
  const [first, second] = filesOf(lake, pieces.folder).visible.map(({ name }) =>
    join(lake, pieces.folder, name),
  );
  assert.ok(first !== undefined && second !== undefined);
  renameSync(first, `${first}.x`);
  renameSync(second, first);
  renameSync(`${first}.x`, second);
  const check = await checkLake(lake);
  assert.deepEqual(new Set(codes(check)), new Set(['order']));
});

test('gaps that make no sense are told', async () => {
  copyOf(merged);
  const { folder, name, path } = fileOf('gaps');
  for (const change of [
    '"from" - INTERVAL 1 SECOND AS "to"',
    "'no reason' AS reason",
    "'books' AS stream",
    '-1::BIGINT AS rows_lost',
  ]) {
    await rewrite(path, `SELECT * REPLACE (${change}) FROM old`);
    await assertFinds('gap', `${folder}/${name}`, /reason/);
    rmSync(lake, { recursive: true });
    mkdirSync(lake);
    copyOf(merged);
  }
});

test('what was left over and names that are none of ours are noted, and are not wrong', async () => {
  copyOf(merged);
  const { folder, name } = fileOf('quotes');
  writeFileSync(join(lake, folder, `${name}.inprogress`), 'x');
  writeFileSync(join(lake, folder, 'notes.txt'), 'x');
  copyFileSync(join(lake, folder, name), join(lake, folder, `${name}.merged`));
  mkdirSync(join(lake, 'quotes/date=2026-11-23/hour=99'));
  mkdirSync(join(lake, 'quotes/date=tomorrow'));
  mkdirSync(join(lake, dirname(folder), 'venue=nowhere'));
  const check = await checkLake(lake);
  assert.equal(check.wrong, 0, JSON.stringify(check.findings));
  const found = codes(check, 'note')
    .filter((code) => code !== 'duplicate')
    .sort();
  assert.deepEqual(found, ['leftover', 'leftover', 'strange', 'strange', 'strange', 'strange']);
});

const AT = HOUR_14 + 10;
const HEAD: RawFrame[] = [
  {
    kind: 'segment',
    number: 1,
    writtenAt: AT,
    json: { segment: 1, createdAt: AT, venues: ['okx'], run: 'r' },
  },
  { kind: 'instruments', number: 2, writtenAt: AT, json: [[0, 'okx', 'BTC-USDT']] },
];
const QUOTE = {
  instrument: 0,
  venueTime: AT,
  receiveTime: AT,
  bid: 1,
  bidSize: 1,
  ask: 2,
  askSize: 1,
  sequence: 3,
};
const beat = (number: number): RawFrame => ({ kind: 'heartbeat', number, writtenAt: AT });
const rows = (number: number): RawFrame => ({
  kind: 'quotes',
  venue: 'okx',
  number,
  writtenAt: AT,
  quotes: [QUOTE],
});

test('a journal of which frames are damaged or missing is told; one that was cut off at its end is noted', async () => {
  const path = '_journal/rows-0000000001.seg';
  const sound = rawSegment([...HEAD, rows(3), beat(4)]);
  writeRawSegment(lake, 1, sound);
  const check = await checkLake(lake);
  assert.deepEqual(check.findings, []);
  assert.deepEqual(check.journal, { segments: 1, frames: 4, rows: 1, bytes: sound.length });
  const spoilt = Buffer.from(sound);
  spoilt[sound.length - 60] = 0xff;
  writeRawSegment(lake, 1, spoilt);
  await assertFinds('journal', path, /frame 3 is damaged, and 1 sound/);
  writeRawSegment(lake, 1, rawSegment([...HEAD, rows(3), beat(7)]));
  await assertFinds('journal', '_journal', /3 frames/);
  writeRawSegment(lake, 1, sound.subarray(0, sound.length - 1));
  assert.deepEqual(codes(await checkLake(lake), 'note'), ['journal']);
  writeRawSegment(lake, 1, sound);
  // The frames of the last sync again, and then new ones; nothing is missing.
  writeRawSegment(
    lake,
    2,
    rawSegment([
      { ...(HEAD[0] as RawFrame), number: 1 },
      { ...(HEAD[1] as RawFrame), number: 2 },
      rows(3),
      beat(4),
      beat(5),
    ]),
  );
  assert.deepEqual(codes(await checkLake(lake)), []);
  writeRawSegment(
    lake,
    2,
    rawSegment([
      { ...(HEAD[0] as RawFrame), number: 7 },
      { ...(HEAD[1] as RawFrame), number: 8 },
    ]),
  );
  // A heading bears the numbers before its first frame's.
  await assertFinds('journal', '_journal', /4 frames/);
});

test('files that say where the lake stands and make no sense are told', async () => {
  copyOf(merged);
  writeFileSync(join(lake, '_journal/state.json'), '{');
  await assertFinds('state', '_journal/state.json', /sense/);
  rmSync(join(lake, '_journal/state.json'));
  writeFileSync(join(lake, '_journal/fees.json'), '{"venues":{"okx":[{"usual":"0.1"}]}}');
  await assertFinds('state', '_journal/fees.json', /sense/);
  rmSync(join(lake, '_journal/fees.json'));
  rmSync(join(lake, '_journal/converted.json'));
  await assertFinds('state', '', /rows to come could be taken for converted/);
});

test('beside a keeper at work nothing is wrong at any time', async () => {
  for (const segment of model.segments) writeSegment(lake, segment);
  let done = false;
  const kept = keep(lake, true).finally(() => {
    done = true;
  });
  let checks = 0;
  while (!done || checks === 0) {
    const check = await checkLake(lake);
    const wrong = check.findings.filter(
      ({ level, message }) =>
        level === 'wrong' && !/frames before or in it are missing|is damaged/.test(message),
    );
    assert.deepEqual(wrong, []);
    checks += 1;
  }
  await kept;
});

test('the figures of a lake are those that plain SQL finds', async () => {
  for (const source of [converted, merged]) {
    const stat = await statLake(source);
    const counted: unknown[][] = [];
    for (const table of TABLES) {
      counted.push(
        ...(await duck.rows(
          `SELECT date::VARCHAR, venue, '${table}', count(*)::INTEGER FROM read_parquet('${source}/${table}/*/*/*/*.parquet', hive_partitioning = true) GROUP BY ALL`,
        )),
      );
    }
    const told = stat.days.map(({ date, venue, table, rows: count }) => [date, venue, table, count]);
    assert.deepEqual(told.map(String).sort(), counted.map(String).sort());
    assert.equal(stat.rows, model.quotes.length + model.trades.length + model.gaps.length);
    assert.equal(stat.bytesPerRow, stat.bytes / stat.rows);
    assert.deepEqual(stat.unreadable, []);
    assert.deepEqual(stat.journal, { segments: 0, bytes: 0, venues: [] });
  }
});

test('the figures tell what waits in the journal, without the ends of quotes, and which files cannot be read', async () => {
  copyOf(merged);
  const { folder, name, path } = fileOf('quotes');
  writeFileSync(path, 'x');
  const ended = { ...QUOTE, kind: 1 };
  const bytes = rawSegment([...HEAD, { ...rows(3), quotes: [QUOTE, ended, QUOTE] }, beat(4)]);
  writeRawSegment(lake, 900, bytes);
  const stat = await statLake(lake);
  assert.deepEqual(stat.unreadable, [`${folder}/${name}`]);
  assert.deepEqual(stat.journal, {
    segments: 1,
    bytes: bytes.length,
    venues: [{ venue: 'okx', quotes: 2, trades: 0 }],
  });
});

test('rows that stand twice in one file are noted', async () => {
  copyOf(merged);
  const before = (await checkLake(lake)).findings.length;
  assert.equal(before, 0, 'the model has equal rows by itself');
  const { folder, path } = fileOf('trades');
  const [count] = await duck.rows(`SELECT count(*) FROM ${sqlFile(path)}`);
  await rewrite(
    path,
    'SELECT * FROM old UNION ALL SELECT * FROM old ORDER BY symbol, receive_time, trade_id, venue_time, price',
  );
  const check = await checkLake(lake);
  assert.equal(check.wrong, 0);
  const twice = check.findings.find(({ code }) => code === 'duplicate');
  assert.deepEqual([twice?.path, twice?.message.split(' ', 1)[0]], [folder, String(count?.[0])]);
});
