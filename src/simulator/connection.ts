import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Encoder } from './encoder.ts';
import { Outbox } from './outbox.ts';

/** A client that lets this many bytes of replies pile up is cut. */
const REPLY_BYTES = 4_194_304;

/** One topic of one connection. */
export interface Subscription {
  readonly outbox: Outbox;
  readonly slot: number;
  readonly kind: 'quote' | 'trade';
  readonly encoder: Encoder;
}

/** How the client dialled: what of the address changes the protocol. */
export interface Dialled {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** One client connection of one venue. Replies go through `ws`, market data through the outbox onto the same socket. */
export class Connection {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly dialled: Dialled;
  readonly outbox: Outbox;
  /** By the venue's own name of the topic. */
  readonly topics = new Map<string, Subscription>();
  readonly openedMs: number;
  lastClientMs: number;
  lastBeatMs: number;
  lastPongMs: number;
  /** Sum of the lengths of all topic names, for venues that limit it. */
  topicBytes = 0;
  /** What a faithful server would have refused or cut for. */
  readonly id: string;
  #windowStart = 0;
  #windowCount = 0;

  constructor(ws: WebSocket, socket: Socket, dialled: Dialled, id: string, nowMs: number) {
    this.ws = ws;
    this.socket = socket;
    this.dialled = dialled;
    this.id = id;
    this.outbox = new Outbox(ws, socket);
    this.openedMs = nowMs;
    this.lastClientMs = nowMs;
    this.outbox.lastDataMs = nowMs;
    this.lastBeatMs = nowMs;
    this.lastPongMs = nowMs;
  }

  get lastDataMs(): number {
    return this.outbox.lastDataMs;
  }

  /** Sends a reply, after the market data that is already written. */
  send(reply: string | Uint8Array): void {
    if (this.outbox.frozen || this.ws.readyState !== this.ws.OPEN) return;
    this.outbox.flush();
    if (this.socket.writableLength > REPLY_BYTES) this.ws.terminate();
    else this.ws.send(reply);
  }

  sendJson(reply: unknown): void {
    this.send(JSON.stringify(reply));
  }

  /** Counts a client message; true when there were more than `count` in the window of `perMs`. */
  overRate(nowMs: number, count: number, perMs: number): boolean {
    if (nowMs - this.#windowStart >= perMs) {
      this.#windowStart = nowMs;
      this.#windowCount = 0;
    }
    this.#windowCount += 1;
    return this.#windowCount > count;
  }
}
