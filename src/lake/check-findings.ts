import type { GapReason } from '../core/lake-status.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { LakeTable } from './tables.ts';

export type FindingCode =
  /** A file cannot be read to its end. */
  | 'unreadable'
  /** Its columns are not the table's. */
  | 'schema'
  /** Its footer and its rows are not of one number. */
  | 'rows'
  /** Its rows are not in the order of symbol and time. */
  | 'order'
  /** Rows of another hour, or without what every row has. */
  | 'misplaced'
  /** Two files hold rows of the same segments. */
  | 'overlap'
  /** Rows that are equal in every value. */
  | 'duplicate'
  /** A piece of a merged file is gone. */
  | 'incomplete'
  /** A file that was left by something that did not come to its end. */
  | 'leftover'
  /** A name that is none of ours. */
  | 'strange'
  /** A segment of the journal. */
  | 'journal'
  /** A row of the gaps table that makes no sense. */
  | 'gap'
  /** A small file that says where the lake stands. */
  | 'state';

export interface Finding {
  readonly code: FindingCode;
  /** `note`: it may be so in a healthy lake, while somebody works on it or after a crash. */
  readonly level: 'wrong' | 'note';
  /** Relative to the lake. */
  readonly path: string;
  /** For people. */
  readonly message: string;
}

export interface TableTotals {
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What is known of the gaps of one venue and reason. */
export interface GapTotals {
  readonly venue: VenueId;
  readonly reason: GapReason;
  readonly gaps: number;
  /** Together, µs. */
  readonly duration: number;
  /** As far as known. */
  readonly rowsLost: number;
}

export interface LakeCheck {
  /** Findings of each level: all of them, also those that are not listed. */
  readonly wrong: number;
  readonly notes: number;
  /** The first `MOST_FINDINGS`. */
  readonly findings: readonly Finding[];
  readonly tables: Readonly<Record<LakeTable, TableTotals>>;
  readonly journal: {
    readonly segments: number;
    readonly frames: number;
    /** Of quotes and trades. */
    readonly rows: number;
    readonly bytes: number;
  };
  readonly gaps: readonly GapTotals[];
}

export const MOST_FINDINGS = 1000;

/** Findings up to a number, and the count of all. */
export class Findings {
  readonly list: Finding[] = [];
  wrong = 0;
  notes = 0;

  add(level: Finding['level'], code: FindingCode, path: string, message: string): void {
    if (level === 'wrong') this.wrong += 1;
    else this.notes += 1;
    if (this.list.length < MOST_FINDINGS) this.list.push({ code, level, path, message });
  }

  addAll(others: Findings): void {
    for (const { level, code, path, message } of others.list) this.add(level, code, path, message);
    const listed = others.list.filter(({ level }) => level === 'wrong').length;
    this.wrong += others.wrong - listed;
    this.notes += others.notes - (others.list.length - listed);
  }
}
