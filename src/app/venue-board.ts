import type { FeedStatus } from '../core/feed-status.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { VenueRow } from '../wire/api.ts';
import type { VenueSummary } from './run-summary.ts';

/** Rates are taken over at least this long. */
const RATE_OVER_MS = 1000;
const BPS = 10_000;

export interface VenueFacts {
  readonly id: VenueId;
  readonly title: string;
  /** Fraction. */
  readonly takerFee: number;
}

interface Totals {
  readonly frames: number;
  readonly quotes: number;
  readonly trades: number;
}

const NONE: Totals = { frames: 0, quotes: 0, trades: 0 };

/** What is known of one venue: its feed's last word, its instrument list's trouble, and rates from the growth of its totals. */
class VenueEntry {
  readonly facts: VenueFacts;
  status: FeedStatus | undefined;
  /** Why there is no instrument list yet; empty when there is one. */
  trouble = 'its instrument list is being asked for';
  troubled = false;
  rates: Totals = NONE;
  #from: Totals = NONE;
  #fromMs = 0;

  constructor(facts: VenueFacts) {
    this.facts = facts;
  }

  take(status: FeedStatus, nowMs: number): void {
    this.status = status;
    const elapsed = nowMs - this.#fromMs;
    if (elapsed < RATE_OVER_MS) return;
    const per = (now: number, before: number): number =>
      this.#fromMs === 0 ? 0 : Math.max(0, Math.round(((now - before) * 1000) / elapsed));
    const { frames, quotes, trades } = status.totals;
    this.rates = {
      frames: per(frames, this.#from.frames),
      quotes: per(quotes, this.#from.quotes),
      trades: per(trades, this.#from.trades),
    };
    this.#from = status.totals;
    this.#fromMs = nowMs;
  }
}

/** The venues as readers see them. */
export class VenueBoard {
  readonly #entries: ReadonlyMap<VenueId, VenueEntry>;

  constructor(venues: readonly VenueFacts[]) {
    this.#entries = new Map(venues.map((facts) => [facts.id, new VenueEntry(facts)]));
  }

  /** The feed's word on a venue; `nowMs` from any monotonic clock. */
  take(status: FeedStatus, nowMs: number): void {
    this.#entries.get(status.venue)?.take(status, nowMs);
  }

  /** What stands between a venue and its instruments; empty text = nothing. */
  catalogue(venue: VenueId, trouble: string): void {
    const entry = this.#entries.get(venue);
    if (entry === undefined) return;
    entry.trouble = trouble;
    entry.troubled = trouble !== '';
  }

  /** The feed of these venues died: nothing is known of them until it reports again. */
  forget(venues: readonly VenueId[], reason: string): void {
    for (const venue of venues) {
      const entry = this.#entries.get(venue);
      if (entry?.status === undefined) continue;
      entry.status = {
        ...entry.status,
        state: 'down',
        reason,
        connections: { open: 0, wanted: entry.status.connections.wanted },
      };
      entry.rates = NONE;
    }
  }

  /** @param now µs since the epoch */
  rows(now: number): VenueRow[] {
    return [...this.#entries.values()].map((entry) => rowOf(entry, now));
  }

  /** The feeds' last words. */
  statuses(): FeedStatus[] {
    return [...this.#entries.values()].flatMap(({ status }) => (status === undefined ? [] : [status]));
  }

  summaries(now: number): VenueSummary[] {
    return this.rows(now);
  }

  sum(pick: (row: VenueRow) => number, now: number): number {
    return this.rows(now).reduce((sum, row) => sum + pick(row), 0);
  }

  totals(): Totals & { readonly badFrames: number } {
    let [frames, quotes, trades, badFrames] = [0, 0, 0, 0];
    for (const { status } of this.#entries.values()) {
      if (status === undefined) continue;
      frames += status.totals.frames;
      quotes += status.totals.quotes;
      trades += status.totals.trades;
      badFrames += Object.values(status.bad).reduce((sum, count) => sum + count, 0);
    }
    return { frames, quotes, trades, badFrames };
  }
}

function rowOf(entry: VenueEntry, now: number): VenueRow {
  const { facts, status, rates } = entry;
  const listed = (status?.instruments ?? 0) > 0;
  const state = status !== undefined && listed ? status.state : entry.troubled ? 'down' : 'connecting';
  return {
    venue: facts.id,
    title: facts.title,
    state,
    reason: listed ? (status?.reason ?? '') : entry.trouble,
    epoch: status?.epoch ?? 0,
    connections: status?.connections ?? { open: 0, wanted: 0 },
    instruments: status?.instruments ?? 0,
    subscriptions: status?.subscriptions ?? { pending: 0, silent: 0, live: 0, refused: 0 },
    rates,
    lagMs: status?.lagMs ?? { p50: null, p99: null },
    reconnects: status?.reconnects ?? 0,
    lastMessageAgeMs:
      status === undefined || status.lastMessageTime === null
        ? null
        : Math.max(0, (now - status.lastMessageTime) / 1000),
    passedFrames: status?.passedFrames ?? 0,
    errors: status?.bad ?? {},
    takerFeeBps: facts.takerFee * BPS,
    recording: null,
  };
}
