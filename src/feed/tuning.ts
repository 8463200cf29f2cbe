/** The runtime's own times and sizes; a venue's are in its `limits` and `keepAlive`. Durations in ms. */
export interface FeedTuning {
  /** How often deadlines are looked at. */
  readonly tickMs: number;
  /** TCP, TLS and the handshake together; the token request has as long again. */
  readonly dialTimeoutMs: number;
  readonly welcomeTimeoutMs: number;
  /** A request without an answer is sent again after this, `subscribeTries` times in all. */
  readonly ackTimeoutMs: number;
  readonly subscribeTries: number;
  /** Reconnects wait random() × min(cap, base × 2^failures). */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A connection that lived this long makes its slot's failures forgotten. */
  readonly backoffResetMs: number;
  /** Dials of one venue are a random 0 … 2 × this apart. */
  readonly dialSpacingMs: number;
  /** Suspicion: no byte for max(floor, min(factor × usual gap, max(busy, 2 × usual gap))), at most `quietMs`. */
  readonly probeFloorMs: number;
  readonly probeFactor: number;
  readonly probeBusyMs: number;
  /** A connection without a byte for this long is asked whether it is there, however quiet it usually is. */
  readonly quietMs: number;
  /** How long an answer to a probe may take on a busy and on a quiet connection. */
  readonly probeReplyMs: number;
  readonly quietReplyMs: number;
  /** After a planned replacement is subscribed, how long its silent instruments are waited for. */
  readonly handOverMs: number;
  /** How long a successor may be held so that the older connection catches up with it. */
  readonly holdMs: number;
  /** How long the older connection may still bring trades after its successor has taken over. */
  readonly lingerMs: number;
  /** How long a peer has to answer our close. */
  readonly closeGraceMs: number;
  /** Part of a venue's stated lifetime after which a connection is replaced, ± `rotateJitter`. */
  readonly rotateAt: number;
  readonly rotateJitter: number;
  /** Bytes that messages larger than a connection's own small buffer may take, all connections together. */
  readonly largeMessageBytes: number;
}

export const DEFAULT_TUNING: FeedTuning = {
  tickMs: 25,
  dialTimeoutMs: 5_000,
  welcomeTimeoutMs: 10_000,
  ackTimeoutMs: 10_000,
  subscribeTries: 3,
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  backoffResetMs: 60_000,
  dialSpacingMs: 50,
  probeFloorMs: 400,
  probeFactor: 20,
  probeBusyMs: 500,
  quietMs: 4_500,
  probeReplyMs: 1_000,
  quietReplyMs: 4_000,
  handOverMs: 10_000,
  holdMs: 500,
  lingerMs: 1_000,
  closeGraceMs: 500,
  rotateAt: 23 / 24,
  rotateJitter: 0.5 / 24,
  largeMessageBytes: 8 * 1024 * 1024,
};
