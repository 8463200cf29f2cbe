import type { AnswerColumn } from '../lake/query-sandbox.ts';
import { type SqlValue, textOf } from '../lake/query-values.ts';
import { cells, cutToCells, visible } from './visible-text.ts';

/** A value that is wider is cut. */
const MOST_CELLS = 60;
/** Columns are not made narrower than this to fit the screen: half a number says something else. Times keep their seconds. */
const LEAST_CELLS = { text: 8, time: 20, number: MOST_CELLS };
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
  const least = columns.map(({ kind }) => LEAST_CELLS[kind]);
  const widths = fitted(natural, least, width);
  const line = (fields: readonly string[]) =>
    widths
      .map((most, i) => aligned(fields[i] ?? '', most, columns[i]?.kind === 'number'))
      .join(GAP)
      .trimEnd();
  const lines = [line(names), widths.map((most) => '─'.repeat(most)).join(GAP), ...texts.map(line)];
  return `${[...lines, ...footer(rows.length, more, names.slice(widths.length))].join('\n')}\n`;
}

function cellText(value: SqlValue): string {
  const text = textOf(value);
  if (text === null) return '';
  // A time is easier to read with its day apart.
  const readable = /^\d{4}-\d\d-\d\dT[\d:.]+Z?$/.test(text) ? text.replace('T', ' ') : text;
  return cutToCells(visible(readable.slice(0, 4 * MOST_CELLS)), MOST_CELLS);
}

/** Widths of the columns that are shown: the widest that can give way do, and where that is not enough the last are left out. */
function fitted(natural: readonly number[], least: readonly number[], screen: number): number[] {
  const widths = [...natural];
  const taken = () => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  const room = (i: number) => (widths[i] ?? 0) - (least[i] ?? 0);
  while (taken() > screen) {
    const soft = [...widths.keys()].filter((i) => room(i) > 0);
    const [widest] = soft.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    if (widest !== undefined) widths[widest] = (widths[widest] ?? 0) - 1;
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

function footer(shown: number, more: More, hidden: readonly string[]): string[] {
  const columns = `… ${hidden.length} more ${hidden.length === 1 ? 'column' : 'columns'}: ${hidden.join(', ')}`;
  const rest = `${more.exact ? '' : 'at least '}${more.rows.toLocaleString('en-US')} more`;
  return [
    ...(hidden.length === 0 ? [] : [columns]),
    more.rows === 0
      ? `(${counted(shown)})`
      : `… ${rest} ${more.rows === 1 ? 'row' : 'rows'} (--limit shows more)`,
  ];
}

function counted(rows: number): string {
  return `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
}
