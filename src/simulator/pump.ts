import { ActiveSet } from './active-set.ts';
import type { Subscription } from './connection.ts';
import type { Audience } from './exchange.ts';
import type { Journal } from './journal.ts';
import type { MarketModel } from './market-model.ts';
import type { Outbox } from './outbox.ts';
import type { Protocol } from './protocols/protocol.ts';
import { Random } from './random.ts';
import { Tick } from './tick.ts';
import type { SimInstrument } from './universe.ts';

/** Every subscribed quote is renewed at least this often, and every subscribed trade topic has one, whatever the rate. */
const QUOTE_WITHIN_S = 1.8;
const TRADE_WITHIN_S = 8;
const TRADE_SHARE = 0.1;
/** Elapsed time that can be caught up with; more is lost, so that a stall is not followed by a flood. */
const MAX_CATCH_UP_MS = 250;
const LONGEST_RUN_MS = 9;
const BATCH = 256;
const MAX_REPEATS = 16;
/** Rates up to this are made, or not met; above it messages may be sent again. */
const REPEAT_ABOVE = 1_000_000;

export interface PumpCounters {
  quotes: number;
  trades: number;
  /** Frames written, which is more than the above when several connections share a topic. */
  frames: number;
  /** Publications held back because the client's socket was full. */
  withheld: number;
  broken: number;
  /** Of the frames, those that were sent a second time to meet a rate above what can be made. */
  repeated: number;
}

/** Decides what is published when, makes it, and writes it to everyone who is subscribed. */
export class Pump implements Audience {
  readonly counters: PumpCounters = { quotes: 0, trades: 0, frames: 0, withheld: 0, broken: 0, repeated: 0 };
  /** Per slot: nothing is published (its venue is silent). */
  readonly muted: Uint8Array;
  /** Per slot: the share of its frames that are broken, 0 … 1. */
  readonly brokenShare: Float32Array;
  /** Breaks a payload; set by whoever injects faults. */
  breakPayload: ((payload: Uint8Array) => Uint8Array) | undefined;
  /** Whether messages may be sent again to meet a high rate; never with a journal or while there are faults. */
  repeats: boolean;
  /** What the asked rate is multiplied with. */
  rateFactor = 1;
  readonly #rate: number;
  readonly #market: MarketModel;
  readonly #protocols: Protocol[];
  readonly #journal: Journal | undefined;
  readonly #random: Random;
  readonly #faultRandom = new Random(1);
  readonly #tick: Tick;
  readonly #quoteSubscriptions: Subscription[][];
  readonly #tradeSubscriptions: Subscription[][];
  readonly #quoteSlots: ActiveSet;
  readonly #tradeSlots: ActiveSet;
  /** Per slot: the event time of its last published quote in ms; 0 = none was. */
  readonly #published: Float64Array;
  /** Slots with a new subscriber, who gets a quote at once. */
  readonly #fresh = new Set<number>();
  readonly #dirty: Outbox[] = [];
  #credit = 0;
  #lastMs: number;
  #made = 0;
  #turnCredit = 0;
  #tradeCredit = 0;
  #tradeTurnCredit = 0;

  constructor(
    instruments: readonly SimInstrument[],
    market: MarketModel,
    protocolOf: (instrument: SimInstrument) => Protocol,
    options: { rate: number; seed: number; journal: Journal | undefined; nowMs: number },
  ) {
    const weights = Float64Array.from(instruments, (each) => (each.rank + 8) ** -0.6);
    this.#rate = options.rate;
    this.#market = market;
    this.#journal = options.journal;
    this.repeats = options.journal === undefined;
    this.#random = new Random(options.seed ^ 0x5eed);
    this.#tick = new Tick(
      market,
      instruments.map((each) => each.nativeId),
    );
    this.#protocols = instruments.map(protocolOf);
    this.#quoteSubscriptions = instruments.map(() => []);
    this.#tradeSubscriptions = instruments.map(() => []);
    this.#quoteSlots = new ActiveSet(weights);
    this.#tradeSlots = new ActiveSet(weights);
    this.#published = new Float64Array(instruments.length);
    this.muted = new Uint8Array(instruments.length);
    this.brokenShare = new Float32Array(instruments.length);
    this.#lastMs = options.nowMs;
  }

  add(subscription: Subscription): void {
    const { slot } = subscription;
    if (subscription.kind === 'quote') {
      this.#quoteSubscriptions[slot]?.push(subscription);
      this.#quoteSlots.add(slot);
      this.#fresh.add(slot);
    } else {
      this.#tradeSubscriptions[slot]?.push(subscription);
      this.#tradeSlots.add(slot);
    }
  }

  remove(subscription: Subscription): void {
    const { slot } = subscription;
    const quote = subscription.kind === 'quote';
    const all = (quote ? this.#quoteSubscriptions : this.#tradeSubscriptions)[slot] ?? [];
    const at = all.indexOf(subscription);
    if (at === -1) return;
    all.splice(at, 1);
    if (all.length === 0) (quote ? this.#quoteSlots : this.#tradeSlots).remove(slot);
  }

  /** The event time of the slot's last published quote in ms; 0 = there is none. */
  publishedMs(slot: number): number {
    return this.#published[slot] as number;
  }

  /** Quotes and trades that have a subscriber now. */
  get active(): { quotes: number; trades: number } {
    return { quotes: this.#quoteSlots.size, trades: this.#tradeSlots.size };
  }

  /** Publishes what is due since the last run. @param clock ms since the epoch, with fractions if it has them */
  run(clock: () => number): void {
    const started = clock();
    const rate = this.#effectiveRate();
    const elapsed = Math.max(0, Math.min(MAX_CATCH_UP_MS, started - this.#lastMs));
    this.#lastMs = started;
    this.#credit = Math.min(this.#credit + (elapsed * rate) / 1_000, (rate * MAX_CATCH_UP_MS) / 1_000);
    this.#tick.setTime(Math.floor(started));
    this.#welcome();
    while (this.#credit >= 1) {
      const batch = Math.min(BATCH, Math.floor(this.#credit));
      if (!this.#publishBatch(batch, rate)) break;
      this.#credit -= batch;
      const now = clock();
      if (now - started > LONGEST_RUN_MS) break;
      this.#tick.setTime(Math.floor(now));
    }
    this.#flush();
    this.#journal?.tend(started);
  }

  /**
   * Sends what was written. At a rate above what can be made, and where nothing is to be exact (`repeats`), each connection's last messages are then
   * sent again, with the times and sequences that they had.
   */
  #flush(): void {
    for (const outbox of this.#dirty) {
      outbox.dirty = false;
      outbox.flush();
    }
    const repeats = this.repeats && this.#rate * this.rateFactor > REPEAT_ABOVE;
    for (let round = 0; repeats && this.#credit > 0 && round < MAX_REPEATS; round += 1) {
      for (const outbox of this.#dirty) {
        const frames = outbox.repeat();
        this.counters.frames += frames;
        this.counters.repeated += frames;
        this.#credit -= frames;
      }
    }
    this.#dirty.length = 0;
  }

  /** The rate asked for, or what it takes that no topic is silent for long. */
  #effectiveRate(): number {
    const due = this.#quoteSlots.size / QUOTE_WITHIN_S + this.#tradeSlots.size / TRADE_WITHIN_S;
    return Math.max(this.#rate * this.rateFactor, due);
  }

  #welcome(): void {
    for (const slot of this.#fresh) {
      if (this.#journal?.ready() === false) return;
      this.#fresh.delete(slot);
      this.#publishQuote(slot);
    }
  }

  /** False when nothing can be published now. */
  #publishBatch(count: number, rate: number): boolean {
    const quotes = this.#quoteSlots;
    const trades = this.#tradeSlots;
    if (quotes.size === 0 && trades.size === 0) {
      this.#credit = 0;
      return false;
    }
    const tradeDue = trades.size / TRADE_WITHIN_S;
    const share = trades.size === 0 ? 0 : quotes.size === 0 ? 1 : Math.max(TRADE_SHARE, tradeDue / rate);
    const turns = quotes.size / QUOTE_WITHIN_S / rate / Math.max(0.01, 1 - share);
    const tradeTurns = tradeDue / rate / Math.max(0.01, share);
    const advanceEvery = Math.max(1, Math.min(BATCH, Math.floor(rate / 200)));
    for (let i = 0; i < count; i += 1) {
      if (this.#journal?.ready() === false) return false;
      this.#made += 1;
      if (this.#made % advanceEvery === 0) this.#market.advance(advanceEvery / rate);
      this.#tradeCredit += share;
      if (this.#tradeCredit >= 1) {
        this.#tradeCredit -= 1;
        this.#tradeTurnCredit += tradeTurns;
        const inTurn = this.#tradeTurnCredit >= 1;
        if (inTurn) this.#tradeTurnCredit = Math.min(1, this.#tradeTurnCredit - 1);
        this.#publishTrade(inTurn ? trades.next() : trades.draw(this.#random));
      } else {
        this.#turnCredit += turns;
        const inTurn = this.#turnCredit >= 1;
        if (inTurn) this.#turnCredit = Math.min(1, this.#turnCredit - 1);
        this.#publishQuote(inTurn ? quotes.next() : quotes.draw(this.#random));
      }
    }
    return true;
  }

  #publishQuote(slot: number): void {
    const subscriptions = this.#quoteSubscriptions[slot] as Subscription[];
    if (!this.#somebodyReads(slot, subscriptions)) return;
    this.#tick.slot = slot;
    // What goes out broken is no publication: the market stays where it was.
    const broken = this.#breaks(slot);
    if (!broken) this.#market.quote(slot);
    this.#send(subscriptions, broken);
    if (broken) return;
    this.#published[slot] = this.#tick.eventMs;
    this.counters.quotes += 1;
    this.#journal?.quote(this.#tick);
  }

  #publishTrade(slot: number): void {
    const subscriptions = this.#tradeSubscriptions[slot] as Subscription[];
    if (!this.#somebodyReads(slot, subscriptions)) return;
    this.#tick.slot = slot;
    const broken = this.#breaks(slot);
    if (!broken) this.#market.trade(slot);
    this.#send(subscriptions, broken);
    if (broken) return;
    this.counters.trades += 1;
    if (this.#journal === undefined) return;
    const long = this.#protocols[slot]?.longSize?.(this.#tick) === true;
    this.#journal.trade(this.#tick, long);
  }

  #somebodyReads(slot: number, subscriptions: readonly Subscription[]): boolean {
    if (this.muted[slot] === 1) return false;
    for (let i = 0; i < subscriptions.length; i += 1) {
      if ((subscriptions[i] as Subscription).outbox.ready()) return true;
    }
    if (subscriptions.length > 0) this.counters.withheld += 1;
    return false;
  }

  #breaks(slot: number): boolean {
    const share = this.brokenShare[slot] as number;
    if (share === 0 || this.#faultRandom.unit() >= share) return false;
    this.counters.broken += 1;
    return true;
  }

  /** Writes the tick to all who can take it. */
  #send(subscriptions: readonly Subscription[], broken: boolean): void {
    for (let i = 0; i < subscriptions.length; i += 1) {
      const { outbox, encoder } = subscriptions[i] as Subscription;
      if (!outbox.ready()) {
        this.counters.withheld += 1;
        continue;
      }
      outbox.begin();
      encoder.write(outbox, this.#tick);
      if (broken && this.breakPayload !== undefined) outbox.replace(this.breakPayload(outbox.payload()));
      outbox.end(encoder.opcode);
      outbox.lastDataMs = this.#tick.pushMs;
      if (!outbox.dirty) {
        outbox.dirty = true;
        this.#dirty.push(outbox);
      }
      this.counters.frames += 1;
    }
  }
}
