import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Log } from '../../src/core/log.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { type HistoryOptions, readHistory } from '../../src/lake/history.ts';
import type { HistoryHead, HistoryRequest } from '../../src/lake/history-request.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { HOUR_US } from '../../src/lake/layout.ts';
import { listSegments } from '../../src/lake/segment.ts';
import {
  BUY,
  type ModelPoint,
  modelGaps,
  modelSeries,
  type Recording,
  randomRecording,
  SELL,
  SYMBOL,
} from './history-model.ts';
import { chance, temporaryLake, writeSegment } from './journal-rig.ts';

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

let duck: Duck;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
});
after(() => duck.close());

function requestOf(recording: Recording, more: Partial<HistoryRequest> = {}): HistoryRequest {
  return {
    ...{ symbol: SYMBOL, buy: BUY, sell: SELL, kind: 'net', fees: { buy: 0.001, sell: 0.0008 } },
    ...{ from: recording.start, to: recording.end + 90_000_000, now: recording.end + 100_000_000 },
    ...more,
  };
}

interface Answer {
  readonly head: HistoryHead;
  readonly points: readonly ModelPoint[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

async function answerOf(
  lake: string,
  request: HistoryRequest,
  options: HistoryOptions = {},
): Promise<Answer> {
  const answer = { points: [] as ModelPoint[], lower: [] as number[], upper: [] as number[] };
  let head: HistoryHead | undefined;
  await readHistory(
    lake,
    request,
    duck,
    {
      begin: (it) => {
        head = it;
      },
      points: (it) => {
        for (const [i, time] of it.time.entries()) answer.points.push([time, it.value[i] ?? 0]);
        answer.lower.push(...it.lower);
        answer.upper.push(...it.upper);
      },
    },
    options,
  );
  assert.ok(head);
  return { head, ...answer };
}

/** Equal but for the last bits of a double. */
function assertSame(found: readonly ModelPoint[], expected: readonly ModelPoint[], what: string): void {
  const text = ([time, value]: ModelPoint) => `${time} ${value.toPrecision(9)}`;
  assert.deepEqual(found.map(text), expected.map(text), what);
}

function keeperOf(lake: string, recording: Recording, isRecording: boolean): Keeper {
  return new Keeper({
    lake,
    clock: () => recording.end + 5 * HOUR_US,
    log: SILENT,
    retention: { days: null, maxBytes: null },
    memoryMb: 128,
    isRecording: () => isRecording,
    poolRows: 40,
  });
}

async function withLake(recording: Recording, run: (lake: string) => Promise<void>): Promise<void> {
  const lake = temporaryLake();
  try {
    for (const segment of recording.segments) writeSegment(lake, segment);
    await run(lake);
  } finally {
    rmSync(lake, { recursive: true });
  }
}

async function assertAnswers(lake: string, recording: Recording, seed: number, what: string): Promise<void> {
  const random = chance(seed);
  const span = recording.end - recording.start;
  for (const kind of ['net', 'gross', 'basis'] as const) {
    const from = recording.start + Math.floor(random() * span * 0.6) * Number(kind !== 'net');
    const to = kind === 'gross' ? from + Math.floor((random() * span) / 2) : recording.end + 90_000_000;
    const request = requestOf(recording, { kind, from, to });
    const few = kind === 'basis' ? { legRows: 7 } : {};
    const { head, points } = await answerOf(lake, request, few);
    assertSame(points, modelSeries(recording, request), `seed ${seed}, ${what}, ${kind}`);
    const gaps = head.gaps.map((gap) => `${gap.venue} ${gap.from} ${gap.to} ${gap.reason}`).sort();
    assert.deepEqual(
      [...new Set(gaps)],
      [...new Set(modelGaps(recording, request))],
      `seed ${seed}, ${what}, gaps`,
    );
  }
}

test('a history is what the rules say, whether its rows are in the journal, in parts or in merged files', async () => {
  for (let seed = 1; seed <= 24; seed += 1) {
    const closed = seed % 2 === 0;
    const recording = randomRecording(seed, { ties: seed % 3 !== 0, closed });
    await withLake(recording, async (lake) => {
      await assertAnswers(lake, recording, seed, 'journal');
      const keeper = keeperOf(lake, recording, !closed);
      try {
        await keeper.recover();
        for (let ticks = 0; ticks < 3; ticks += 1) await keeper.tick();
        await assertAnswers(lake, recording, seed, 'partly converted');
        if (closed) await keeper.finish();
        else
          for (let left = Number.NaN; left !== listSegments(lake).length; ) {
            left = listSegments(lake).length;
            await keeper.tick();
          }
        await assertAnswers(lake, recording, seed, 'converted');
        await keeper.compactAll(true, () => {});
        await assertAnswers(lake, recording, seed, 'merged');
      } finally {
        await keeper.close();
      }
    });
  }
});
