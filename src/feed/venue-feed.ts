import type { FeedState, FeedStatus } from '../core/feed-status.ts';
import type { Instrument } from '../core/instruments.ts';
import type { Log } from '../core/log.ts';
import { venueIndex } from '../core/venue-ids.ts';
import type { ConnectionSetup } from './connection-setup.ts';
import { RateWindow } from './rate-window.ts';
import { Slot, type SlotHost } from './slot.ts';
import { Count } from './venue-counters.ts';

/** Names of refused and silent instruments in a status. */
const LISTED = 20;

export interface VenueFeedOptions {
  readonly setup: ConnectionSetup;
  readonly random: () => number;
  readonly log: Log;
  nextEpoch(): number;
}

/** One venue: deals its instruments over connections and keeps those up, within the venue's limits. */
export class VenueFeed implements SlotHost {
  readonly setup: ConnectionSetup;
  readonly random: () => number;
  readonly answersPings = { value: false };
  readonly #log: Log;
  readonly #nextEpoch: () => number;
  readonly #dials: RateWindow;
  readonly #slots: Slot[] = [];
  readonly #places = new Map<number, Slot>();
  #unplaced: readonly Instrument[] = [];
  readonly #closings = new Set<Promise<void>>();
  #notDialBefore = 0;
  #epoch = 0;
  #stopped = false;

  constructor(options: VenueFeedOptions) {
    this.setup = options.setup;
    this.random = options.random;
    this.#log = options.log;
    this.#nextEpoch = () => options.nextEpoch();
    this.#dials = new RateWindow(options.setup.venue.limits.dials);
  }

  /** Makes these the venue's instruments: new ones are subscribed, those that are gone end. */
  setInstruments(instruments: readonly Instrument[]): void {
    const wanted = new Map(instruments.map((i) => [i.instrument, i]));
    for (const slot of this.#slots) {
      const gone = [...slot.instruments.keys()].filter((i) => !wanted.has(i));
      for (const instrument of gone) this.#places.delete(instrument);
      if (gone.length > 0) slot.remove(gone);
    }
    this.#place([...wanted.values()].filter((i) => !this.#places.has(i.instrument)));
    this.#dropEmptySlots();
  }

  tick(nowMs: number, late: boolean): void {
    this.setup.books.lag.turn(nowMs);
    for (const slot of this.#slots) slot.tick(nowMs, late);
  }

  /** Ends every connection; resolves when the last socket is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const slot of this.#slots) slot.stop();
    await Promise.all(this.#closings);
  }

  // ── what slots ask ──

  nextEpoch(): number {
    this.#epoch = this.#nextEpoch();
    return this.#epoch;
  }

  mayOverlap(): boolean {
    const { maxConnections } = this.setup.venue.limits;
    const now = this.#slots.reduce((sum, slot) => sum + slot.connections, 0);
    return maxConnections === undefined || now < maxConnections;
  }

  takeDial(nowMs: number): boolean {
    if (this.#stopped || nowMs < this.#notDialBefore || !this.#dials.take(nowMs)) return false;
    this.#notDialBefore = nowMs + 2 * this.random() * this.setup.tuning.dialSpacingMs;
    return true;
  }

  ended(reason: string): void {
    this.#log.warn('a connection ended', { venue: this.setup.venue.id, reason });
  }

  notice(message: string, reason: string): void {
    this.#log.info(message, { venue: this.setup.venue.id, reason });
  }

  closing(done: Promise<void>): void {
    const gone = done.catch((error: unknown) => {
      this.#log.warn('a connection did not close cleanly', {
        venue: this.setup.venue.id,
        reason: String(error),
      });
    });
    this.#closings.add(gone);
    void gone.finally(() => this.#closings.delete(gone));
  }

  /** Instruments and connections there are, and topics in the connections' books. */
  use(): { readonly instruments: number; readonly connections: number; readonly topics: number } {
    const channels = this.setup.channels.length;
    let [connections, topics] = [0, 0];
    for (const slot of this.#slots) {
      connections += slot.connections;
      topics += slot.connections * slot.instruments.size * channels;
    }
    return { instruments: this.#places.size + this.#unplaced.length, connections, topics };
  }

  status(): FeedStatus {
    const { venue, books, outlets } = this.setup;
    const { counters, lag } = books;
    const open = this.#slots.reduce((sum, slot) => sum + slot.openConnections, 0);
    const last = counters.lastBytes[0] as number;
    return {
      venue: venue.id,
      ...this.#state(),
      epoch: this.#epoch,
      connections: { open, wanted: this.#slots.length },
      instruments: this.#places.size + this.#unplaced.length,
      ...this.#subscriptionStatus(),
      totals: {
        frames: counters.get(Count.frames),
        quotes: counters.get(Count.quotes),
        trades: counters.get(Count.trades),
      },
      passedFrames: counters.get(Count.passed),
      bad: counters.bad(),
      reconnects: counters.get(Count.reconnects),
      lastMessageTime: Number.isNaN(last) ? null : last,
      lagMs: { p50: lag.quantileMs(0.5), p99: lag.quantileMs(0.99) },
      quotesReplaced: outlets.quotes.replaced[venueIndex(venue.id)] as number,
      tradesLost: counters.get(Count.tradesLost),
      tradesRepeated: counters.get(Count.tradesRepeated),
      foreignRecords: counters.get(Count.foreign),
    };
  }

  #state(): { state: FeedState; reason: string } {
    if (this.#slots.length === 0) return { state: 'connecting', reason: 'no instruments yet' };
    let open = 0;
    for (const slot of this.#slots) {
      const current = slot.current;
      if (current?.phase !== 'open') continue;
      if (!current.stale && current.everHeard) return { state: 'live', reason: '' };
      open += 1;
    }
    if (open > 0) {
      const stale = this.#slots.some((slot) => slot.current?.stale === true);
      return stale
        ? { state: 'stale', reason: 'connected, but no market data arrives' }
        : { state: 'connecting', reason: 'subscribing' };
    }
    const failed = this.#slots.find((slot) => slot.lastReason !== '');
    return failed === undefined
      ? { state: 'connecting', reason: 'dialling' }
      : { state: 'down', reason: failed.lastReason };
  }

  #subscriptionStatus(): Pick<FeedStatus, 'subscriptions' | 'refused' | 'silent'> {
    const counts = { pending: 0, silent: 0, live: 0, refused: this.#unplaced.length };
    const refused = this.#unplaced
      .slice(0, LISTED)
      .map(({ symbol }) => ({ symbol, reason: 'the venue allows no more connections' }));
    const silent: string[] = [];
    for (const slot of this.#slots) {
      for (const { instrument, symbol } of slot.instruments.values()) {
        const { state, reason } = this.#subscriptionOf(slot, instrument);
        counts[state] += 1;
        if (state === 'refused' && refused.length < LISTED) refused.push({ symbol, reason });
        if (state === 'silent' && silent.length < LISTED) silent.push(symbol);
      }
    }
    return { subscriptions: counts, refused, silent };
  }

  #subscriptionOf(
    slot: Slot,
    instrument: number,
  ): { state: 'pending' | 'silent' | 'live' | 'refused'; reason: string } {
    const connection = slot.current;
    if (connection?.phase !== 'open') return { state: 'pending', reason: '' };
    const { state, reason } = connection.stateOf(instrument);
    if (state === 'refused') return { state, reason };
    const { heard, owner } = this.setup.outlets.ownership;
    // While a successor takes over, either of the two may be the one that was heard.
    if (
      heard[instrument] === connection.epoch ||
      (heard[instrument] as number) >= (owner[instrument] as number)
    ) {
      return { state: 'live', reason: '' };
    }
    return { state: state === 'accepted' ? 'silent' : 'pending', reason: '' };
  }

  /** Deals instruments evenly over free places and, if need be, new slots: they come sorted by volume, and every connection gets busy ones and quiet ones. */
  #place(instruments: readonly Instrument[]): void {
    const { symbolsPerConnection, maxConnections } = this.setup.venue.limits;
    const free = this.#slots.reduce((sum, slot) => sum + slot.room, 0);
    const needed = Math.ceil(Math.max(0, instruments.length - free) / symbolsPerConnection);
    const allowed = maxConnections === undefined ? needed : Math.max(0, maxConnections - this.#slots.length);
    for (let i = 0; i < Math.min(needed, allowed); i += 1) this.#slots.push(new Slot(this));
    const hands = new Map<Slot, Instrument[]>(this.#slots.map((slot) => [slot, []]));
    const left: Instrument[] = [];
    let turn = 0;
    for (const instrument of instruments) {
      const slot = this.#nextWithRoom(hands, turn);
      if (slot < 0) left.push(instrument);
      else {
        const place = this.#slots[slot] as Slot;
        hands.get(place)?.push(instrument);
        this.#places.set(instrument.instrument, place);
        turn = slot + 1;
      }
    }
    this.#unplaced = left;
    if (left.length > 0) {
      this.#log.warn('the venue allows no more connections', {
        venue: this.setup.venue.id,
        instruments: left.length,
      });
    }
    for (const [slot, hand] of hands) if (hand.length > 0) slot.add(hand);
  }

  /** The next slot from `turn` on, round the table, that has room beside what is dealt to it; −1 = none. */
  #nextWithRoom(hands: ReadonlyMap<Slot, readonly Instrument[]>, turn: number): number {
    const count = this.#slots.length;
    for (let i = 0; i < count; i += 1) {
      const at = (turn + i) % count;
      const slot = this.#slots[at] as Slot;
      if (slot.room > (hands.get(slot)?.length ?? 0)) return at;
    }
    return -1;
  }

  #dropEmptySlots(): void {
    for (let i = this.#slots.length - 1; i >= 0; i -= 1) {
      const slot = this.#slots[i] as Slot;
      if (slot.instruments.size > 0) continue;
      slot.stop();
      this.#slots.splice(i, 1);
    }
  }
}
