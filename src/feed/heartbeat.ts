import { randomUUID } from 'node:crypto';
import type { KeepAlive } from '../venues/venue.ts';

/** The pings that a venue wants from its clients as text, and their answers. */
export class Heartbeat {
  readonly #ping: KeepAlive['ping'];
  #nextAt: number;
  /** When the oldest ping without an answer should have had one; NaN = none waits. */
  #due = Number.NaN;

  constructor(ping: KeepAlive['ping'], nowMs: number) {
    this.#ping = ping;
    this.#nextAt = nowMs + (ping?.everyMs ?? Number.POSITIVE_INFINITY);
  }

  answered(): void {
    this.#due = Number.NaN;
  }

  /** Whether an answer is overdue. It may be where market data since then proves that somebody is there. */
  isLost(nowMs: number, lastDataMs: number): boolean {
    return this.#ping !== undefined && nowMs > this.#due && lastDataMs < this.#due - this.#ping.replyWithinMs;
  }

  /** Sends a ping if it is time; `send` answers whether the text could leave. */
  beat(nowMs: number, wallMs: number, send: (text: string) => boolean): void {
    const ping = this.#ping;
    if (ping === undefined || nowMs < this.#nextAt || !send(ping.text(randomUUID(), wallMs))) return;
    this.#nextAt = nowMs + ping.everyMs;
    if (Number.isNaN(this.#due)) this.#due = nowMs + ping.replyWithinMs;
  }
}
