import type { Log } from '../core/log.ts';
import type { Client } from './client.ts';
import { type GatewayLimits, MAX_UPDATES_PER_SECOND } from './limits.ts';
import type { Stream } from './stream.ts';

export interface FanOutOptions {
  readonly streams: ReadonlyMap<string, Stream>;
  readonly clients: ReadonlySet<Client>;
  /** µs since the epoch. */
  readonly clock: () => number;
  readonly limits: GatewayLimits;
  readonly log: Log;
}

/**
 * Rounds over all clients while any stream is open: each client gets everything that is new for it in one write. A round that takes long is spread over several
 * turns of the event loop, and followed by a pause as long as its work, so that sending never takes more than half of the thread.
 */
export class FanOut {
  readonly #options: FanOutOptions;
  /** Whether only every second message of a topic is sent, because memory is short. */
  halved = false;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  /** Begins rounds, unless they are under way. */
  start(): void {
    if (this.#timer === undefined && this.#turn === undefined)
      this.#timer = setTimeout(() => this.#round(), 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    if (this.#turn !== undefined) this.#endStreams();
    this.#timer = undefined;
    this.#turn = undefined;
  }

  #round(): void {
    this.#timer = undefined;
    const startMs = performance.now();
    const slackMs = this.#intervalMs / 2;
    for (const stream of this.#options.streams.values()) stream.beginRound(startMs, slackMs);
    this.#visit({
      now: this.#options.clock(),
      startMs,
      workMs: 0,
      clients: this.#options.clients.values(),
    });
  }

  /** Goes on with a round for one turn. Who comes or subscribes meanwhile is served in this round or in the next, with a snapshot. */
  #visit(round: Round): void {
    this.#turn = undefined;
    const turnMs = performance.now();
    let nowMs = turnMs;
    for (;;) {
      const { value: client } = round.clients.next();
      if (client === undefined) break;
      client.deliver(round.now, nowMs);
      nowMs = performance.now();
      if (nowMs - turnMs < this.#options.limits.turnMs) continue;
      round.workMs += nowMs - turnMs;
      this.#turn = setImmediate(() => this.#visit(round));
      return;
    }
    this.#endStreams();
    this.#rest(nowMs - round.startMs, round.workMs + nowMs - turnMs);
  }

  #rest(tookMs: number, workMs: number): void {
    if (this.#options.streams.size === 0) return;
    this.#timer = setTimeout(() => this.#round(), Math.max(this.#intervalMs - tookMs, workMs));
  }

  #endStreams(): void {
    for (const stream of this.#options.streams.values()) {
      if (stream.fault !== undefined) {
        this.#options.log.error('a topic could not be read', {
          topic: stream.key,
          error: String(stream.fault),
        });
      }
      stream.endRound();
    }
  }

  get #intervalMs(): number {
    return (
      (this.halved ? 2000 : 1000) / Math.min(this.#options.limits.updatesPerSecond, MAX_UPDATES_PER_SECOND)
    );
  }
}

interface Round {
  /** µs since the epoch. */
  readonly now: number;
  readonly startMs: number;
  workMs: number;
  readonly clients: IterableIterator<Client>;
}
