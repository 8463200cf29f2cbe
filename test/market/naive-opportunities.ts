import { SURVIVAL_MS } from '../../src/core/opportunity.ts';

export interface NaiveRow {
  readonly time: number;
  readonly venue: number;
  /** `undefined` = the quote ended for this reason. */
  readonly ended?: 'ended' | 'silent' | 'unlisted';
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

export interface NaiveOpportunity {
  readonly buy: number;
  readonly sell: number;
  readonly start: number;
  readonly end: number;
  readonly startNet: number;
  readonly peakNet: number;
  readonly peakTime: number;
  readonly meanNet: number;
  readonly timeMeanNet: number;
  readonly ticks: number;
  readonly size: number;
  readonly notional: number;
  readonly peakSize: number;
  readonly peakNotional: number;
  readonly buyAge: number;
  readonly sellAge: number;
  readonly closedBy: string;
  readonly survival: readonly number[];
}

interface Point {
  readonly time: number;
  readonly net: number;
  readonly size: number;
  readonly notional: number;
  readonly buyAge: number;
  readonly sellAge: number;
  /** Whether a row of one of the legs made it. */
  readonly tick: boolean;
  /** Why it is not valid; empty = it is. */
  readonly why: string;
}

/**
 * Opportunities of one symbol as the definitions say, from the whole list of rows: for each route, everything is looked up again at each row and at each moment at which a quote grows too old.
 * @param fees by venue, fractions
 */
export function naiveOpportunities(
  rows: readonly NaiveRow[],
  fees: readonly number[],
  maxAge: number,
  thresholds: { readonly openNet: number; readonly closeNet: number },
  stop: number,
): NaiveOpportunity[] {
  const found: NaiveOpportunity[] = [];
  for (let buy = 0; buy < fees.length; buy++)
    for (let sell = 0; sell < fees.length; sell++)
      if (buy !== sell) found.push(...ofRoute(rows, fees, maxAge, thresholds, stop, buy, sell));
  return found;
}

function ofRoute(
  rows: readonly NaiveRow[],
  fees: readonly number[],
  maxAge: number,
  { openNet, closeNet }: { readonly openNet: number; readonly closeNet: number },
  stop: number,
  buy: number,
  sell: number,
): NaiveOpportunity[] {
  const points = pointsOf(rows, fees, maxAge, stop, buy, sell);
  const found: NaiveOpportunity[] = [];
  let open: Point[] = [];
  const close = (end: number, closedBy: string): void => {
    const [first] = open;
    if (first === undefined) return;
    found.push({ buy, sell, ...summary(open, first, end), closedBy });
    open = [];
  };
  for (const point of points) {
    if (open.length === 0) {
      if (point.why === '' && point.net >= openNet) open = [point];
    } else if (point.why !== '') close(point.time, point.why);
    else if (point.net < closeNet) close(point.time, 'spread');
    else open.push(point);
  }
  close(stop, 'stopped');
  return found;
}

function summary(open: readonly Point[], first: Point, end: number) {
  const best = open.reduce((peak, point) => (point.net > peak.net ? point : peak), first);
  const until = (i: number): number => open[i + 1]?.time ?? end;
  const integral = open.reduce((sum, { net, time }, i) => sum + net * (until(i) - time), 0);
  const mean = open.reduce((sum, { net }) => sum + net, 0) / open.length;
  return {
    start: first.time,
    end,
    startNet: first.net,
    peakNet: best.net,
    peakTime: best.time,
    meanNet: mean,
    timeMeanNet: end > first.time ? integral / (end - first.time) : mean,
    ticks: open.length,
    size: first.size,
    notional: first.notional,
    peakSize: best.size,
    peakNotional: best.notional,
    buyAge: first.buyAge,
    sellAge: first.sellAge,
    survival: SURVIVAL_MS.map((ms) => {
      const at = first.time + ms * 1000;
      return at >= end ? Number.NaN : (open.findLast(({ time }) => time <= at)?.net ?? Number.NaN);
    }),
  };
}

/** What the route is at each row of a leg, and where it ends by age. */
function pointsOf(
  rows: readonly NaiveRow[],
  fees: readonly number[],
  maxAge: number,
  stop: number,
  buy: number,
  sell: number,
): Point[] {
  const points: Point[] = [];
  const own = rows.filter(({ venue }) => venue === buy || venue === sell);
  own.forEach((row, i) => {
    const past = own.slice(0, i + 1);
    const b = past.findLast(({ venue }) => venue === buy);
    const s = past.findLast(({ venue }) => venue === sell);
    points.push(...aged(own.slice(0, i), row.time, maxAge, buy, sell));
    points.push(pointAt(row, b, s, fees[buy] as number, fees[sell] as number, maxAge, row.venue === buy));
  });
  return [...points, ...aged(own, stop, maxAge, buy, sell)];
}

/** Where a leg grew too old after these rows and before `time`. */
function aged(before: readonly NaiveRow[], time: number, maxAge: number, buy: number, sell: number): Point[] {
  return [
    { side: 'buy', venue: buy, row: before.findLast(({ venue }) => venue === buy) },
    { side: 'sell', venue: sell, row: before.findLast(({ venue }) => venue === sell) },
  ]
    .flatMap(({ side, row }) =>
      row !== undefined && isSound(row) && row.time + maxAge < time
        ? [{ time: row.time + maxAge, side }]
        : [],
    )
    .sort((x, y) => x.time - y.time)
    .map((end) => invalid(end.time, `${end.side}-aged`));
}

function pointAt(
  row: NaiveRow,
  b: NaiveRow | undefined,
  s: NaiveRow | undefined,
  buyFee: number,
  sellFee: number,
  maxAge: number,
  isBuy: boolean,
): Point {
  if (!isSound(row)) return invalid(row.time, `${isBuy ? 'buy' : 'sell'}-${row.ended ?? 'book'}`);
  if (b === undefined || s === undefined || !isSound(b) || !isSound(s)) return invalid(row.time, 'other');
  if (b.time + maxAge < row.time || s.time + maxAge < row.time) return invalid(row.time, 'other');
  const size = Math.min(b.askSize, s.bidSize);
  return {
    time: row.time,
    net: s.bid * (1 - sellFee) * (1 / (b.ask * (1 + buyFee))) - 1,
    size,
    notional: size * b.ask,
    buyAge: row.time - b.time,
    sellAge: row.time - s.time,
    tick: true,
    why: '',
  };
}

function isSound(row: NaiveRow): boolean {
  return row.ended === undefined && row.bid > 0 && row.ask >= row.bid && row.bidSize > 0 && row.askSize > 0;
}

function invalid(time: number, why: string): Point {
  return { time, net: Number.NaN, size: 0, notional: 0, buyAge: 0, sellAge: 0, tick: false, why };
}
