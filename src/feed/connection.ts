import { randomUUID } from 'node:crypto';
import type { Instrument } from '../core/instruments.ts';
import { QuoteKind } from '../core/records.ts';
import type { ControlEvent, Decoder } from '../venues/venue.ts';
import { CloseCode } from './close-code.ts';
import type { ConnectionEvents, ConnectionSetup, FillableSymbolTable } from './connection-setup.ts';
import { TABLE_FACTOR } from './feed-bounds.ts';
import { Heartbeat } from './heartbeat.ts';
import { Liveness } from './liveness.ts';
import { Outgoing } from './outgoing.ts';
import { QuoteSink } from './quote-sink.ts';
import { restUrl } from './rest.ts';
import { type SubscriptionState, Subscriptions } from './subscriptions.ts';
import type { Transport, TransportHandler } from './transport.ts';
import { Count } from './venue-counters.ts';

export type ConnectionPhase = 'dialling' | 'greeting' | 'open' | 'ended';

const TOKEN_BYTES = 1024 * 1024;

/**
 * One connection's life: token → dial → greeting → subscriptions → market data → end. It ends exactly once; from then on its epoch owns nothing, its socket is
 * closed and nothing it hears counts. It has no timer: the feed calls `tick`.
 */
export class Connection implements TransportHandler {
  readonly epoch: number;
  phase: ConnectionPhase = 'dialling';
  /** No market data for the venue's `silenceMs`: its quotes are invalid. */
  stale = false;
  everHeard = false;
  /** When it became open, monotonic ms; NaN before. */
  openedAt = Number.NaN;
  readonly #setup: ConnectionSetup;
  readonly #events: ConnectionEvents;
  readonly #instruments = new Map<number, Instrument>();
  readonly #table: FillableSymbolTable;
  #tableRoom: number;
  readonly #subscriptions: Subscriptions;
  readonly #sink: QuoteSink;
  readonly #decoder: Decoder;
  readonly #abort = new AbortController();
  #transport: Transport | undefined;
  #outgoing: Outgoing | undefined;
  #liveness: Liveness | undefined;
  #phaseAt: number;
  #lastData = Number.NaN;
  #pinged = false;
  #held = false;
  #heartbeat: Heartbeat | undefined;
  #closing: Promise<void> = Promise.resolve();
  /** Set while it takes leave: its end is no accident then. */
  #departed: (() => void) | undefined;
  /** Whether the peer is known to answer WebSocket pings: only then does silence after one mean anything. */
  readonly #answersPings: { value: boolean };

  /** Throws what the venue's code throws. */
  constructor(
    setup: ConnectionSetup,
    epoch: number,
    instruments: readonly Instrument[],
    answersPings: { value: boolean },
    events: ConnectionEvents,
  ) {
    this.#setup = setup;
    this.#events = events;
    this.epoch = epoch;
    this.#answersPings = answersPings;
    const { venue, channels, outlets, books } = setup;
    this.#tableRoom = venue.limits.symbolsPerConnection * TABLE_FACTOR;
    this.#table = setup.createSymbolTable(this.#tableRoom);
    this.#subscriptions = new Subscriptions(venue, channels, () => this.#wallMs());
    this.#sink = new QuoteSink(epoch, outlets, books, (event) => this.#control(event));
    this.#decoder = venue.createDecoder(this.#table, this.#sink);
    this.#phaseAt = setup.clock.ms();
    this.#add(instruments);
  }

  /** Starts the life. */
  dial(): void {
    this.#dial().catch((error: unknown) => this.#fail(messageOf(error)));
  }

  get instruments(): ReadonlyMap<number, Instrument> {
    return this.#instruments;
  }

  /** Every subscription was answered. */
  get settled(): boolean {
    return this.phase === 'open' && this.#subscriptions.settled;
  }

  /** Whether `count` more instruments can be put on it. */
  hasRoom(count: number): boolean {
    return this.phase !== 'ended' && this.#tableRoom >= count;
  }

  /** Puts more instruments on it; a fault of the venue's code ends the connection. */
  add(instruments: readonly Instrument[]): void {
    try {
      this.#add(instruments);
    } catch (error) {
      this.#fail(messageOf(error));
    }
  }

  #add(instruments: readonly Instrument[]): void {
    for (const instrument of instruments) {
      this.#table.add(instrument.nativeId, instrument.instrument);
      this.#tableRoom -= 1;
      this.#instruments.set(instrument.instrument, instrument);
    }
    this.#subscriptions.add(instruments);
  }

  /** Stops speaking for these instruments; their quotes are invalid. */
  remove(instruments: Iterable<number>): void {
    const now = this.#setup.clock.micros();
    for (const instrument of instruments) {
      this.#instruments.delete(instrument);
      this.#subscriptions.remove(instrument);
      this.#leave(instrument, now, QuoteKind.unlisted);
    }
    this.#sink.publish();
  }

  /** Leaves what arrives in the socket until `release`. */
  hold(): void {
    if (!this.#held) this.#transport?.pause();
    this.#held = true;
  }

  release(): void {
    if (this.#held) this.#transport?.resume();
    this.#held = false;
  }

  /** What became of an instrument's subscription. */
  stateOf(instrument: number): { readonly state: SubscriptionState; readonly reason: string } {
    return this.#subscriptions.stateOf(instrument);
  }

  /** Ends it from outside, if it has not ended; resolves when the socket is gone. Quotes of the instruments that it still owns become invalid. */
  end(): Promise<void> {
    this.#finish(CloseCode.normal);
    return this.#closing;
  }

  /**
   * Takes leave: says goodbye and goes on listening until the venue has closed, so that nothing it said before is lost. Resolves when the socket is gone, at the latest
   * after the grace of a close.
   */
  depart(): Promise<void> {
    const transport = this.#transport;
    if (this.phase !== 'open' || transport === undefined) return this.end();
    this.release();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        resolve(this.end());
      };
      const timer = setTimeout(finish, this.#setup.tuning.closeGraceMs);
      this.#departed = finish;
      transport.farewell(CloseCode.normal);
    });
  }

  /**
   * Looks at every deadline. `late`: the event loop was blocked, so that what looks like silence may wait unread in the socket.
   */
  tick(nowMs: number, late: boolean): void {
    if (this.phase === 'ended') return;
    try {
      if (this.phase === 'open') this.#tickOpen(nowMs, late);
      else if (this.phase === 'greeting' && nowMs - this.#phaseAt > this.#setup.tuning.welcomeTimeoutMs) {
        this.#fail('the venue never greeted');
      }
    } catch (error) {
      this.#fail(`internal: ${messageOf(error)}`);
    }
  }

  // ── what the transport tells ──

  received(): void {
    const clock = this.#setup.clock;
    this.#sink.stamp[0] = clock.micros();
    this.#setup.books.counters.lastBytes[0] = this.#sink.stamp[0] as number;
    this.#liveness?.bytes(clock.ms());
  }

  message(bytes: Uint8Array, start: number, end: number, binary: boolean): void {
    const counters = this.#setup.books.counters.values;
    counters[Count.frames] = (counters[Count.frames] as number) + 1;
    try {
      this.#decoder.decode(bytes, start, end, binary);
    } catch (error) {
      this.#fail(`decoder failed: ${messageOf(error)}`);
    }
  }

  batchEnd(): void {
    this.#sink.publish();
    if (!this.#sink.heard) return;
    this.#sink.heard = false;
    this.#lastData = this.#setup.clock.ms();
    this.stale = false;
    this.everHeard = true;
  }

  pinged(payload: Uint8Array): void {
    this.#outgoing?.pong(payload, this.#setup.clock.ms());
  }

  ponged(): void {
    this.#answersPings.value = true;
  }

  closed(code: number, reason: string): void {
    this.#fail(
      reason === '' ? `closed with code ${code}` : `closed with code ${code}: ${reason.slice(0, 200)}`,
    );
  }

  // ── the life ──

  async #dial(): Promise<void> {
    const { venue, endpoints, tuning, openTransport, largeMessages } = this.#setup;
    const signal = this.#abort.signal;
    const tokenReply = await this.#token(signal);
    const transport = await openTransport({
      url: venue.dial.url(endpoints.ws, tokenReply, randomUUID()),
      timeoutMs: tuning.dialTimeoutMs,
      signal,
      maxMessageBytes: venue.limits.maxMessageBytes,
      budget: largeMessages,
      handler: this,
    });
    if (this.phase === 'ended') transport.terminate();
    else this.#opened(transport);
  }

  /** The reply to the request that some venues want before each dial. */
  async #token(signal: AbortSignal): Promise<unknown> {
    const { venue, endpoints, tuning, rest } = this.#setup;
    const token = venue.dial.token;
    if (token === undefined) return undefined;
    const url = restUrl(endpoints, token, this.#wallMs());
    return rest({
      method: token.method,
      url,
      timeoutMs: tuning.dialTimeoutMs,
      maxBytes: TOKEN_BYTES,
      signal,
    });
  }

  #opened(transport: Transport): void {
    const now = this.#setup.clock.ms();
    const { venue, tuning } = this.#setup;
    this.#transport = transport;
    this.#outgoing = new Outgoing(venue.limits.messages, transport);
    this.#liveness = new Liveness(tuning, now);
    this.#phaseAt = now;
    if (venue.dial.awaitWelcome) this.phase = 'greeting';
    else this.#greeted();
    transport.start();
  }

  #greeted(): void {
    const now = this.#setup.clock.ms();
    this.phase = 'open';
    this.openedAt = now;
    this.#lastData = now;
    this.#heartbeat = new Heartbeat(this.#setup.venue.keepAlive.ping, now);
    this.#subscribe(now);
    this.#events.opened();
  }

  #subscribe(nowMs: number): void {
    for (let text = this.#subscriptions.next(); text !== undefined; text = this.#subscriptions.next()) {
      if (this.#outgoing?.text(text, nowMs) !== true) return;
      this.#subscriptions.sent(nowMs);
    }
  }

  #tickOpen(nowMs: number, late: boolean): void {
    const { tuning, outlets } = this.#setup;
    this.#outgoing?.flush(nowMs);
    this.#heartbeat?.beat(nowMs, this.#wallMs(), (text) => this.#outgoing?.text(text, nowMs) === true);
    // Learns early whether this peer answers pings.
    if (!this.#pinged) this.#pinged = this.#outgoing?.ping(nowMs) === true;
    this.#subscribe(nowMs);
    this.#subscriptions.expire(
      nowMs,
      tuning.ackTimeoutMs,
      tuning.subscribeTries,
      (instrument) => outlets.ownership.heard[instrument] === this.epoch,
    );
    if (late) return;
    if (this.#heartbeat?.isLost(nowMs, this.#lastData) === true) this.#fail('no answer to a ping');
    else this.#checkSilence(nowMs);
    if (this.phase === 'open') this.#checkPeer(nowMs);
  }

  /** Without market data for long, what was said last is not known to be true any more; twice as long, and a new connection is better. */
  #checkSilence(nowMs: number): void {
    const { silenceMs } = this.#setup.venue.keepAlive;
    const silent = nowMs - this.#lastData;
    if (silent > 2 * silenceMs) {
      this.#fail(`no market data for ${Math.round(silent / 100) / 10} s`);
    } else if (silent > silenceMs && !this.stale) {
      this.stale = true;
      const now = this.#setup.clock.micros();
      for (const instrument of this.#instruments.keys())
        this.#sink.invalidate(instrument, now, QuoteKind.silent);
      this.#sink.publish();
      this.#events.notice('connection is silent', `no market data for ${silenceMs / 1000} s`);
    }
  }

  #checkPeer(nowMs: number): void {
    const verdict = this.#liveness?.verdict(nowMs);
    if (verdict === 'ask') {
      if (this.#outgoing?.ping(nowMs) === true) this.#liveness?.asked(nowMs);
    } else if (verdict === 'dead' && this.#answersPings.value) {
      this.#fail('half-open: nobody answers');
    }
  }

  #control(event: ControlEvent): void {
    switch (event.type) {
      case 'welcome':
        if (this.phase === 'greeting') this.#greeted();
        break;
      case 'ack':
        this.#subscriptions.accepted(event);
        break;
      case 'refusal':
        this.#refused(event);
        break;
      case 'pong':
        this.#heartbeat?.answered();
        break;
      case 'ping':
        this.#outgoing?.reply(event.reply, this.#setup.clock.ms());
        break;
      case 'goodbye':
        this.#events.goodbye(event.reason);
        break;
      case 'error':
        this.#events.notice('the venue reports an error', event.reason);
        break;
    }
  }

  #refused(event: ControlEvent & { type: 'refusal' }): void {
    const now = this.#setup.clock.ms();
    if (!this.#subscriptions.refused(event, now))
      this.#events.notice('the venue refused something', event.reason);
    this.#subscribe(now);
  }

  #leave(instrument: number, nowMicros: number, kind: QuoteKind): void {
    // One that was never open has said nothing that could become untrue.
    if (!Number.isNaN(this.openedAt)) this.#sink.invalidate(instrument, nowMicros, kind);
    this.#sink.leave(instrument);
  }

  #wallMs(): number {
    return Math.round(this.#setup.clock.micros() / 1000);
  }

  #fail(reason: string): void {
    if (this.phase === 'ended') return;
    if (this.#departed !== undefined) {
      this.#departed();
      return;
    }
    this.#finish(CloseCode.goingAway);
    this.#events.ended(reason);
  }

  #finish(code: number): void {
    if (this.phase === 'ended') return;
    this.phase = 'ended';
    this.#abort.abort();
    const now = this.#setup.clock.micros();
    for (const instrument of this.#instruments.keys()) this.#leave(instrument, now, QuoteKind.ended);
    this.#sink.publish();
    if (this.#transport !== undefined) {
      this.#closing = this.#transport.close(code, this.#setup.tuning.closeGraceMs);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
