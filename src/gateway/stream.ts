import type { ServerMessage } from '../wire/stream.ts';
import { textFrame } from './frame.ts';
import type { TopicReader } from './topics.ts';

/** One client's place in a stream. */
export interface Subscription {
  readonly stream: Stream;
  /** False as long as the client is owed a snapshot. */
  fresh: boolean;
  /** Of the last message; the client of a fresh one has seen everything up to it. */
  seq: number;
  /** The length of the frame that last found no room; it is not made again before there is. */
  needs: number;
}

/** One topic with its parameters. A message is read, encoded and framed once per round for all who get it, and only if somebody does. */
export class Stream {
  /** How many clients have it. */
  size = 0;
  readonly #reader: TopicReader;
  #seq = 0;
  #lastMs = -Infinity;
  #due = false;
  #update: Buffer | undefined;
  #snapshot: Buffer | undefined;
  #fault: unknown;

  constructor(reader: TopicReader) {
    this.#reader = reader;
  }

  get key(): string {
    return this.#reader.key;
  }

  /** Of this round's message, or of the last if this round has none. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether this round has an update. Between two of them, a newcomer gets a snapshot with the `seq` of the last, so that its next update has the next number. */
  get isDue(): boolean {
    return this.#due;
  }

  /** What went wrong with reading it in this round. */
  get fault(): unknown {
    return this.#fault;
  }

  /** @param nowMs the monotonic clock; @param slackMs how early a message may be */
  beginRound(nowMs: number, slackMs: number): void {
    this.#due = nowMs - this.#lastMs >= this.#reader.intervalMs - slackMs;
    if (!this.#due) return;
    this.#seq++;
    this.#lastMs = nowMs;
  }

  endRound(): void {
    this.#due = false;
    this.#update = undefined;
    this.#snapshot = undefined;
    this.#fault = undefined;
  }

  /** This round's message; undefined if the topic cannot be read, which then holds for the whole round. @param now µs since the epoch */
  frame(type: 'snapshot' | 'update', now: number): Buffer | undefined {
    if (this.#fault !== undefined) return undefined;
    try {
      if (type === 'update') {
        this.#update ??= this.#encode(type, now);
        return this.#update;
      }
      this.#snapshot ??= this.#encode(type, now);
      return this.#snapshot;
    } catch (error) {
      this.#fault = error;
      return undefined;
    }
  }

  #encode(type: 'snapshot' | 'update', now: number): Buffer {
    const data = this.#reader.read(now, type === 'snapshot');
    const message: ServerMessage = { topic: this.#reader.topic, seq: this.#seq, type, ...data };
    return textFrame(JSON.stringify(message));
  }
}
