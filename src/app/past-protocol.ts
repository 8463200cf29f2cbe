import type { ErrorCode } from '../core/errors.ts';
import type { Config } from './config.ts';

/** What the process that shows a past moment is told at its start. */
export interface PastPlan {
  readonly config: Config;
  readonly lake: string;
  /** µs. */
  readonly moment: number;
}

/** What it is told later. */
export interface PastOrder {
  /** Times the pace of life; 0 = it stands still. */
  readonly speed: number;
}

/** What it says. */
export type PastReply =
  | { readonly kind: 'reading'; readonly progress: number }
  /** @param from µs: opportunities and statistics are of what was recorded since */
  | { readonly kind: 'ready'; readonly port: number; readonly from: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
