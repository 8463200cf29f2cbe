import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../wire/stream.ts';
import { pingFrame, pongNumber } from './frame.ts';
import type { GatewayLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { Subscription } from './stream.ts';

const CLOSE_GRACE_MS = 1000;

/** One browser or program on the stream: its topics, its bounded outbox, its heartbeat and its rate of commands. */
export class Client {
  readonly topics = new Map<string, Subscription>();
  /** Messages left out because there was no room for them; each is made up for by a later snapshot. */
  conflated = 0;
  /** Whether it may ask for anything. */
  trusted = false;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #limits: GatewayLimits;
  readonly #outbox: Outbox;
  /** What did not fit, longest waiting first: it goes before everything else, else a large topic could shut out the others for ever. */
  readonly #owed = new Set<Subscription>();
  #tokens: number;
  #tokensAt: number;
  #killer: NodeJS.Timeout | undefined;

  constructor(ws: WebSocket, socket: Duplex, limits: GatewayLimits, nowMs: number) {
    this.#ws = ws;
    this.#socket = socket;
    this.#limits = limits;
    this.#outbox = new Outbox(limits, nowMs);
    this.#tokens = this.#burst;
    this.#tokensAt = nowMs;
    ws.once('close', () => clearTimeout(this.#killer));
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && this.#killer === undefined;
  }

  /** Bytes written for the client that it is not known to have read. */
  get underWay(): number {
    return this.#outbox.underWay;
  }

  /** Writes what this round has for the client, as one write. @param now µs since the epoch */
  deliver(now: number, nowMs: number): void {
    if (!this.isOpen) return;
    this.#socket.cork();
    for (const one of this.#owed) this.#offer(one, now, nowMs);
    // Those that have just got what they were owed have this round's `seq` already.
    for (const one of this.topics.values()) if (!this.#owed.has(one)) this.#offer(one, now, nowMs);
    this.#ping(nowMs);
    this.#socket.uncork();
  }

  /** Says something out of turn, if there is room for it. */
  say(frame: Buffer): void {
    if (!this.isOpen || !this.#outbox.hasRoom(frame.length)) return;
    this.#write(frame, performance.now());
  }

  /** No more of this subscription. */
  forget(subscription: Subscription): void {
    this.#owed.delete(subscription);
  }

  /** Whether the client may send one more message now. */
  mayCommand(nowMs: number): boolean {
    const earned = ((nowMs - this.#tokensAt) / 1000) * this.#limits.commandsPerSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned) - 1;
    this.#tokensAt = nowMs;
    return this.#tokens >= 0;
  }

  /** Takes a pong; false if nobody asked for it. */
  pong(payload: Buffer, nowMs: number): boolean {
    return this.#outbox.pong(pongNumber(payload), nowMs);
  }

  /** Answers the client's own ping, unless so much waits that it would only be more. */
  answerPing(payload: Buffer): void {
    if (this.isOpen && this.#socket.writableLength < this.#limits.outboxBytes) this.#ws.pong(payload);
  }

  /** Pings when it is time, and closes a client that is too slow or silent; answers which, if so. */
  check(nowMs: number): 'slow' | 'noPong' | undefined {
    if (this.#outbox.ageMs(nowMs) >= this.#limits.slowMs) return this.#end('slow');
    if (this.#outbox.silentMs(nowMs) >= this.#limits.pongMs) return this.#end('noPong');
    if (this.isOpen) this.#ping(nowMs);
    return undefined;
  }

  /** Says goodbye, and cuts the connection if that does not end it. */
  close(reason: keyof typeof CLOSE_CODES): void {
    if (!this.isOpen) return;
    this.#ws.close(CLOSE_CODES[reason].code, CLOSE_CODES[reason].meaning);
    this.#killer = setTimeout(() => this.#ws.terminate(), CLOSE_GRACE_MS);
  }

  get #burst(): number {
    return Math.max(this.#limits.subscriptions, this.#limits.commandsPerSecond);
  }

  #offer(one: Subscription, now: number, nowMs: number): void {
    const { stream } = one;
    if (one.fresh && one.seq === stream.seq) return;
    // Nothing overtakes what is owed, and no message is made that would not be sent.
    const [first = one] = this.#owed;
    if (first !== one || !this.#outbox.hasRoom(one.needs)) {
      this.#leaveOut(one, 0);
      return;
    }
    const frame = stream.frame(one.fresh ? 'update' : 'snapshot', now);
    if (frame === undefined) {
      one.fresh = false;
      this.#owed.delete(one);
    } else if (!this.#outbox.hasRoom(frame.length)) {
      this.#leaveOut(one, frame.length);
    } else {
      this.#write(frame, nowMs);
      one.fresh = true;
      one.seq = stream.seq;
      one.needs = 1;
      this.#owed.delete(one);
    }
  }

  #leaveOut(one: Subscription, needs: number): void {
    if (one.stream.isDue) this.conflated++;
    one.fresh = false;
    one.needs = Math.max(1, needs, this.#owed.has(one) ? one.needs : 0);
    this.#owed.add(one);
  }

  #write(frame: Buffer, nowMs: number): void {
    this.#outbox.wrote(frame.length, nowMs);
    this.#socket.write(frame);
  }

  #ping(nowMs: number): void {
    const ping = this.#outbox.nextPing(nowMs);
    if (ping !== undefined) this.#socket.write(pingFrame(ping));
  }

  #end(reason: 'slow' | 'noPong'): 'slow' | 'noPong' {
    this.close(reason);
    return reason;
  }
}
