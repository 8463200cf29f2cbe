/** What one client, and all of them together, may take. */
export interface GatewayLimits {
  readonly clients: number;
  /** Topics per client. */
  readonly subscriptions: number;
  /** Distinct topics, with their parameters, over all clients. */
  readonly streams: number;
  /** Messages a client may send per second; a burst may be as large as `subscriptions`. */
  readonly commandsPerSecond: number;
  /** Bytes that may wait for one client. */
  readonly outboxBytes: number;
  /** How long a client may take nothing while messages wait, before it is closed as slow. */
  readonly slowMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
  /** Messages per second and topic; at most 20. */
  readonly updatesPerSecond: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  clients: 256,
  subscriptions: 64,
  streams: 1024,
  commandsPerSecond: 20,
  outboxBytes: 128 * 1024,
  slowMs: 5000,
  pingMs: 15_000,
  pongMs: 30_000,
  updatesPerSecond: 10,
};

/** The largest message a client may send, and how deep its JSON may nest. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
export const MAX_JSON_DEPTH = 8;
export const MAX_UPDATES_PER_SECOND = 20;
