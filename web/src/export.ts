import type { Series } from './chart/series.ts';

/** What is shown, as a file with commas. */
export function csvOf(
  { time, value, upper, lower, ask, bid }: Series,
  [from, to]: readonly [number, number],
): string {
  const lines = ['time,value_bps,upper_bps,lower_bps,ask,bid'];
  const cell = (figure: number | undefined) =>
    figure === undefined || Number.isNaN(figure) ? '' : String(figure);
  for (let i = 0; i < time.length; i++) {
    const at = time[i] as number;
    if (at < from || at > to) continue;
    const figures = [value[i], upper[i], lower[i], ask[i], bid[i]].map(cell);
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
