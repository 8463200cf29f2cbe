import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type {
  HistoryAnswer,
  HistoryColumns,
  HistoryQuery,
  HistoryReader as Reader,
} from '../gateway/sources.ts';
import { listGaps, type Spell } from '../lake/history-gaps.ts';
import { reasonOfKind } from '../lake/open-gaps.ts';
import type { Market } from '../market/market.ts';
import type { InstrumentWindow } from '../market/window-arena.ts';
import type { HistoryUnrecorded } from '../wire/api.ts';
import { Turns } from './turns.ts';
import { windowSeries } from './window-series.ts';

export interface WindowHistoryOptions {
  readonly market: Market;
  readonly maxQuoteAgeMs: number;
  /** The taker fee of a symbol on a venue, a fraction. */
  readonly feeOf: (symbol: string, venue: VenueId) => number;
}

/** Answers that clients have not taken yet, and that wait for their turn; more are refused. */
const AT_ONCE = 4;
const WAITING = 8;
/** A point for each sample of both legs, and for each break. */
const MOST_POINTS = 4 * 36_000;

const ANSWER_BYTES = MOST_POINTS * 4 * 8;

/** What the answers may take, by their line in the ledger. */
export function windowHistoryFacts(): BoundFacts {
  return {
    ...{ name: 'history.readings', policy: 'refuse', capacity: AT_ONCE + WAITING },
    ...{ capacityBytes: AT_ONCE * ANSWER_BYTES, cleanedBy: 'the client, or its going away' },
  };
}

/** Answers a route's past out of the windows in memory, for a program that records nothing; what they do not cover is told as unrecorded. */
export class WindowHistory implements Reader {
  readonly #options: WindowHistoryOptions;
  readonly #turns = new Turns(AT_ONCE, WAITING);
  #closed = false;
  #refused = 0;

  constructor(options: WindowHistoryOptions) {
    this.#options = options;
  }

  /**
   * Answers at once. Whoever does not read the points to the end must abort.
   * @throws HISTORY_BUSY; the signal's reason
   */
  async read(query: HistoryQuery, signal: AbortSignal): Promise<HistoryAnswer> {
    const { market, maxQuoteAgeMs, feeOf } = this.#options;
    const { symbol, buy, sell, from, to } = query;
    if (this.#closed) {
      this.#refused += 1;
      throw new SpreadscopeError('HISTORY_BUSY', 'memory is short just now; ask again in a minute');
    }
    const release = await this.#turns.take(signal);
    const place = new Place(release, signal);
    if (signal.aborted) {
      // It may have gone while its turn came.
      place.giveBack();
      signal.throwIfAborted();
    }
    const legs = { buy: market.window(symbol, buy), sell: market.window(symbol, sell) };
    const fees = { buy: feeOf(symbol, buy), sell: feeOf(symbol, sell) };
    const points = windowSeries(legs, query, { fees, maxAge: maxQuoteAgeMs * 1000 });
    const sides = [
      [buy, legs.buy],
      [sell, legs.sell],
    ] as const;
    return {
      gaps: sides
        .flatMap(([venue, window]) => listGaps(spellsOf(window), venue, query))
        .sort((a, b) => a.from - b.from || a.to - b.to),
      unrecorded: sides.flatMap(([venue, window]) => uncovered(venue, window, query)),
      sources: [{ from, to, source: 'memory' }],
      batches: hand(points, place, signal),
    };
  }

  /** Nothing runs beside the caller. */
  async stop(): Promise<void> {}

  /** Refuses whatever is asked for from now on, or not any more. */
  close(closed: boolean): void {
    this.#closed = closed;
  }

  bounds(): BoundReading[] {
    const { used, peak, refused } = this.#turns;
    return [
      boundOf(windowHistoryFacts(), {
        ...{
          used,
          usedBytes: Math.min(used, AT_ONCE) * ANSWER_BYTES,
          peak,
          refused: refused + this.#refused,
        },
      }),
    ];
  }
}

/** One of the places for answers; given back once, when the points were taken or nobody wants them any more. */
class Place {
  readonly #release: () => void;
  readonly #signal: AbortSignal;
  #given = false;

  constructor(release: () => void, signal: AbortSignal) {
    this.#release = release;
    this.#signal = signal;
    signal.addEventListener('abort', this.giveBack, { once: true });
  }

  readonly giveBack = (): void => {
    this.#signal.removeEventListener('abort', this.giveBack);
    if (!this.#given) this.#release();
    this.#given = true;
  };
}

async function* hand(
  batches: readonly HistoryColumns[],
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<HistoryColumns, void, undefined> {
  try {
    for (const batch of batches) {
      signal.throwIfAborted();
      yield batch;
    }
  } finally {
    place.giveBack();
  }
}

/** The spells that a window's samples tell of: from an end to the next quote. */
function spellsOf(window: InstrumentWindow | undefined): Spell[] {
  const spells: Spell[] = [];
  let open: Omit<Spell, 'to'> | undefined;
  for (const [i, kind] of (window?.kind ?? []).entries()) {
    const time = window?.time[i] ?? Number.NaN;
    const reason = reasonOfKind(kind);
    if (reason !== undefined) {
      open ??= { from: time, whole: false, reason };
    } else if (open !== undefined) {
      spells.push({ ...open, to: time });
      open = undefined;
    }
  }
  if (open !== undefined) spells.push({ ...open, to: Number.POSITIVE_INFINITY });
  return spells;
}

function uncovered(
  venue: VenueId,
  window: InstrumentWindow | undefined,
  { from, to, now }: HistoryQuery,
): HistoryUnrecorded[] {
  if (window === undefined) return [{ from, to, venue }];
  const parts: HistoryUnrecorded[] = [];
  if (from < window.coveredFrom) parts.push({ from, to: Math.min(to, window.coveredFrom), venue });
  if (now < to) parts.push({ from: Math.max(from, now), to, venue });
  return parts;
}
