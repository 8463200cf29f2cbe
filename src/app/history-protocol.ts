import type { ErrorCode } from '../core/errors.ts';
import type { SurvivalGrouping } from '../core/survival.ts';
import type { FoundGaps, GapsWish } from '../lake/gap-query.ts';
import type { HistoryHead, HistoryPoints, HistoryRequest } from '../lake/history-request.ts';
import type { LegsWish } from '../lake/mid-changes.ts';
import type { Recorded, RecordedWish, SurvivalGroup } from '../lake/opportunity-query.ts';
import type { ClosedOpportunity } from '../lake/opportunity-rows.ts';
import type { TradeFlow, TradesWish } from '../lake/trade-query.ts';
import type { LeadsAndLags } from './lead-lag.ts';

export interface HistoryWorkerData {
  readonly lake: string;
  /** MiB. */
  readonly engineMb: number;
}

/** What is asked of recorded opportunities. */
export type LakeQuestion =
  | { readonly kind: 'leadLag'; readonly wish: LegsWish }
  | { readonly kind: 'gaps'; readonly wish: GapsWish }
  | { readonly kind: 'trades'; readonly wish: TradesWish }
  | { readonly kind: 'opportunities'; readonly wish: RecordedWish; readonly limit: number }
  | {
      readonly kind: 'survival';
      readonly wish: RecordedWish;
      readonly by: SurvivalGrouping;
      readonly limit: number;
      /** Groups that are wanted beside the largest. */
      readonly also: readonly string[];
    };

/** The answer of each kind of question. */
export interface LakeAnswers {
  readonly leadLag: LeadsAndLags;
  readonly gaps: FoundGaps;
  readonly trades: readonly TradeFlow[];
  readonly opportunities: Recorded<ClosedOpportunity[]>;
  readonly survival: Recorded<SurvivalGroup[]>;
}

export type ToHistoryWorker =
  | { readonly type: 'ask'; readonly id: number; readonly question: LakeQuestion }
  | { readonly type: 'read'; readonly id: number; readonly request: HistoryRequest }
  /** One more batch of points may be sent. */
  | { readonly type: 'more'; readonly id: number }
  | { readonly type: 'abort'; readonly id: number }
  /** Ends the thread once nothing is being read. */
  | { readonly type: 'stop' };

export type FromHistoryWorker =
  | { readonly type: 'answer'; readonly id: number; readonly answer: LakeAnswers[keyof LakeAnswers] }
  | { readonly type: 'head'; readonly id: number; readonly head: HistoryHead }
  | { readonly type: 'points'; readonly id: number; readonly points: HistoryPoints }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly code: ErrorCode; readonly message: string };

/** Batches of points that are on their way to the main thread at once, per request. */
export const BATCHES_AHEAD = 4;
