import type { AnswerColumn } from '../lake/query-sandbox.ts';
import { jsonOf, type SqlValue, textOf } from '../lake/query-values.ts';
import type { QueryFormat } from './query-protocol.ts';
import { visible, visibleJson } from './visible-text.ts';

/** Turns an answer into text, a row at a time. */
export interface RowWriter {
  head(): string;
  row(values: readonly SqlValue[], index: number): string;
  /** @param rows that were written */
  tail(rows: number): string;
}

/**
 * A writer of a format for programs.
 * @param onTerminal control characters become visible; elsewhere the text is what it is
 */
export function rowWriter(
  format: Exclude<QueryFormat, 'table'>,
  columns: readonly AnswerColumn[],
  onTerminal: boolean,
): RowWriter {
  if (format === 'csv') return csvWriter(columns, onTerminal ? visible : same);
  const finish = onTerminal ? visibleJson : same;
  const names = columns.map(({ uniqueName }) => JSON.stringify(uniqueName));
  const object = (values: readonly SqlValue[]) =>
    finish(`{${values.map((value, i) => `${names[i]}:${jsonOf(value)}`).join(',')}}`);
  if (format === 'ndjson') return { head: () => '', row: (values) => `${object(values)}\n`, tail: () => '' };
  return {
    head: () => '[',
    row: (values, index) => `${index === 0 ? '' : ','}\n${object(values)}`,
    tail: (rows) => (rows === 0 ? ']\n' : '\n]\n'),
  };
}

/** As RFC 4180 has it, lines ended by a line feed: null is nothing, empty text is "". */
function csvWriter(columns: readonly AnswerColumn[], finish: (text: string) => string): RowWriter {
  const line = (fields: readonly (string | null)[]) => `${finish(fields.map(csvField).join(','))}\n`;
  return {
    head: () => line(columns.map(({ name }) => name)),
    row: (values) => line(values.map(textOf)),
    tail: () => '',
  };
}

function csvField(text: string | null): string {
  if (text === null) return '';
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function same(text: string): string {
  return text;
}
