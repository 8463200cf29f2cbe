import type { Series } from './chart/series.ts';

/** What files of a chart have beside the time. */
export const COLUMNS = ['value_bps', 'upper_bps', 'lower_bps', 'ask', 'bid'] as const;

/** What a chart shows, as columns of equal length: seconds since the epoch, basis points, quote units; NaN = not known. */
export type Table = Readonly<Record<'time' | (typeof COLUMNS)[number], Float64Array>>;

/** The part of a series that is on show. */
export function tableOf(
  { time, value, upper, lower, ask, bid }: Series,
  [from, to]: readonly [number, number],
): Table {
  const first = time.findIndex((at) => at >= from);
  const last = time.findLastIndex((at) => at <= to);
  const cut = (column: Float64Array) => column.subarray(first < 0 ? time.length : first, last + 1);
  return {
    ...{ time: cut(time), value_bps: cut(value), upper_bps: cut(upper), lower_bps: cut(lower) },
    ...{ ask: cut(ask), bid: cut(bid) },
  };
}

/** What is shown, as a file with commas. */
export function csvOf(table: Table): string {
  const lines = [`time,${COLUMNS.join(',')}`];
  const cell = (figure: number | undefined) =>
    figure === undefined || Number.isNaN(figure) ? '' : String(figure);
  for (const [i, at] of table.time.entries()) {
    const figures = COLUMNS.map((name) => cell(table[name][i]));
    lines.push([new Date(at * 1000).toISOString(), ...figures].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** The chart as a picture on the page's ground, with its name. */
export function pictureOf(canvas: HTMLCanvasElement, title: string): Promise<Blob | null> {
  const head = 28 * devicePixelRatio;
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height + head;
  const ctx = copy.getContext('2d');
  const style = getComputedStyle(document.documentElement);
  if (ctx !== null) {
    ctx.fillStyle = style.getPropertyValue('--sheet').trim();
    ctx.fillRect(0, 0, copy.width, copy.height);
    ctx.fillStyle = style.getPropertyValue('--text').trim();
    ctx.font = `${13 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.fillText(title, 10 * devicePixelRatio, 19 * devicePixelRatio);
    ctx.drawImage(canvas, 0, head);
  }
  return new Promise((resolve) => copy.toBlob(resolve, 'image/png'));
}

/** Hands a file to the browser's downloads. */
export function download(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
