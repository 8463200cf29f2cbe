/** What a client tells of its messages. */
export interface WireMeter {
  /** Messages until the next reading of the clock; one telling must not go beyond it. */
  room(): number;
  /** So many messages were read; `sum` is the sum of their bids, asks and sizes. */
  add(messages: number, sum: number): void;
}

/** Connects and tells the meter of every message. */
export type WireClient = (port: number, nativeIds: readonly string[], meter: WireMeter) => Promise<void>;
