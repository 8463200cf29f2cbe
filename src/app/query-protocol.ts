import type { ErrorCode } from '../core/errors.ts';
import type { LakeTable } from '../lake/tables.ts';

export const QUERY_FORMATS = ['table', 'csv', 'ndjson', 'json'] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];

/** What the process that asks a query is told: one message, then nothing more. */
export interface QueryPlan {
  readonly sql: string;
  readonly format: QueryFormat;
  /** Rows to give; null = all. */
  readonly limit: number | null;
  /** Where the answer is shown; null = it goes to a program. */
  readonly terminal: { readonly columns: number } | null;
  readonly files: Readonly<Record<LakeTable, readonly string[]>>;
  readonly spillFolder: string;
  /** The folder of this query; removed by whichever of the two processes lives longer. */
  readonly scratch: string;
  /** Bytes of memory at which it ends itself, where the system does not see to it. */
  readonly memoryBytes: number;
}

/** Its last word; the answer itself goes to its standard output. */
export type QueryReply =
  | {
      readonly kind: 'done';
      /** Rows that were given. */
      readonly rows: number;
      /** Whether there were more. */
      readonly cut: boolean;
    }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly message: string };
