import type { DelayFigures } from './delay-histogram.ts';
import type { OverloadOptions } from './overload-options.ts';
import type { SecondOfDelay } from './overload-protocol.ts';
import type { LedgerRow } from './overload-reconcile.ts';
import type { Sample } from './overload-sampler.ts';
import type { Slope } from './slope.ts';

export interface PhaseResult {
  readonly name: string;
  /** ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Messages a second that the simulator was asked for and made. */
  readonly askedRate: number;
  readonly madeRate: number;
  /** Shares of one core. */
  readonly cpu: { readonly server: number; readonly simulator: number; readonly clients: number };
}

export interface DelayResult {
  readonly phase: string;
  readonly exchange: DelayFigures;
  readonly delivery: DelayFigures;
}

export interface StallResult {
  readonly client: number;
  readonly topics: number;
  /** From SIGSTOP until the kernel of the server's side had given the connection up; null = it was still there. */
  readonly closedAfterMs: number | null;
  /** What the client read when it ran again; 1006 = the goodbye had found no room. */
  readonly code: number | null;
}

/** What is promised, and whether it held. */
export interface Verdict {
  readonly what: string;
  readonly held: boolean;
  readonly detail: string;
}

export interface RunResult {
  readonly options: OverloadOptions;
  readonly load: number;
  readonly phases: readonly PhaseResult[];
  readonly delays: readonly DelayResult[];
  readonly seconds: readonly SecondOfDelay[];
  readonly samples: readonly Sample[];
  /** MB and MB a minute. */
  readonly rss: { readonly max: number; readonly end: number; readonly growth: Slope };
  readonly threads: readonly { readonly name: string; readonly cpuSeconds: number }[];
  readonly stalls: readonly StallResult[];
  /** Codes with which the server says that it closed clients, of its log. */
  readonly closedByServer: readonly number[];
  readonly slow: {
    readonly delays: readonly DelayResult[];
    readonly codes: readonly number[];
    readonly resyncs: number;
  };
  readonly healthy: {
    readonly clients: number;
    readonly messages: number;
    readonly bytes: number;
    readonly codes: readonly number[];
    readonly silentGaps: number;
    readonly resyncs: number;
    readonly ownLoopMaxMs: number;
  };
  readonly storm:
    | { readonly clients: number; readonly firstMs: number; readonly returnMs: number }
    | undefined;
  readonly views: { readonly compared: number; readonly wrong: readonly string[] };
  readonly ledger: readonly LedgerRow[];
  readonly stop: { readonly ms: number; readonly how: string };
  /** How the server ended before it was asked to; undefined = it did not. */
  readonly died: string | undefined;
  /** Why the phases were not all played; undefined = they were. */
  readonly trouble: string | undefined;
  /** Lines of warnings and errors of the server, the last ones. */
  readonly complaints: readonly string[];
  readonly bounds: unknown;
  readonly metrics: string;
  readonly verdicts: readonly Verdict[];
}
