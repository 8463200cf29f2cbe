import { SpreadscopeError } from '../core/errors.ts';
import type { HistoryGap, HistoryKind, HistorySource, HistoryUnrecorded } from '../wire/api.ts';
import type { HistoryAnswer, HistoryColumns } from './sources.ts';

const BPS = 10_000;

export const HISTORY_FORMATS = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
} as const;
export type HistoryFormat = keyof typeof HISTORY_FORMATS;

/** Points of one reply in JSON, whose columns stand one after the other and so must all be known before the second begins. */
export const MAX_JSON_POINTS = 3 * 2 ** 16;
export const JSON_REPLY_BYTES = MAX_JSON_POINTS * 4 * 8;

/** The format that an `Accept` header likes best; JSON if it names none of ours. */
export function formatFor(accept: string | undefined): HistoryFormat {
  const liked = (accept ?? '')
    .split(',')
    .map((part, at) => {
      const [type = '', ...more] = part.split(';').map((word) => word.trim().toLowerCase());
      const quality = more.find((word) => word.startsWith('q='));
      return { type, at, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || a.at - b.at);
  for (const { type } of liked) {
    if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson';
    if (type === 'text/csv') return 'csv';
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  }
  return 'json';
}

export interface HistoryText {
  readonly route: string;
  readonly kind: HistoryKind;
  readonly from: number;
  readonly to: number;
}

/** The reply's text, a batch at a time: nothing is read that was not asked for. */
export function textOf(
  format: HistoryFormat,
  about: HistoryText,
  answer: HistoryAnswer,
): AsyncGenerator<string, void, undefined> {
  if (format === 'ndjson') return ndjson(answer);
  return format === 'csv' ? csv(answer) : json(about, answer);
}

async function* csv({ batches }: HistoryAnswer): AsyncGenerator<string, void, undefined> {
  yield 'time,value,upper,lower\n';
  for await (const batch of batches) {
    let text = '';
    for (let i = 0; i < batch.time.length; i += 1)
      text += `${batch.time[i]},${field(batch.value, i)},${field(batch.upper, i)},${field(batch.lower, i)}\n`;
    yield text;
  }
}

async function* ndjson({
  batches,
  gaps,
  unrecorded,
  sources,
}: HistoryAnswer): AsyncGenerator<string, void, undefined> {
  for await (const batch of batches) {
    let text = '';
    for (let i = 0; i < batch.time.length; i += 1)
      text += `{"time":${batch.time[i]},"value":${bps(batch.value, i)},"upper":${bps(batch.upper, i)},"lower":${bps(batch.lower, i)}}\n`;
    yield text;
  }
  yield lines('gap', gaps) + lines('unrecorded', unrecorded) + lines('source', sources);
}

function lines(name: string, entries: readonly (HistoryGap | HistoryUnrecorded | HistorySource)[]): string {
  return entries.map((entry) => `${JSON.stringify({ [name]: entry })}\n`).join('');
}

async function* json(
  { route, kind, from, to }: HistoryText,
  { batches, gaps, unrecorded, sources }: HistoryAnswer,
): AsyncGenerator<string, void, undefined> {
  const kept: HistoryColumns[] = [];
  let points = 0;
  for await (const batch of batches) {
    points += batch.time.length;
    if (points > MAX_JSON_POINTS)
      throw new SpreadscopeError(
        'BAD_REQUEST',
        `that is more than ${MAX_JSON_POINTS} points; give points, a shorter range, or Accept: application/x-ndjson or text/csv`,
      );
    kept.push(batch);
  }
  const head = { route, kind, from, to };
  yield `${JSON.stringify(head).slice(0, -1)},"time":[`;
  yield* column(kept, (batch, i) => String(batch.time[i]));
  yield '],"value":[';
  yield* column(kept, (batch, i) => bps(batch.value, i));
  yield '],"upper":[';
  yield* column(kept, (batch, i) => bps(batch.upper, i));
  yield '],"lower":[';
  yield* column(kept, (batch, i) => bps(batch.lower, i));
  yield `],"gaps":${JSON.stringify(gaps)},"unrecorded":${JSON.stringify(unrecorded)},"sources":${JSON.stringify(sources)}}`;
}

function* column(
  batches: readonly HistoryColumns[],
  textAt: (batch: HistoryColumns, i: number) => string,
): Generator<string, void, undefined> {
  let first = true;
  for (const batch of batches) {
    let text = '';
    for (let i = 0; i < batch.time.length; i += 1) {
      text += first ? textAt(batch, i) : `,${textAt(batch, i)}`;
      first = false;
    }
    yield text;
  }
}

function bps(column: Float64Array, i: number): string {
  const value = column[i] as number;
  return Number.isFinite(value) ? String(value * BPS) : 'null';
}

function field(column: Float64Array, i: number): string {
  const value = column[i] as number;
  return Number.isFinite(value) ? String(value * BPS) : '';
}
