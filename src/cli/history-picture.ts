import type { HistoryColumns, HistoryHead, HistoryTotals } from '../app/history.ts';

/** What is drawn. Values are fractions, times µs since the epoch. */
export interface Picture {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly head: HistoryHead;
  readonly totals: HistoryTotals;
  readonly batches: readonly HistoryColumns[];
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

const BPS = 10_000;
const LABEL = 9;
/** Dots of a cell: two across, four down; the bits of a braille character. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BRAILLE = 0x2800;
const GAP = '░';
const UNRECORDED = '╳';
const CODES = { line: '36', band: '33', dim: '2', gap: '31' } as const;

/** How wide the drawing is, in cells, on so many columns of a terminal. */
export function plotCells(columns: number): number {
  return Math.max(16, Math.min(columns - LABEL - 3, 200));
}

/** The points that fill a drawing: two for each column of dots. */
export function picturePoints(columns: number): number {
  return plotCells(columns) * 4;
}

/** The series over time, with its bands, gaps and figures; one string a line. */
export function drawHistory(picture: Picture): string[] {
  const { totals, head } = picture;
  if (totals.ticks === 0) return [picture.title, ...footer(picture)];
  const cells = plotCells(picture.columns);
  const rows = Math.max(4, Math.min(picture.rows, 24));
  const scale = scaleOf(picture, rows * 4);
  const canvas = new Canvas(cells, rows);
  drawBands(canvas, picture, scale);
  drawSeries(canvas, picture, scale);
  const marks = Array.from({ length: cells }, (_, cell) => markOf(head, picture, cell, cells));
  const paint = painter(picture.color);
  const lines = Array.from({ length: rows }, (_, row) => {
    const label = labelOf(scale, row, rows);
    const body = marks.map((mark, cell) => canvas.cell(cell, row, mark, paint)).join('');
    return `${label.padStart(LABEL)} ${paint('dim', '│')}${body}`;
  });
  return [picture.title, ...lines, ...axis(picture, cells, paint), ...footer(picture)];
}

interface Scale {
  readonly low: number;
  readonly high: number;
  /** Dot rows. */
  readonly dots: number;
}

function scaleOf({ batches, totals }: Picture, dots: number): Scale {
  let [low, high] = [totals.min, totals.max];
  for (const { upper, lower } of batches) {
    for (const value of upper) if (value > high) high = value;
    for (const value of lower) if (value < low) low = value;
  }
  const room = high > low ? 0 : Math.max(1e-6, Math.abs(high) / 100);
  return { low: low - room, high: high + room, dots };
}

/** The row of dots of a value, 0 = the top. */
function dotOf({ low, high, dots }: Scale, value: number): number {
  return Math.round(((high - value) / (high - low)) * (dots - 1));
}

/** Calls with every point: its column of dots, and which it is. */
function eachPoint(
  { batches, from, to, columns }: Picture,
  visit: (dot: number, batch: HistoryColumns, i: number) => void,
): void {
  const dots = plotCells(columns) * 2;
  for (const batch of batches)
    for (const [i, time] of batch.time.entries())
      visit(Math.min(dots - 1, Math.floor(((time - from) / Math.max(1, to - from)) * dots)), batch, i);
}

/** A value holds until the next: the line goes on level, and up or down where it changes. */
function drawSeries(canvas: Canvas, picture: Picture, scale: Scale): void {
  let [column, last] = [0, Number.NaN];
  eachPoint(picture, (dot, { value }, i) => {
    for (; column < dot; column += 1) if (!Number.isNaN(last)) canvas.line(column, dotOf(scale, last));
    const now = value[i] as number;
    if (!Number.isNaN(now)) {
      const at = dotOf(scale, now);
      const before = Number.isNaN(last) ? at : dotOf(scale, last);
      for (let row = Math.min(at, before); row <= Math.max(at, before); row += 1) canvas.line(dot, row);
    }
    last = now;
  });
  for (; column < canvas.width; column += 1) if (!Number.isNaN(last)) canvas.line(column, dotOf(scale, last));
}

function drawBands(canvas: Canvas, picture: Picture, scale: Scale): void {
  eachPoint(picture, (dot, { upper, lower }, i) => {
    for (const value of [upper[i] as number, lower[i] as number])
      if (!Number.isNaN(value)) canvas.band(dot, dotOf(scale, value));
  });
}

type Mark = 'gap' | 'unrecorded' | undefined;
type Paint = (code: keyof typeof CODES, text: string) => string;

/** What is known of a cell's time where nothing is drawn. */
function markOf({ gaps, unrecorded }: HistoryHead, { from, to }: Picture, cell: number, cells: number): Mark {
  const start = from + ((to - from) * cell) / cells;
  const end = from + ((to - from) * (cell + 1)) / cells;
  // Of an instant, or of less than a cell, the break in the line tells.
  const isIn = (spell: { from: number; to: number }) =>
    Math.min(spell.to, end) - Math.max(spell.from, start) > (end - start) / 2;
  if (unrecorded.some(isIn)) return 'unrecorded';
  return gaps.some(isIn) ? 'gap' : undefined;
}

/** Two layers of dots: the line, and the bands where it leaves room. */
class Canvas {
  readonly width: number;
  readonly #cells: number;
  readonly #line: Uint8Array;
  readonly #band: Uint8Array;

  constructor(cells: number, rows: number) {
    this.width = 2 * cells;
    this.#cells = cells;
    this.#line = new Uint8Array(cells * rows);
    this.#band = new Uint8Array(cells * rows);
  }

  line(column: number, row: number): void {
    this.#set(this.#line, column, row);
  }

  band(column: number, row: number): void {
    this.#set(this.#band, column, row);
  }

  cell(cell: number, row: number, mark: Mark, paint: Paint): string {
    const at = row * this.#cells + cell;
    const [line = 0, band = 0] = [this.#line[at], this.#band[at]];
    if (line !== 0) return paint('line', String.fromCharCode(BRAILLE + line));
    if (mark !== undefined) return paint(mark === 'gap' ? 'gap' : 'dim', mark === 'gap' ? GAP : UNRECORDED);
    return band === 0 ? ' ' : paint('band', String.fromCharCode(BRAILLE + band));
  }

  #set(layer: Uint8Array, column: number, row: number): void {
    const at = (row >> 2) * this.#cells + (column >> 1);
    layer[at] = (layer[at] ?? 0) | (DOTS[column & 1 ? 1 : 0][row & 3] ?? 0);
  }
}

function painter(color: boolean): Paint {
  return (code, text) => (color ? `\x1b[${CODES[code]}m${text}\x1b[0m` : text);
}

/** Every fourth row, and the last, says its value. */
function labelOf(scale: Scale, row: number, rows: number): string {
  if (row % 4 !== 0 && row !== rows - 1) return '';
  if (row !== rows - 1 && rows - 1 - row < 2) return '';
  const share = rows === 1 ? 0 : row / (rows - 1);
  return figure(scale.high - share * (scale.high - scale.low));
}

function axis({ from, to, columns }: Picture, cells: number, paint: Paint): string[] {
  const [left, right] = [shortTime(from, to), shortTime(to, from)];
  const middle = cells >= 60 ? shortTime((from + to) / 2, to) : '';
  const room = Math.max(1, cells - left.length - middle.length - right.length);
  const text = left + ' '.repeat(Math.floor(room / 2)) + middle + ' '.repeat(Math.ceil(room / 2)) + right;
  const ruler = `${' '.repeat(LABEL + 1)}${paint('dim', `└${'─'.repeat(cells)}`)}`;
  return [ruler, `${' '.repeat(LABEL + 2)}${text.slice(0, Math.max(cells, columns - LABEL - 3))}`];
}

function footer({ totals, head, from, to, color }: Picture): string[] {
  const paint = painter(color);
  const { ticks, min, mean, max, last } = totals;
  const lines: string[] = [];
  if (ticks === 0) lines.push('no tick at which both venues had a valid quote');
  else
    lines.push(
      `min ${figure(min)}   mean ${figure(mean)}   max ${figure(max)}   last ${figure(last)}   ${ticks.toLocaleString('en-US')} ticks in ${span(to - from)}`,
      `${paint('line', '⣿')} every tick's value   ${paint('band', '⠒')} 3rd and 97th percentile of the last 200`,
    );
  const { gaps, unrecorded } = head;
  if (gaps.length > 0)
    lines.push(
      `${paint('gap', GAP)} ${gaps.length === 1 ? '1 gap' : `${gaps.length} gaps`}: ${told(gaps, ({ reason }) => reason)}`,
    );
  // What was not looked at in the last moment is the recorder's pace, and no news.
  const missing = unrecorded.filter((part) => part.to - part.from > (to - from) / 1000);
  if (missing.length > 0)
    lines.push(`${paint('dim', UNRECORDED)} never recorded: ${told(missing, () => '')}`);
  return lines;
}

/** How long, by venue and reason. */
function told<T extends { venue: string; from: number; to: number }>(
  spells: readonly T[],
  reasonOf: (spell: T) => string,
): string {
  const sums = new Map<string, number>();
  for (const spell of spells) {
    const key = `${spell.venue} ${reasonOf(spell)}`.trim();
    sums.set(key, (sums.get(key) ?? 0) + spell.to - spell.from);
  }
  return [...sums].map(([key, sum]) => `${key} ${span(sum)}`).join(', ');
}

function figure(value: number): string {
  const bps = value * BPS;
  return Number.isNaN(bps) ? '–' : bps.toFixed(Math.abs(bps) < 1000 ? 2 : 0).replace('-', '−');
}

/** 1 d 2 h, 3 min 4 s, 5 ms: the two largest units. */
export function span(micros: number): string {
  const units = [
    ['d', 86_400_000_000],
    ['h', 3_600_000_000],
    ['min', 60_000_000],
    ['s', 1_000_000],
    ['ms', 1000],
    ['µs', 1],
  ] as const;
  const first = units.findIndex(([, size]) => micros >= size);
  if (first === -1) return '0 s';
  let left = micros;
  const parts: string[] = [];
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

/** The time of day, with the day if the other end is on another. */
function shortTime(micros: number, other: number): string {
  const text = new Date(micros / 1000).toISOString();
  const sameDay = text.slice(0, 10) === new Date(other / 1000).toISOString().slice(0, 10);
  return sameDay ? text.slice(11, 19) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}
