import { SURVIVAL_MS } from './opportunity.ts';

/**
 * Edge survival: of the opportunities that opened, how many were still over their opening threshold so long after, and how much of the edge was left. Sums of
 * parts of a recording add up.
 */

/** How opportunities may be put together. */
export const SURVIVAL_GROUPS = ['all', 'venues', 'symbol', 'route'] as const;
export type SurvivalGrouping = (typeof SURVIVAL_GROUPS)[number];

/** Sums over opportunities; the arrays have an entry for each of `SURVIVAL_MS`. */
export interface SurvivalSums {
  count: number;
  /** Of the net spreads with which they opened, basis points. */
  startBps: number;
  /** Opportunities that were at or over their opening threshold by then. */
  readonly over: number[];
  /** Of what was left of the net spreads, basis points: nothing of one that had ended or was below zero. */
  readonly leftBps: number[];
}

export interface SurvivalCurve {
  readonly opportunities: number;
  readonly meanStartBps: number;
  /** Shares, 0 … 1, at each of `SURVIVAL_MS`. */
  readonly overThreshold: readonly number[];
  /** Mean of what was left, basis points, those that had ended counted as 0. */
  readonly leftBps: readonly number[];
  /** The same as a share of what there was at the opening; nulls where that was nothing, which thresholds below zero allow. */
  readonly leftShare: readonly (number | null)[];
  /** When half of the edge was gone, ms: between two delays by the straight line; null = more than half was left after the last, or there was nothing. */
  readonly halfLifeMs: number | null;
}

/** What counts of one opportunity. */
export interface Edge {
  readonly openBps: number;
  readonly startNetBps: number;
  readonly survivalBps: readonly (number | null)[];
}

export function noSurvival(): SurvivalSums {
  const zeros = (): number[] => SURVIVAL_MS.map(() => 0);
  return { count: 0, startBps: 0, over: zeros(), leftBps: zeros() };
}

export function addEdge(sums: SurvivalSums, edge: Edge): void {
  sums.count++;
  sums.startBps += edge.startNetBps;
  edge.survivalBps.forEach((net, i) => {
    if (net === null) return;
    if (net >= edge.openBps) sums.over[i] = (sums.over[i] ?? 0) + 1;
    sums.leftBps[i] = (sums.leftBps[i] ?? 0) + Math.max(0, net);
  });
}

export function addSurvival(sums: SurvivalSums, more: SurvivalSums): void {
  sums.count += more.count;
  sums.startBps += more.startBps;
  for (const i of SURVIVAL_MS.keys()) {
    sums.over[i] = (sums.over[i] ?? 0) + (more.over[i] ?? 0);
    sums.leftBps[i] = (sums.leftBps[i] ?? 0) + (more.leftBps[i] ?? 0);
  }
}

/** The curve of at least one opportunity. */
export function survivalCurve({ count, startBps, over, leftBps }: SurvivalSums): SurvivalCurve {
  const leftShare = leftBps.map((left) => (startBps > 0 ? left / startBps : null));
  return {
    opportunities: count,
    meanStartBps: startBps / count,
    overThreshold: over.map((still) => still / count),
    leftBps: leftBps.map((left) => left / count),
    leftShare,
    halfLifeMs: startBps > 0 ? halfLife(leftBps.map((left) => left / startBps)) : null,
  };
}

/** The place in `SURVIVAL_MS` of the first delay that is not shorter, so that an edge is never flattered; −1 = all are. */
export function delayFor(latencyMs: number): number {
  return SURVIVAL_MS.findIndex((delay) => delay >= latencyMs);
}

function halfLife(share: readonly number[]): number | null {
  let [before, shareBefore] = [0, 1];
  for (const [i, delay] of SURVIVAL_MS.entries()) {
    const now = share[i] ?? 0;
    if (now <= 0.5) return before + ((shareBefore - 0.5) / (shareBefore - now)) * (delay - before);
    [before, shareBefore] = [delay, now];
  }
  return null;
}
