import type { ErrorCode } from '../core/errors.ts';
import type { HistoryHead, HistoryPoints, HistoryRequest } from '../lake/history-request.ts';

export interface HistoryWorkerData {
  readonly lake: string;
  /** MiB. */
  readonly engineMb: number;
}

export type ToHistoryWorker =
  | { readonly type: 'read'; readonly id: number; readonly request: HistoryRequest }
  /** One more batch of points may be sent. */
  | { readonly type: 'more'; readonly id: number }
  | { readonly type: 'abort'; readonly id: number }
  /** Ends the thread once nothing is being read. */
  | { readonly type: 'stop' };

export type FromHistoryWorker =
  | { readonly type: 'head'; readonly id: number; readonly head: HistoryHead }
  | { readonly type: 'points'; readonly id: number; readonly points: HistoryPoints }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly code: ErrorCode; readonly message: string };

/** Batches of points that are on their way to the main thread at once, per request. */
export const BATCHES_AHEAD = 4;
