/** Connects and calls `count` once for each message, with the sum of its bid, ask and sizes. */
export type WireClient = (
  port: number,
  nativeIds: readonly string[],
  count: (sum: number) => void,
) => Promise<void>;
