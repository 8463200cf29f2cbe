import type { HistoryGap, HistoryUnrecorded } from '../wire/api.ts';
import type { HistoryColumns, HistoryHead } from './history.ts';

const BPS = 10_000;
const SECOND_US = 1_000_000;

/** A line of text for each point, in basis points. */
export type PointLine = (points: HistoryColumns, i: number) => string;

/** `2026-11-23T14:00:00.000000Z` out of µs since the epoch. */
export class IsoTimes {
  #second = Number.NaN;
  #prefix = '';

  /** The day and second are worked out once for all times that share them. */
  of(micros: number): string {
    const second = Math.floor(micros / SECOND_US);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = new Date(second * 1000).toISOString().slice(0, 20);
    }
    return `${this.#prefix}${String(micros - second * SECOND_US).padStart(6, '0')}Z`;
  }
}

export const CSV_HEADER = 'time,value,upper,lower\n';

/** CSV with times that people and spreadsheets read; empty where nothing is known. */
export function csvLine(times: IsoTimes): PointLine {
  return ({ time, value, lower, upper }, i) =>
    `${times.of(time[i] as number)},${bps(value, i, '')},${bps(upper, i, '')},${bps(lower, i, '')}\n`;
}

/** The same with µs since the epoch, for the engine. */
export function microsLine({ time, value, lower, upper }: HistoryColumns, i: number): string {
  return `${time[i]},${bps(value, i, '')},${bps(upper, i, '')},${bps(lower, i, '')}\n`;
}

/** As the API's NDJSON. */
export function ndjsonLine({ time, value, lower, upper }: HistoryColumns, i: number): string {
  return `{"time":${time[i]},"value":${bps(value, i)},"upper":${bps(upper, i)},"lower":${bps(lower, i)}}\n`;
}

export function headLines({ gaps, unrecorded }: HistoryHead): string {
  const lines = (name: string, entries: readonly (HistoryGap | HistoryUnrecorded)[]) =>
    entries.map((entry) => `${JSON.stringify({ [name]: entry })}\n`);
  return [...lines('gap', gaps), ...lines('unrecorded', unrecorded)].join('');
}

/** All points of a batch as text. */
export function linesOf(points: HistoryColumns, line: PointLine): string {
  let text = '';
  for (let i = 0; i < points.time.length; i += 1) text += line(points, i);
  return text;
}

/** One column of a JSON reply, without its brackets. */
export function jsonColumn(batches: readonly HistoryColumns[], name: keyof HistoryColumns): string[] {
  return batches.map((batch, at) => {
    const texts = Array.from(batch[name], (value, i) =>
      name === 'time' ? String(value) : bps(batch[name], i),
    );
    return (at > 0 && texts.length > 0 ? ',' : '') + texts.join(',');
  });
}

function bps(column: Float64Array, i: number, unknown = 'null'): string {
  const value = column[i] as number;
  return Number.isFinite(value) ? String(value * BPS) : unknown;
}
