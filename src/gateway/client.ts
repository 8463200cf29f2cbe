import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../wire/stream.ts';
import type { GatewayLimits } from './limits.ts';
import type { Stream, Subscriber } from './stream.ts';

const CLOSE_GRACE_MS = 1000;

interface Subscription extends Subscriber {
  readonly stream: Stream;
}

/** One browser or program on the stream: its topics, its bounded outbox, its heartbeat and its rate of commands. */
export class Client {
  readonly topics = new Map<string, Subscription>();
  /** Messages left out because the outbox was full; each is made up for by a later snapshot. */
  conflated = 0;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #limits: GatewayLimits;
  #blockedSince = Number.NaN;
  #lastPong: number;
  #lastPing: number;
  #tokens: number;
  #tokensAt: number;
  #killer: NodeJS.Timeout | undefined;

  constructor(ws: WebSocket, socket: Duplex, limits: GatewayLimits, nowMs: number) {
    this.#ws = ws;
    this.#socket = socket;
    this.#limits = limits;
    this.#lastPong = nowMs;
    this.#lastPing = nowMs;
    this.#tokens = this.#burst;
    this.#tokensAt = nowMs;
    ws.on('pong', () => {
      this.#lastPong = performance.now();
    });
    ws.once('close', () => clearTimeout(this.#killer));
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && this.#killer === undefined;
  }

  /** Bytes that wait for the client in this process. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  /** Writes a frame, unless it does not fit what may wait; then answers false. A single frame always fits an empty outbox. */
  send(frame: Buffer): boolean {
    if (!this.isOpen) return false;
    const waiting = this.#socket.writableLength;
    if (waiting > 0 && waiting + frame.length > this.#limits.outboxBytes) {
      this.conflated++;
      if (Number.isNaN(this.#blockedSince)) this.#blockedSince = performance.now();
      return false;
    }
    this.#blockedSince = Number.NaN;
    this.#socket.write(frame);
    return true;
  }

  /** Whether the client may send one more message now. */
  mayCommand(nowMs: number): boolean {
    const earned = ((nowMs - this.#tokensAt) / 1000) * this.#limits.commandsPerSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned) - 1;
    this.#tokensAt = nowMs;
    return this.#tokens >= 0;
  }

  /** Pings when it is time, and closes a client that is too slow or silent; answers which, if so. */
  check(nowMs: number): 'slow' | 'noPong' | undefined {
    if (nowMs - this.#blockedSince >= this.#limits.slowMs) return this.#end('slow');
    if (nowMs - this.#lastPong >= this.#limits.pongMs) return this.#end('noPong');
    if (nowMs - this.#lastPing >= this.#limits.pingMs) {
      this.#lastPing = nowMs;
      this.#ws.ping();
    }
    return undefined;
  }

  /** Says goodbye, and cuts the connection if that does not end it. */
  close(reason: keyof typeof CLOSE_CODES): void {
    if (!this.isOpen) return;
    this.#ws.close(CLOSE_CODES[reason].code, CLOSE_CODES[reason].meaning);
    this.#killer = setTimeout(() => this.#ws.terminate(), CLOSE_GRACE_MS);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  get #burst(): number {
    return Math.max(this.#limits.subscriptions, this.#limits.commandsPerSecond);
  }

  #end(reason: 'slow' | 'noPong'): 'slow' | 'noPong' {
    this.close(reason);
    return reason;
  }
}
