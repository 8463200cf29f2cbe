/** What one client, and all of them together, may take. */
export interface GatewayLimits {
  /** Stream clients. */
  readonly clients: number;
  /** Sockets of any kind, all together. */
  readonly connections: number;
  /** Sockets of any kind from one address (of IPv6: from one /64 network). */
  readonly connectionsPerAddress: number;
  /** Streams that one address may open per second, and at once. */
  readonly upgradesPerSecond: number;
  /** Whether the limits per address do not hold for this machine's own: a proxy may be behind it, and its users are let in without a token too. */
  readonly exemptLoopback: boolean;
  /** Topics per client. */
  readonly subscriptions: number;
  /** Distinct topics, with their parameters, over all clients. */
  readonly streams: number;
  /** Bytes of what their parameters name: a list of routes may have thousands of characters. */
  readonly streamTextBytes: number;
  /** Messages a client may send per second; a burst may be as large as `subscriptions`. */
  readonly commandsPerSecond: number;
  /** Bytes that may be under way to one client: here, in both kernels and on the wire. */
  readonly outboxBytes: number;
  /** How long a byte may wait to be read by its client, before that is closed as slow. */
  readonly slowMs: number;
  readonly pingMs: number;
  /** The same for a client that is being sent something: what its pongs tell of. */
  readonly busyPingMs: number;
  readonly pongMs: number;
  /** How long a client may take to say its token. */
  readonly tokenMs: number;
  /** How long the head of a request may take; also how long a connection may say nothing at first. */
  readonly headersMs: number;
  /** How long a whole request may take to arrive. */
  readonly requestMs: number;
  /** How often the two are looked at. */
  readonly lookMs: number;
  /** Messages per second and topic; at most 20. */
  readonly updatesPerSecond: number;
  /** How long sending may hold the thread before whatever else waits gets its turn: a frame costs some µs, and there may be thousands. `npm run bench -- fanout` measures it. */
  readonly turnMs: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  clients: 256,
  connections: 512,
  connectionsPerAddress: 20,
  upgradesPerSecond: 10,
  exemptLoopback: true,
  subscriptions: 64,
  streams: 1024,
  streamTextBytes: 1024 * 1024,
  commandsPerSecond: 20,
  outboxBytes: 128 * 1024,
  slowMs: 5000,
  pingMs: 15_000,
  busyPingMs: 1000,
  pongMs: 30_000,
  tokenMs: 10_000,
  headersMs: 5000,
  requestMs: 10_000,
  lookMs: 1000,
  updatesPerSecond: 10,
  turnMs: 4,
};

/** HTTP connections beside those of stream clients. */
export const SPARE_CONNECTIONS = 256;
/** The largest message a client may send, in how many parts, and how deep its JSON may nest. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
export const MAX_FRAGMENTS = 64;
export const MAX_BUFFERED_CHUNKS = 1024;
export const MAX_JSON_DEPTH = 8;
export const MAX_UPDATES_PER_SECOND = 20;
