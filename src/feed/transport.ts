import type { ByteBudget } from './byte-budget.ts';

export const TRANSPORTS = ['raw', 'ws'] as const;
export type TransportKind = (typeof TRANSPORTS)[number];

/** What an open connection tells. Between `received` and `batchEnd` come the messages of one chunk. */
export interface TransportHandler {
  /** The socket handed over bytes; nothing of them has been looked at. The moment to stamp. */
  received(): void;
  /** A whole message, `bytes[start, end)`; valid only during the call. */
  message(bytes: Uint8Array, start: number, end: number, binary: boolean): void;
  pinged(payload: Uint8Array): void;
  ponged(): void;
  batchEnd(): void;
  /** The end, told once; nothing follows it. Not told after `terminate`. */
  closed(code: number, reason: string): void;
}

/** An open WebSocket. No method throws; on a closed one they do nothing. */
export interface Transport {
  /** Lets messages flow; called once, by whoever opened it, when ready for them. */
  start(): void;
  /** Holds messages back in the socket until `resume`. */
  pause(): void;
  resume(): void;
  sendText(text: string): void;
  sendPing(): void;
  sendPong(payload: Uint8Array): void;
  /** Says goodbye with this close code and goes on telling until the peer has closed, which `closed` tells; whoever asked sets the limit. */
  farewell(code: number): void;
  /** Says goodbye with this close code, waits at most `graceMs` for the peer to close, and destroys the socket. Nothing is told any more. Resolves when it is gone. */
  close(code: number, graceMs: number): Promise<void>;
  /** Destroys the socket at once. Nothing is told any more. */
  terminate(): void;
}

export interface TransportOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly maxMessageBytes: number;
  readonly budget: ByteBudget;
  readonly handler: TransportHandler;
}

/** Opens a connection, or rejects with a DialError. */
export type OpenTransport = (options: TransportOptions) => Promise<Transport>;
