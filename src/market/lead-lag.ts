/** Mid prices of one instrument where they changed: receive times in µs, rising, and the mids. */
export interface MidChanges {
  readonly time: Float64Array;
  readonly mid: Float64Array;
}

/** Who of two venues moves first, from `a`'s side. NaN = not known. */
export interface LeadLag {
  /** ms by which `a` is ahead; below 0 = `b` is. NaN where the two do not move together enough to tell. */
  readonly leadMs: number;
  /** Of the changes at that lag, −1 … 1. */
  readonly correlation: number;
  /** The same as if they were compared without a lag. */
  readonly correlationAtZero: number;
  /** Sum of squared correlations at all lags at which `a` is ahead, over those at which `b` is: above 1 = `a` leads. */
  readonly ratio: number;
  /** Share of the parts of the range whose own lead has the sign of the whole one, 0 … 1. */
  readonly agreement: number;
  /** Between the quarters of those leads, ms. */
  readonly spreadMs: number;
  /** Whether the parts bear the lead out: most agree on who is first, and the lead is no smaller than their scatter. */
  readonly clear: boolean;
  /** Changes of each, without the first price. */
  readonly changesA: number;
  readonly changesB: number;
}

/** Lags at which changes are compared, ms, each on both sides. */
const STEPS = [...[1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000]];
export const LAGS_MS: readonly number[] = [...STEPS.map((ms) => -ms).reverse(), 0, ...STEPS];
/** Between the two neighbours of the best lag the search goes on in so many steps. */
const REFINE = 20;
/** Parts of the range, of which each is asked alone. */
const PARTS = 6;
/** Fewer changes of either leg in a part say nothing. */
const LEAST_CHANGES = 20;
/** A correlation counts when it is so many times what chance gives, and no less than that. */
const SURE = 4;
const LEAST_CORRELATION = 0.05;
/** Five of six. */
const CLEAR_AGREEMENT = 0.8;
const US_PER_MS = 1000;

/**
 * Lead and lag by the correlation of Hayashi and Yoshida, which compares changes whose intervals overlap and needs no common grid of times, with the second leg shifted by each lag. Where the
 * correlation is greatest lies the lead. docs/STATISTICS.md has the formulas.
 */
export function leadLag(a: MidChanges, b: MidChanges): LeadLag {
  const [returnsA, returnsB] = [returnsOf(a), returnsOf(b)];
  const scale = Math.sqrt(squares(returnsA) * squares(returnsB));
  const at = (lagMs: number): number => overlap(a, returnsA, b, returnsB, lagMs * US_PER_MS) / scale;
  const changes = { changesA: returnsA.length, changesB: returnsB.length };
  if (Math.min(returnsA.length, returnsB.length) < LEAST_CHANGES) return { ...UNKNOWN, ...changes };
  const curve = LAGS_MS.map(at);
  const best = bestLag(curve, at);
  const parts = partLeads(a, b);
  // What chance gives: the same sum with the sign of each change thrown anew.
  const noise = Math.sqrt(overlap(a, returnsA.map(square), b, returnsB.map(square), 0)) / scale;
  const known = best.correlation >= Math.max(LEAST_CORRELATION, SURE * noise);
  const leadMs = known ? best.lagMs : Number.NaN;
  const agreeing = parts.filter((lead) => Math.sign(lead) === Math.sign(leadMs)).length;
  const agreement = known && parts.length > 0 ? agreeing / parts.length : Number.NaN;
  const spreadMs = parts.length > 1 ? quartileSpread(parts) : Number.NaN;
  return {
    ...{ agreement, spreadMs, clear: agreement >= CLEAR_AGREEMENT && Math.abs(leadMs) >= spreadMs },
    ...{ leadMs, correlation: best.correlation, correlationAtZero: at(0), ratio: ratioOf(curve), ...changes },
  };
}

const UNKNOWN = {
  ...{ leadMs: Number.NaN, correlation: Number.NaN, correlationAtZero: Number.NaN, ratio: Number.NaN },
  ...{ agreement: Number.NaN, spreadMs: Number.NaN, clear: false },
};

/** Changes of the logarithm of the mid: of each price to the one before. */
function returnsOf({ mid }: MidChanges): Float64Array {
  const returns = new Float64Array(Math.max(0, mid.length - 1));
  for (let i = 0; i < returns.length; i++) returns[i] = Math.log((mid[i + 1] as number) / (mid[i] as number));
  return returns;
}

function square(value: number): number {
  return value * value;
}

function squares(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return sum;
}

/** Sum of the products of all changes whose intervals overlap when the second leg is taken `lag` µs earlier. Each interval is open at its beginning. */
function overlap(
  a: MidChanges,
  returnsA: Float64Array,
  b: MidChanges,
  returnsB: Float64Array,
  lag: number,
): number {
  let sum = 0;
  let first = 0;
  for (let i = 0; i < returnsA.length; i++) {
    const start = (a.time[i] as number) + lag;
    const end = (a.time[i + 1] as number) + lag;
    // Those of the second leg that end before this one begins overlap none of the later ones either.
    while (first < returnsB.length && (b.time[first + 1] as number) <= start) first++;
    for (let j = first; j < returnsB.length && (b.time[j] as number) < end; j++)
      sum += (returnsA[i] as number) * (returnsB[j] as number);
  }
  return sum;
}

function bestLag(
  curve: readonly number[],
  at: (lagMs: number) => number,
): { readonly lagMs: number; readonly correlation: number } {
  let best = 0;
  for (let i = 1; i < curve.length; i++) if ((curve[i] as number) > (curve[best] as number)) best = i;
  const middle = LAGS_MS[best] as number;
  let found = { lagMs: middle, correlation: curve[best] as number };
  const [from, to] = [LAGS_MS[best - 1] ?? middle, LAGS_MS[best + 1] ?? middle];
  for (let i = 1; i < REFINE; i++) {
    const lagMs = from + ((to - from) * i) / REFINE;
    const correlation = at(lagMs);
    if (correlation > found.correlation) found = { lagMs, correlation };
  }
  return found;
}

function ratioOf(curve: readonly number[]): number {
  let [ahead, behind] = [0, 0];
  for (const [i, lag] of LAGS_MS.entries()) {
    if (lag > 0) ahead += (curve[i] as number) ** 2;
    else if (lag < 0) behind += (curve[i] as number) ** 2;
  }
  return ahead / behind;
}

/** The leads of equal parts of the time that both legs have, of those that can be told. */
function partLeads(a: MidChanges, b: MidChanges): number[] {
  const from = Math.max(a.time[0] as number, b.time[0] as number);
  const to = Math.min(a.time.at(-1) as number, b.time.at(-1) as number);
  const leads: number[] = [];
  for (let part = 0; part < PARTS; part++) {
    const [start, end] = [from + ((to - from) * part) / PARTS, from + ((to - from) * (part + 1)) / PARTS];
    const [one, other] = [within(a, start, end), within(b, start, end)];
    const [returnsA, returnsB] = [returnsOf(one), returnsOf(other)];
    if (Math.min(returnsA.length, returnsB.length) < LEAST_CHANGES) continue;
    const scale = Math.sqrt(squares(returnsA) * squares(returnsB));
    const at = (lagMs: number): number => overlap(one, returnsA, other, returnsB, lagMs * US_PER_MS) / scale;
    leads.push(bestLag(LAGS_MS.map(at), at).lagMs);
  }
  return leads;
}

function within({ time, mid }: MidChanges, from: number, to: number): MidChanges {
  let [first, end] = [0, time.length];
  while (first < end && (time[first] as number) < from) first++;
  while (end > first && (time[end - 1] as number) > to) end--;
  return { time: time.subarray(first, end), mid: mid.subarray(first, end) };
}

function quartileSpread(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] as number;
  return at(0.75) - at(0.25);
}
