import type { ServerMessage } from '../wire/stream.ts';
import { textFrame } from './frame.ts';
import type { TopicReader } from './topics.ts';

/** One client's place in a stream. `fresh` is false as long as it still owes the client a snapshot. */
export interface Subscriber {
  fresh: boolean;
  /** Answers false when the client cannot take the frame now. */
  send(frame: Buffer): boolean;
}

/** One topic with its parameters, and everybody who gets it. A message is read, encoded and framed once per tick, and only if somebody gets it. */
export class Stream {
  readonly #reader: TopicReader;
  readonly #subscribers = new Set<Subscriber>();
  #seq = 0;
  #lastMs = -Infinity;

  constructor(reader: TopicReader) {
    this.#reader = reader;
  }

  get key(): string {
    return this.#reader.key;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /**
   * Sends the next message. Between two that are due, a newcomer gets a snapshot with the `seq` of the last, so that its next update has the next number.
   * @param now µs since the epoch; @param nowMs the monotonic clock, ms; @param slackMs how early a message may be
   */
  tick(now: number, nowMs: number, slackMs: number): void {
    const due = nowMs - this.#lastMs >= this.#reader.intervalMs - slackMs;
    if (due) {
      this.#seq++;
      this.#lastMs = nowMs;
    }
    try {
      this.#send(now, due);
    } catch (error) {
      // Nobody knows who got the message and who not.
      for (const subscriber of this.#subscribers) subscriber.fresh = false;
      throw error;
    }
  }

  #send(now: number, due: boolean): void {
    let update: Buffer | undefined;
    let snapshot: Buffer | undefined;
    for (const subscriber of this.#subscribers) {
      if (!subscriber.fresh) {
        snapshot ??= this.#encode('snapshot', now);
        subscriber.fresh = subscriber.send(snapshot);
      } else if (due) {
        update ??= this.#encode('update', now);
        subscriber.fresh = subscriber.send(update);
      }
    }
  }

  #encode(type: 'snapshot' | 'update', now: number): Buffer {
    const data = this.#reader.read(now, type === 'snapshot');
    const message: ServerMessage = { topic: this.#reader.topic, seq: this.#seq, type, ...data };
    return textFrame(JSON.stringify(message));
  }
}
