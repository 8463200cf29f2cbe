import type { RateLimit } from '../venues/venue.ts';
import { RateWindow } from './rate-window.ts';
import type { Transport } from './transport.ts';

/** Answers that the venue asked for and that wait for the rate limit; more than this at once, and the oldest goes. */
const MAX_REPLIES = 8;
/** A ping of our own invention leaves at least this share of the limit to what the venue expects of us. */
const PING_HEADROOM = 0.25;

/** Everything that one connection sends, within the venue's message limit: answers first, then pings, then subscriptions. */
export class Outgoing {
  readonly #window: RateWindow;
  readonly #transport: Transport;
  /** The newest ping that is not answered; an older one need not be any more (RFC 6455 §5.5.3). */
  #pong: Uint8Array | undefined;
  readonly #replies: string[] = [];

  constructor(limit: RateLimit, transport: Transport) {
    this.#window = new RateWindow(limit);
    this.#transport = transport;
  }

  pong(payload: Uint8Array, nowMs: number): void {
    this.#pong = payload;
    this.flush(nowMs);
  }

  reply(text: string, nowMs: number): void {
    if (this.#replies.length >= MAX_REPLIES) this.#replies.shift();
    this.#replies.push(text);
    this.flush(nowMs);
  }

  /** Sends a WebSocket ping if there is room for it; answers whether. */
  ping(nowMs: number): boolean {
    if (this.#window.headroom(nowMs) <= PING_HEADROOM || !this.#window.take(nowMs)) return false;
    this.#transport.sendPing();
    return true;
  }

  /** Sends the text if the limit allows it now; answers whether. */
  text(text: string, nowMs: number): boolean {
    this.flush(nowMs);
    if (this.#pong !== undefined || this.#replies.length > 0 || !this.#window.take(nowMs)) return false;
    this.#transport.sendText(text);
    return true;
  }

  /** Sends what waits, as far as the limit allows. */
  flush(nowMs: number): void {
    if (this.#pong !== undefined && this.#window.take(nowMs)) {
      this.#transport.sendPong(this.#pong);
      this.#pong = undefined;
    }
    while (this.#replies.length > 0 && this.#window.take(nowMs)) {
      this.#transport.sendText(this.#replies.shift() ?? '');
    }
  }
}
