import type { QuoteRow } from '../src/wire/api.ts';

/** What the harness tells a process of clients. */
export type ClientOrder =
  | {
      readonly is: 'open';
      readonly url: string;
      readonly clients: readonly (readonly Subscribe[])[];
      /** How fast each client reads; undefined = as fast as it can. */
      readonly bytesPerSecond?: number | undefined;
    }
  /** Delays from now on belong to this phase; '' = to none. */
  | { readonly is: 'phase'; readonly name: string }
  /** Break off all connections and come back at once. */
  | { readonly is: 'storm' }
  | { readonly is: 'report' };

export interface Subscribe {
  readonly topic: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export type ClientReply =
  /** Every client has a first message of each of its topics; since the opening or the storm, ms. */
  { readonly is: 'full'; readonly ms: number } | ClientReport;

export interface ClientReport {
  readonly is: 'report';
  readonly phases: readonly PhaseDelays[];
  readonly seconds: readonly SecondOfDelay[];
  /** What each client saw last of each `quotes/…` topic. */
  readonly views: readonly {
    readonly client: number;
    readonly symbol: string;
    readonly quotes: readonly QuoteRow[];
  }[];
  /** Close codes by client, in order; 1006 = the connection broke off without a goodbye. */
  readonly closes: readonly { readonly client: number; readonly code: number }[];
  readonly messages: number;
  readonly bytes: number;
  /** Messages whose `seq` neither follows the one before nor starts anew with a snapshot. */
  readonly silentGaps: number;
  /** Snapshots after the first: each stands for messages that were left out. */
  readonly resyncs: number;
  /** Local ports of the connections. */
  readonly ports: readonly number[];
  /** The longest that this process's own loop stood still, ms: what it adds to the delays. */
  readonly ownLoopMaxMs: number;
}

export interface PhaseDelays {
  readonly name: string;
  /** From the venue's event to the client: buckets of a `DelayHistogram`. */
  readonly exchange: readonly number[];
  /** From the server's reading of its market to the client. */
  readonly delivery: readonly number[];
}

export interface SecondOfDelay {
  /** ms since the epoch. */
  readonly time: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
}
