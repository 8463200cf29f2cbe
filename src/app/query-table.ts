import type { AnswerColumn } from '../lake/query-sandbox.ts';
import { type SqlValue, textOf } from '../lake/query-values.ts';
import { cells, cutToCells, visible } from './visible-text.ts';

/** A value that is wider is cut. */
const MOST_CELLS = 60;
/** A column is not made narrower than this to fit the screen; then columns are left out. */
const LEAST_CELLS = 8;
const GAP = '  ';

/** How many more rows there are: exactly, or at least. */
export interface More {
  readonly rows: number;
  readonly exact: boolean;
}

/**
 * An answer as an aligned table: numbers end, everything else begins at the same place; no line is wider than the screen.
 * @param width cells of the screen; infinite = there is none
 */
export function answerTable(
  columns: readonly AnswerColumn[],
  rows: readonly (readonly SqlValue[])[],
  more: More,
  width: number,
): string {
  const texts = rows.map((values) => values.map(cellText));
  const names = columns.map(({ name }) => visible(name));
  const natural = names.map((name, i) =>
    texts.reduce((most, row) => Math.max(most, cells(row[i] ?? '')), Math.min(cells(name), MOST_CELLS)),
  );
  const widths = fitted(natural, width);
  const line = (fields: readonly string[]) =>
    widths
      .map((most, i) => aligned(fields[i] ?? '', most, columns[i]?.isNumber === true))
      .join(GAP)
      .trimEnd();
  const lines = [line(names), widths.map((most) => '─'.repeat(most)).join(GAP), ...texts.map(line)];
  return `${[...lines, ...footer(rows.length, more, columns.length - widths.length)].join('\n')}\n`;
}

function cellText(value: SqlValue): string {
  const text = textOf(value);
  if (text === null) return '';
  // A time is easier to read with its day apart.
  const readable = /^\d{4}-\d\d-\d\dT[\d:.]+Z?$/.test(text) ? text.replace('T', ' ') : text;
  return cutToCells(visible(readable.slice(0, 4 * MOST_CELLS)), MOST_CELLS);
}

/** Widths of the columns that are shown: the widest give way, and the last are left out where that is not enough. */
function fitted(natural: readonly number[], screen: number): number[] {
  const widths = [...natural];
  const taken = () => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  while (taken() > screen) {
    const widest = Math.max(...widths);
    if (widest > LEAST_CELLS) widths[widths.indexOf(widest)] = widest - 1;
    else if (widths.length > 1) widths.pop();
    else break;
  }
  return widths;
}

function aligned(text: string, width: number, right: boolean): string {
  const shown = cutToCells(text, width);
  const space = ' '.repeat(Math.max(0, width - cells(shown)));
  return right ? space + shown : shown + space;
}

function footer(shown: number, more: More, hidden: number): string[] {
  const columns = hidden === 0 ? [] : [`… ${hidden} more ${hidden === 1 ? 'column' : 'columns'}`];
  if (more.rows === 0) return [...columns, `(${counted(shown)})`];
  const rest = `${more.exact ? '' : 'at least '}${more.rows.toLocaleString('en-US')} more`;
  return [...columns, `… ${rest} ${more.rows === 1 ? 'row' : 'rows'} (--limit shows more)`];
}

function counted(rows: number): string {
  return `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
}
