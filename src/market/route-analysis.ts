import { type BoundReading, boundOf } from '../core/bounds.ts';
import {
  type IdentityDecision,
  type IdentityReason,
  type IdentityState,
  VERDICTS,
  type VerdictName,
} from '../core/route-notes.ts';
import { VENUE_COUNT, type VenueId, venueAt } from '../core/venue-ids.ts';
import type { Analysis } from './analysis.ts';
import type { IdentityEvidence } from './identity.ts';
import type { RouteGate } from './ranking.ts';
import type { RouteFigures } from './statistics-figures.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const BPS = 10_000;

/** What is known of a route beside its present prices, as it stands in a row of a ranking; null = not known yet. */
export interface RouteNotes {
  readonly bandLowBps: number | null;
  readonly bandHighBps: number | null;
  readonly opportunitiesPerHour: number | null;
  readonly verdict: VerdictName;
  readonly identity: IdentityState;
}

/** A route's statistics in the units of every interface. docs/STATISTICS.md defines each. */
export interface StatisticsView {
  readonly samples: number;
  readonly meanBps: number | null;
  readonly deviationBps: number | null;
  readonly maxBps: number | null;
  readonly minBps: number | null;
  readonly meanCrossingsPerMinute: number | null;
  readonly parityCrossingsPerMinute: number | null;
  /** Completed cycles beyond 0.3, 0.4 and 0.5 %. */
  readonly cycles: readonly number[];
  readonly meanCycleMs: number | null;
  /** Share of the time, 0 … 1. */
  readonly timeAbove: number | null;
  readonly opportunities: number;
  readonly opportunitiesPerHour: number | null;
  readonly meanPeakBps: number | null;
  readonly maxPeakBps: number | null;
  /** Share of peaks over 0.5 %, 0 … 1. */
  readonly highPeaks: number | null;
  readonly meanDurationMs: number | null;
  readonly halfLifeMs: number | null;
  /** −1 … 1. */
  readonly asymmetry: number | null;
}

export interface IdentityView {
  readonly state: IdentityState;
  readonly reason: IdentityReason;
  /** µs since the epoch; null = never. */
  readonly since: number | null;
  /** Mid of the venue of the higher index over that of the lower one. */
  readonly ratio: number | null;
  readonly minRatio: number | null;
  readonly maxRatio: number | null;
}

/** Two venues' instruments of one name, of which it is in doubt, or was decided, whether they are the same coin. */
export interface IdentityPairView extends IdentityView {
  readonly symbol: string;
  /** `ratio` is the mid of the second over that of the first. */
  readonly venues: readonly [VenueId, VenueId];
}

export interface RouteFindings {
  readonly bands: {
    readonly lowBps: number | null;
    readonly highBps: number | null;
    readonly percent: number;
  };
  readonly statistics: StatisticsView;
  readonly verdict: Verdict;
  readonly identity: IdentityView;
  /** Net spread from which on the route opens, and below which it closes. */
  readonly thresholds: { readonly openBps: number; readonly closeBps: number };
}

/** Rows that are kept as they were read: what a ranking shows is asked for ten times a second and changes once. */
const CACHED = 4096;
const CACHED_BYTES = 160;
/** For how long, µs of the rows' time. */
const FRESH = 2_000_000;
/** Verdicts are renewed so many at a time, so often, µs of the rows' time: 57,000 within 14 s, a millisecond each time. */
const JUDGED_AT_ONCE = 1024;
const JUDGE_EVERY = 250_000;
/** Older ones are all renewed before somebody asks for them: 60 ms, where nobody settles. */
const JUDGED_FRESH = 60_000_000;

interface Cached {
  readonly place: number;
  readonly time: number;
  readonly notes: RouteNotes;
}

/** Of a route that is not followed. */
export const NOTHING: RouteNotes = {
  ...{ bandLowBps: null, bandHighBps: null, opportunitiesPerHour: null },
  ...{ verdict: 'not-enough-data', identity: 'ok' },
};

/** Reads what the analysis knows of routes, by their index in the table of routes. */
export class AnalysisReader implements RouteGate {
  readonly #analysis: Analysis;
  readonly #cache: (Cached | undefined)[] = Array.from({ length: CACHED }, () => undefined);

  /** By directed route. */
  readonly #perHour: Float64Array;
  #perHourTime = -Infinity;
  /** By directed route, a place in `VERDICTS`. */
  readonly #verdicts: Uint8Array;
  #nextVerdict = 0;
  #judgedTime = -Infinity;
  /** When the present round of all began, and the last that is complete. */
  #roundTime = -Infinity;
  #completeTime = -Infinity;

  constructor(analysis: Analysis) {
    this.#analysis = analysis;
    this.#perHour = new Float64Array(2 * analysis.pairs.capacity).fill(Number.NaN);
    this.#verdicts = new Uint8Array(2 * analysis.pairs.capacity).fill(VERDICTS.indexOf('not-enough-data'));
  }

  /** Renews some of the verdicts by which routes are asked for. Called now and then. */
  settle(): void {
    const { latest } = this.#analysis;
    if (Math.abs(latest - this.#judgedTime) < JUDGE_EVERY) return;
    this.#judgedTime = latest;
    this.#judgeSome(JUDGED_AT_ONCE);
  }

  /** Admits routes with this verdict, as it was some seconds ago at most. */
  verdictGate(verdict: VerdictName): RouteGate {
    const { pairs, latest } = this.#analysis;
    if (!(Math.abs(latest - this.#completeTime) < JUDGED_FRESH)) {
      this.#nextVerdict = 0;
      this.#judgeSome(2 * pairs.used);
    }
    const wanted = VERDICTS.indexOf(verdict);
    return {
      admits: (route) => {
        const place = pairs.placeOf(route);
        return place < 0 ? verdict === NOTHING.verdict : this.#verdicts[place] === wanted;
      },
    };
  }

  notes(route: number): RouteNotes {
    const { pairs, identity, latest } = this.#analysis;
    const place = pairs.placeOf(route);
    if (place < 0) return NOTHING;
    const known = this.#cache[place % CACHED];
    if (known?.place === place && latest - known.time < FRESH) return known.notes;
    const figures = this.#figures(place);
    const verdict = verdictOf(figures, this.#analysis.verdictRules).name;
    this.#verdicts[place] = VERDICTS.indexOf(verdict);
    const notes = {
      bandLowBps: bps(figures.bandLow),
      bandHighBps: bps(figures.bandHigh),
      opportunitiesPerHour: orNull(figures.opportunitiesPerHour),
      verdict,
      identity: identity.stateOf(place >> 1),
    };
    this.#cache[place % CACHED] = { place, time: latest, notes };
    return notes;
  }

  /** Opportunities an hour, as they were within the last two seconds; NaN = not known. */
  perHour(route: number): number {
    const { pairs, latest } = this.#analysis;
    if (latest - this.#perHourTime >= FRESH) this.#readPerHour();
    const place = pairs.placeOf(route);
    return place < 0 ? Number.NaN : (this.#perHour[place] as number);
  }

  /** Undefined where there was no room to follow the route. */
  findings(route: number): RouteFindings | undefined {
    const { pairs, identity, verdictRules, statistics } = this.#analysis;
    const place = pairs.placeOf(route);
    if (place < 0) return undefined;
    const figures = this.#figures(place);
    const { openNet, closeNet } = this.#analysis.thresholdsAt(place);
    return {
      bands: { lowBps: bps(figures.bandLow), highBps: bps(figures.bandHigh), percent: statistics.percent },
      statistics: viewStatistics(figures),
      verdict: verdictOf(figures, verdictRules),
      identity: viewIdentity(identity.evidence(place >> 1)),
      thresholds: { openBps: openNet * BPS, closeBps: closeNet * BPS },
    };
  }

  /** Every pair that is not simply in order. @param nameOf the symbol of a cell */
  doubtful(nameOf: (cell: number) => string): IdentityPairView[] {
    const { pairs, identity } = this.#analysis;
    return [...identity.remarkable()].map((pair) => {
      const [low, high] = [pairs.low[pair] as number, pairs.high[pair] as number];
      return {
        symbol: nameOf(low),
        venues: [venueAt(low % VENUE_COUNT), venueAt(high % VENUE_COUNT)],
        ...viewIdentity(identity.evidence(pair)),
      };
    });
  }

  follows(route: number): boolean {
    return this.#analysis.pairs.placeOf(route) >= 0;
  }

  /** Takes somebody's word on the venues of this route. False if the route is not followed. */
  decide(route: number, decision: IdentityDecision): boolean {
    const place = this.#analysis.pairs.placeOf(route);
    if (place < 0) return false;
    this.#analysis.identity.decide(place >> 1, decision === 'withdrawn' ? undefined : decision);
    // Both directions are read anew.
    for (const one of [place, place ^ 1]) this.#cache[one % CACHED] = undefined;
    return true;
  }

  /** Whether a route may be ranked: two venues that mean the same coin, as far as is known. */
  admits(route: number): boolean {
    const place = this.#analysis.pairs.placeOf(route);
    return place < 0 || this.#analysis.identity.isTrusted(place >> 1);
  }

  bound(): BoundReading {
    const used = this.#cache.reduce((count, one) => count + Number(one !== undefined), 0);
    const facts = {
      name: 'market.route-notes',
      policy: 'conflate',
      cleanedBy: 'another route in its place',
    } as const;
    return boundOf(
      {
        ...facts,
        capacity: CACHED,
        capacityBytes: CACHED * CACHED_BYTES + this.#perHour.byteLength + this.#verdicts.byteLength,
      },
      { used },
    );
  }

  /** Of all routes at once: a ranking by them would else add up 57,000 hours ten times a second, 5.5 ms each instead of 1 (bench/market). */
  #readPerHour(): void {
    const { pairs, statistics, latest } = this.#analysis;
    const second = Math.floor(latest / 1e6);
    const end = 2 * pairs.used;
    for (let place = 0; place < end; place++) this.#perHour[place] = statistics.perHour(place, second);
    this.#perHourTime = latest;
  }

  #judgeSome(count: number): void {
    const { pairs, statistics, verdictRules, latest } = this.#analysis;
    const end = 2 * pairs.used;
    const second = Math.floor(latest / 1e6);
    if (this.#nextVerdict >= end) this.#nextVerdict = 0;
    if (this.#nextVerdict === 0) this.#roundTime = latest;
    const stop = Math.min(end, this.#nextVerdict + count);
    for (let place = this.#nextVerdict; place < stop; place++) {
      const { name } = verdictOf(statistics.read(place, second, false), verdictRules);
      this.#verdicts[place] = VERDICTS.indexOf(name);
    }
    this.#nextVerdict = stop;
    if (stop === end) this.#completeTime = this.#roundTime;
  }

  #figures(place: number): RouteFigures {
    return this.#analysis.statistics.read(place, Math.floor(this.#analysis.latest / 1e6));
  }
}

function viewIdentity({ state, reason, since, ratio, minRatio, maxRatio }: IdentityEvidence): IdentityView {
  return {
    ...{ state, reason, since: orNull(since), ratio: orNull(ratio) },
    ...{ minRatio: orNull(minRatio), maxRatio: orNull(maxRatio) },
  };
}

export function viewStatistics(figures: RouteFigures): StatisticsView {
  return {
    samples: figures.samples,
    meanBps: bps(figures.mean),
    deviationBps: bps(figures.deviation),
    maxBps: bps(figures.max),
    minBps: bps(figures.min),
    meanCrossingsPerMinute: orNull(figures.meanCrossingsPerMinute),
    parityCrossingsPerMinute: orNull(figures.parityCrossingsPerMinute),
    cycles: figures.cycles,
    meanCycleMs: ms(figures.meanCycleSeconds),
    timeAbove: orNull(figures.timeAbove),
    opportunities: figures.opportunities,
    opportunitiesPerHour: orNull(figures.opportunitiesPerHour),
    meanPeakBps: bps(figures.meanPeak),
    maxPeakBps: bps(figures.maxPeak),
    highPeaks: orNull(figures.highPeaks),
    meanDurationMs: ms(figures.meanDurationSeconds),
    halfLifeMs: ms(figures.halfLifeSeconds),
    asymmetry: orNull(figures.asymmetry),
  };
}

function bps(fraction: number): number | null {
  return orNull(fraction * BPS);
}

function ms(seconds: number): number | null {
  return orNull(seconds * 1000);
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
