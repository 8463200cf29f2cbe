import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { QUERY_LIMITS, type QueryRequest, queryLake } from '../../src/app/query.ts';
import type { Log } from '../../src/core/log.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { HOUR_US } from '../../src/lake/layout.ts';
import { type RigFrame, type RigSegment, temporaryLake, writeSegment } from '../lake/journal-rig.ts';
import { HOUR_14 } from '../lake/lake-model.ts';

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

export interface Asked {
  readonly text: string;
  readonly notes: readonly string[];
}

/** Asks a lake in a process of its own, as the command does. */
export async function askLake(lake: string, sql: string, more: Partial<QueryRequest> = {}): Promise<Asked> {
  const parts: Buffer[] = [];
  const notes: string[] = [];
  const output = new Writable({
    write: (part: Buffer, _encoding, done) => {
      parts.push(part);
      done();
    },
  });
  await queryLake({
    lake,
    sql,
    format: 'csv',
    limit: null,
    terminal: null,
    output,
    note: (text) => notes.push(text),
    limits: { ...QUERY_LIMITS, timeoutMs: 60_000 },
    signal: new AbortController().signal,
    ...more,
  });
  return { text: Buffer.concat(parts).toString(), notes };
}

/** Everything that a lake is, names included. */
export function hashOf(lake: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(lake, { recursive: true }).map(String).sort()) {
    const path = join(lake, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    hash.update(`${name}\0${stat?.mode}\0`);
    if (stat?.isFile() === true) hash.update(readFileSync(path));
    else if (stat === undefined) hash.update(readlinkSync(path));
  }
  return hash.digest('hex');
}

/** Converts what the journal holds. */
export async function convert(lake: string, merge = false): Promise<void> {
  const keeper = new Keeper({
    lake,
    clock: () => HOUR_14 + 5 * HOUR_US,
    log: SILENT,
    retention: { days: null, maxBytes: null },
    memoryMb: 128,
    isRecording: () => false,
  });
  try {
    await keeper.finish();
    if (merge) await keeper.compactAll(true, () => {});
  } finally {
    await keeper.close();
  }
}

/** Segment `number` of a small recording: a frame of quotes and one of trades a venue, and a gap. `symbols` are of either venue. */
export function smallSegment(number: number, rows = 50, symbols = ['BTC-USDT', 'ETH-USDT']): RigSegment {
  const venues = ['okx', 'gate'] as const;
  const createdAt = HOUR_14 + 3_500_000_000 + number * 20_000_000;
  const frames: RigFrame[] = venues.flatMap((venue, v): RigFrame[] => {
    const frame = 100 + number * 10 + v * 2;
    const row = (i: number) => ({
      instrument: v * 10 + (i % symbols.length),
      venueTime: createdAt - 1000 + i,
      receiveTime: createdAt + i * 100_003,
    });
    const all = Array.from({ length: rows }, (_, i) => i);
    return [
      {
        kind: 'quotes',
        venue,
        number: frame,
        rows: all.map((i) => ({
          ...row(i),
          bid: 100 + i / 8,
          bidSize: i === 3 ? Number.NaN : 0.1 * i,
          ask: 100.5 + i / 8,
          askSize: 2,
          sequence: 2 ** 53 - 1 - number * 1000 - i,
        })),
      },
      {
        kind: 'trades',
        venue,
        number: frame + 1,
        rows: all.map((i) => ({
          ...row(i),
          price: 100,
          size: 1 / (i + 1),
          side: i % 2,
          id: `${number},"${i}"`,
        })),
      },
    ];
  });
  frames.push({
    kind: 'gaps',
    number: 100 + number * 10 + 4,
    rows: [
      {
        venue: 'gate',
        symbol: null,
        stream: null,
        from: createdAt,
        to: createdAt + 65_000_000,
        reason: 'connection',
        rowsLost: 3,
      },
    ],
  });
  const instruments = venues.flatMap((venue, v) =>
    symbols.map((symbol, i) => [v * 10 + i, venue, symbol] as const),
  );
  return { number, createdAt, instruments, frames };
}

/** A lake of so many segments in Parquet, and so many more in the journal. */
export async function smallLake(converted: number, waiting: number): Promise<string> {
  const lake = temporaryLake();
  for (let number = 1; number <= converted; number += 1) {
    writeSegment(lake, smallSegment(number));
    await convert(lake);
  }
  for (let number = converted + 1; number <= converted + waiting; number += 1)
    writeSegment(lake, smallSegment(number));
  return lake;
}
