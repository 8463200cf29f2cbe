import type { Instrument } from '../core/instruments.ts';
import { Backoff } from './backoff.ts';
import { Connection } from './connection.ts';
import type { ConnectionSetup } from './connection-setup.ts';
import type { FeedTuning } from './tuning.ts';
import { Count } from './venue-counters.ts';

/** What a slot needs from its venue's feed. */
export interface SlotHost {
  readonly setup: ConnectionSetup;
  readonly random: () => number;
  readonly answersPings: { value: boolean };
  nextEpoch(): number;
  /** Whether one more connection than now may be open (the venue's limit per address). */
  mayOverlap(): boolean;
  /** Whether the dial budget allows one now; uses it. */
  takeDial(nowMs: number): boolean;
  ended(reason: string): void;
  notice(message: string, reason: string): void;
  closing(done: Promise<void>): void;
}

/**
 * A set of instruments that share one connection, whichever connection that is now: it dials, backs off, and replaces a connection before its end is due. While a
 * replacement comes up both are open; the older is ended when the newer speaks for every instrument.
 */
export class Slot {
  readonly instruments = new Map<number, Instrument>();
  readonly #host: SlotHost;
  readonly #tuning: FeedTuning;
  readonly #backoff: Backoff;
  #current: Connection | undefined;
  #next: Connection | undefined;
  #notBefore = 0;
  /** When the current connection is to be replaced, monotonic ms. */
  #replaceAt = Number.POSITIVE_INFINITY;
  #settledAt = Number.NaN;
  /** When the successor began to speak for all. */
  #handedAt = Number.NaN;
  /** Why the last connection ended; empty when one is open. */
  lastReason = '';

  constructor(host: SlotHost) {
    this.#host = host;
    this.#tuning = host.setup.tuning;
    this.#backoff = new Backoff(host.setup.tuning, host.random);
  }

  get current(): Connection | undefined {
    return this.#current;
  }

  get openConnections(): number {
    return Number(isOpen(this.#current)) + Number(isOpen(this.#next));
  }

  get connections(): number {
    return Number(this.#current !== undefined) + Number(this.#next !== undefined);
  }

  /** Free places for instruments. */
  get room(): number {
    return this.#host.setup.venue.limits.symbolsPerConnection - this.instruments.size;
  }

  add(instruments: readonly Instrument[]): void {
    for (const instrument of instruments) this.instruments.set(instrument.instrument, instrument);
    const current = this.#current;
    if (current === undefined) return;
    if (!current.hasRoom(instruments.length)) this.#replaceAt = 0;
    else {
      for (const { instrument } of instruments)
        this.#host.setup.outlets.ownership.give(instrument, current.epoch);
      current.add(instruments);
    }
    this.#abandonNext();
  }

  remove(instruments: readonly number[]): void {
    for (const instrument of instruments) this.instruments.delete(instrument);
    this.#next?.remove(instruments);
    this.#current?.remove(instruments);
  }

  tick(nowMs: number, late: boolean): void {
    this.#current?.tick(nowMs, late);
    this.#next?.tick(nowMs, late);
    if (this.#next !== undefined) this.#handOver(nowMs);
    else if (this.#current === undefined) this.#dial(nowMs);
    else if (nowMs >= this.#replaceAt) this.#replace(nowMs);
  }

  stop(): void {
    for (const connection of [this.#next, this.#current]) {
      if (connection !== undefined) this.#host.closing(connection.depart());
    }
    this.#next = undefined;
    this.#current = undefined;
  }

  #dial(nowMs: number): void {
    if (this.instruments.size === 0 || nowMs < this.#notBefore || !this.#host.takeDial(nowMs)) return;
    const connection = this.#connect(nowMs);
    if (connection === undefined) return;
    const { ownership } = this.#host.setup.outlets;
    for (const instrument of this.instruments.keys()) ownership.give(instrument, connection.epoch);
    this.#current = connection;
    connection.dial();
  }

  /** Brings up the current connection's successor beside it; where the venue allows no overlap, in its place. */
  #replace(nowMs: number): void {
    if (nowMs < this.#notBefore) return;
    if (!this.#host.mayOverlap()) {
      const current = this.#current;
      this.#current = undefined;
      this.#replaceAt = Number.POSITIVE_INFINITY;
      if (current !== undefined) this.#host.closing(current.end());
      return;
    }
    if (!this.#host.takeDial(nowMs)) return;
    const connection = this.#connect(nowMs);
    if (connection === undefined) return;
    const { ownership } = this.#host.setup.outlets;
    for (const instrument of this.instruments.keys()) ownership.appoint(instrument, connection.epoch);
    this.#next = connection;
    this.#settledAt = Number.NaN;
    this.#handedAt = Number.NaN;
    connection.dial();
  }

  #handOver(nowMs: number): void {
    const next = this.#next;
    if (next === undefined || !next.settled) return;
    if (Number.isNaN(this.#settledAt)) this.#settledAt = nowMs;
    if (!this.#isHandedOver(next, nowMs)) return;
    if (Number.isNaN(this.#handedAt)) this.#handedAt = nowMs;
    // Trades that were made before the newer one had subscribed may still come on the older.
    if (nowMs - this.#handedAt < this.#tuning.lingerMs) return;
    const old = this.#current;
    this.#promote(next);
    if (old !== undefined) this.#host.closing(old.end());
  }

  /** Whether the successor speaks for every instrument. What it has not taken over by `handOverMs` is passed to it. */
  #isHandedOver(next: Connection, nowMs: number): boolean {
    const { ownership } = this.#host.setup.outlets;
    const waiting = [...this.instruments.keys()].filter(
      (i) => ownership.owner[i] !== next.epoch && next.stateOf(i).state === 'accepted',
    );
    if (waiting.length === 0) {
      next.release();
      return true;
    }
    const overdue = nowMs - this.#settledAt - this.#tuning.handOverMs;
    if (overdue < 0) return false;
    // Where the successor is always a little ahead it is held for a moment, so that the older one can catch up with it.
    if (waiting.some((i) => ownership.isAhead(i)) && overdue < this.#tuning.holdMs) {
      next.hold();
      return false;
    }
    // What stayed silent on the newer connection was said by nobody since: it stays true, and the newer one answers for it now.
    for (const instrument of waiting) ownership.pass(instrument);
    next.release();
    return true;
  }

  #promote(connection: Connection | undefined): void {
    this.#current = connection;
    this.#next = undefined;
    this.#replaceAt = Number.POSITIVE_INFINITY;
    if (connection !== undefined && connection.phase === 'open') this.#planReplacement(connection);
  }

  #planReplacement(connection: Connection): void {
    const { lifetimeMs } = this.#host.setup.venue.limits;
    if (lifetimeMs === undefined) return;
    const { rotateAt, rotateJitter } = this.#tuning;
    this.#replaceAt =
      connection.openedAt + lifetimeMs * (rotateAt + (2 * this.#host.random() - 1) * rotateJitter);
  }

  /** A fresh connection; undefined when the venue's code is at fault, which counts as a failed dial. */
  #connect(nowMs: number): Connection | undefined {
    try {
      return this.#newConnection();
    } catch (error) {
      this.#failed(nowMs, Number.NaN, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #newConnection(): Connection {
    const connection: Connection = new Connection(
      this.#host.setup,
      this.#host.nextEpoch(),
      [...this.instruments.values()],
      this.#host.answersPings,
      {
        opened: () => {
          this.lastReason = '';
          if (connection === this.#current) this.#planReplacement(connection);
        },
        ended: (reason) => this.#ended(connection, reason),
        goodbye: (reason) => {
          this.#host.notice('the venue will close a connection', reason);
          if (connection === this.#current) this.#replaceAt = 0;
        },
        notice: (message, reason) => this.#host.notice(message, reason),
      },
    );
    return connection;
  }

  #ended(connection: Connection, reason: string): void {
    if (!Number.isNaN(connection.openedAt)) this.#host.setup.books.counters.add(Count.reconnects);
    if (connection === this.#next) this.#takeBack();
    else if (connection === this.#current) this.#promote(this.#next);
    this.#host.closing(connection.end());
    this.#failed(this.#host.setup.clock.ms(), connection.openedAt, reason);
  }

  /** The successor has failed: what it had taken over already is the older connection's again. */
  #takeBack(): void {
    this.#next = undefined;
    const current = this.#current;
    if (current === undefined) return;
    const { ownership } = this.#host.setup.outlets;
    for (const instrument of this.instruments.keys()) {
      if (ownership.owner[instrument] === 0) ownership.give(instrument, current.epoch);
    }
  }

  #failed(nowMs: number, openedAt: number, reason: string): void {
    this.#notBefore = nowMs + this.#backoff.next(nowMs - openedAt);
    this.lastReason = reason;
    this.#host.ended(reason);
  }

  /** Its instruments have changed: what was to come up would not carry all of them. */
  #abandonNext(): void {
    const next = this.#next;
    if (next === undefined) return;
    this.#host.closing(next.end());
    this.#takeBack();
  }
}

function isOpen(connection: Connection | undefined): boolean {
  return connection?.phase === 'open';
}
