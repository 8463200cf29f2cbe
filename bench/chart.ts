/** One line of a chart. */
export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly dashed?: boolean;
  /** Told at the last point. */
  readonly end?: string | undefined;
}

export interface Band {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Chart {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Spells that are named above the chart. */
  readonly bands: readonly Band[];
  /** A level with its name. */
  readonly limit?: { readonly y: number; readonly name: string } | undefined;
  readonly log?: boolean;
  readonly xMax: number;
  readonly format: (y: number) => string;
}

const WIDTH = 960;
const HEIGHT = 250;
const LEFT = 64;
const RIGHT = 150;
const TOP = 30;
const BOTTOM = 26;
/** Labels at the ends of lines keep this distance. */
const LABEL_GAP = 14;

/** A chart as SVG text, x in seconds. */
export function chartSvg(chart: Chart): string {
  const { top, low } = rangeOf(chart);
  const x = (value: number): number => LEFT + (value / chart.xMax) * (WIDTH - LEFT - RIGHT);
  const share = (value: number): number =>
    chart.log === true
      ? (Math.log(Math.max(value, low)) - Math.log(low)) / (Math.log(top) - Math.log(low))
      : value / top;
  const y = (value: number): number =>
    HEIGHT - BOTTOM - share(Math.min(value, top)) * (HEIGHT - TOP - BOTTOM);
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(chart.title)}">`,
    ...bands(chart, x),
    ...grid(chart, ticksOf(chart, low, top), y),
    ...xTicks(chart.xMax).map(
      (tick) => `<text class="tick" x="${x(tick)}" y="${HEIGHT - 8}" text-anchor="middle">${tick} s</text>`,
    ),
    ...limitOf(chart, y),
    ...chart.lines.map((line) => pathOf(line, x, y)),
    ...endLabels(chart, x, y),
    '</svg>',
  ].join('\n');
}

function rangeOf({ lines, limit, log }: Chart): { readonly top: number; readonly low: number } {
  const all = lines.flatMap(({ points }) => points.map((point) => point.y)).concat(limit?.y ?? []);
  const most = Math.max(1, ...all);
  if (log !== true) return { top: most * 1.08, low: 0 };
  const least = Math.max(0.5, Math.min(...all.filter((value) => value > 0), most));
  return { top: 10 ** Math.ceil(Math.log10(most)), low: 10 ** Math.floor(Math.log10(least)) };
}

function ticksOf({ log }: Chart, low: number, top: number): number[] {
  if (log === true) {
    const decades = Math.round(Math.log10(top / low));
    return Array.from({ length: decades + 1 }, (_, i) => low * 10 ** i);
  }
  const step = niceStep(top / 4);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
}

function xTicks(xMax: number): number[] {
  const step = niceStep(xMax / 6);
  return Array.from({ length: Math.floor(xMax / step) + 1 }, (_, i) => i * step);
}

function niceStep(rough: number): number {
  const decade = 10 ** Math.floor(Math.log10(rough));
  return decade * ([1, 2, 5].find((each) => each * decade >= rough) ?? 10);
}

function bands({ bands: spells }: Chart, x: (value: number) => number): string[] {
  return spells.flatMap(({ name, from, to }, i) => [
    `<rect class="band${i % 2}" x="${x(from)}" y="${TOP}" width="${Math.max(0, x(to) - x(from))}" height="${HEIGHT - TOP - BOTTOM}"/>`,
    `<text class="tick" x="${(x(from) + x(to)) / 2}" y="${TOP - 8}" text-anchor="middle">${escapeText(name)}</text>`,
  ]);
}

function grid({ format }: Chart, ticks: readonly number[], y: (value: number) => number): string[] {
  return ticks.flatMap((tick) => [
    `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>`,
    `<text class="tick" x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${escapeText(format(tick))}</text>`,
  ]);
}

function limitOf({ limit }: Chart, y: (value: number) => number): string[] {
  if (limit === undefined) return [];
  return [
    `<line class="limit" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(limit.y)}" y2="${y(limit.y)}"/>`,
    `<text class="limit" x="${LEFT + 6}" y="${y(limit.y) - 5}">${escapeText(limit.name)}</text>`,
  ];
}

function pathOf(
  { points, color, dashed }: Line,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const d = points.map(
    (point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`,
  );
  return `<path d="${d.join('')}" stroke="${color}"${dashed === true ? ' stroke-dasharray="3 3"' : ''}/>`;
}

/** Names at the right, each at the height of its line's end, pushed apart where they would overlap. */
function endLabels({ lines }: Chart, x: (value: number) => number, y: (value: number) => number): string[] {
  const placed = lines
    .flatMap((line) => {
      const last = line.points.at(-1);
      return last === undefined ? [] : [{ line, at: y(last.y), x: x(last.x) }];
    })
    .sort((a, b) => a.at - b.at);
  let above = -LABEL_GAP;
  return placed.map(({ line, at, x: from }) => {
    above = Math.max(at, above + LABEL_GAP);
    const text = line.end === undefined ? line.name : `${line.name}: ${line.end}`;
    return `<text class="end" x="${Math.min(from + 8, WIDTH - RIGHT + 8)}" y="${above + 4}" fill="${line.color}">${escapeText(text)}</text>`;
  });
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
