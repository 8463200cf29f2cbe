import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import type { LakeTable } from './tables.ts';

/*
 * Where things lie in a lake, and which files of a folder count. Names only: nothing here touches the disk.
 *
 *   _journal/rows-0000000012.seg                                       the tail
 *   quotes/date=2026-11-23/hour=14/venue=okx/0000000012-0000000015.parquet
 *   quotes/…/0000000012-0000000340.2of5.parquet                        one of five pieces of a compacted hour, each a range of symbols
 *
 * A part's numbers are the first and last journal segment whose rows of this table, hour and venue it holds: all of them, and no others. So a
 * segment that a part of the folder covers need not be read again, and a part whose range lies in another's was merged into it.
 */
export const JOURNAL_FOLDER = '_journal';
/** A file that is being written: no reader's glob matches it. */
export const IN_PROGRESS = '.inprogress';
/** A part that is being replaced by a compacted one: no glob matches it either. */
export const MERGED = '.merged';
const PARQUET = '.parquet';
const DIGITS = 10;
export const HOUR_US = 3_600_000_000;

export interface Part {
  readonly first: number;
  readonly last: number;
  /** 1 … `pieces`. */
  readonly piece: number;
  readonly pieces: number;
}

export function segmentName(number: number): string {
  return `rows-${String(number).padStart(DIGITS, '0')}.seg`;
}

/** The segment's number; undefined if the name is no segment's. */
export function parseSegmentName(name: string): number | undefined {
  const match = /^rows-(\d{10,15})\.seg$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function partName({ first, last, piece, pieces }: Part): string {
  const range = `${String(first).padStart(DIGITS, '0')}-${String(last).padStart(DIGITS, '0')}`;
  if (pieces === 1) return range + PARQUET;
  // Padded, so that names are in the order of their rows.
  return `${range}.${String(piece).padStart(String(pieces).length, '0')}of${pieces}${PARQUET}`;
}

/** The part a file name stands for; undefined for any other name. `.inprogress` and `.merged` are to be cut off first. */
export function parsePartName(name: string): Part | undefined {
  const match = /^(\d{10,15})-(\d{10,15})(?:\.(\d{1,4})of(\d{1,4}))?\.parquet$/.exec(name);
  if (match === null) return undefined;
  const part = {
    first: Number(match[1]),
    last: Number(match[2]),
    piece: Number(match[3] ?? 1),
    pieces: Number(match[4] ?? 1),
  };
  return part.first <= part.last && part.piece >= 1 && part.piece <= part.pieces ? part : undefined;
}

/** The start of the hour that a time lies in; both µs since the epoch. */
export function hourOf(micros: number): number {
  return Math.floor(micros / HOUR_US) * HOUR_US;
}

/** A table's folder for one hour (µs since the epoch) and venue, relative to the lake. */
export function partitionFolder(table: LakeTable, hour: number, venue: VenueId): string {
  return `${hourFolder(table, hour)}/venue=${venue}`;
}

export function hourFolder(table: LakeTable, hour: number): string {
  const text = new Date(hour / 1000).toISOString();
  return `${table}/date=${text.slice(0, 10)}/hour=${text.slice(11, 13)}`;
}

/** The day of a folder name `date=2026-11-23` and the hour of `hour=14` as one time in µs; undefined if they are none. */
export function parseHour(dateFolder: string, hourFolderName: string): number | undefined {
  const date = /^date=(\d{4}-\d{2}-\d{2})$/.exec(dateFolder)?.[1];
  const hour = /^hour=(\d{2})$/.exec(hourFolderName)?.[1];
  if (date === undefined || hour === undefined) return undefined;
  const micros = Date.parse(`${date}T${hour}:00:00Z`) * 1000;
  return Number.isNaN(micros) ? undefined : micros;
}

export function parseVenueFolder(name: string): VenueId | undefined {
  const id = /^venue=([a-z0-9]+)$/.exec(name)?.[1];
  return id !== undefined && isVenueId(id) ? id : undefined;
}

/** What the files of one partition folder mean. Each list is in order of `first`. */
export interface PartitionFiles {
  /** The names to read: together every row that was converted, once. `.merged` names are among them only while their successor is incomplete. */
  readonly visible: readonly { readonly name: string; readonly part: Part }[];
  /** Names whose rows another visible file holds, or pieces of a successor that never became complete: to be deleted. */
  readonly superseded: readonly string[];
  /** Visible names that end in `.merged` and want their own name back, when nobody is replacing them. */
  readonly displaced: readonly string[];
  readonly inProgress: readonly string[];
  /** Names that have no business here. */
  readonly strange: readonly string[];
}

/** Decides which files of a partition folder count. */
export function sortOut(names: readonly string[]): PartitionFiles {
  const known: { name: string; part: Part; merged: boolean }[] = [];
  const inProgress: string[] = [];
  const strange: string[] = [];
  for (const name of names) {
    if (name.endsWith(IN_PROGRESS)) {
      inProgress.push(name);
      continue;
    }
    const merged = name.endsWith(MERGED);
    const part = parsePartName(merged ? name.slice(0, -MERGED.length) : name);
    if (part === undefined) strange.push(name);
    else known.push({ name, part, merged });
  }
  const complete = known.filter(({ part }) => isComplete(part, known));
  const visible = complete.filter((file) => !complete.some((other) => contains(other, file)));
  const shown = new Set(visible.map((file) => file.name));
  visible.sort((a, b) => a.part.first - b.part.first || a.part.piece - b.part.piece);
  return {
    visible,
    superseded: known.filter((file) => !shown.has(file.name)).map((file) => file.name),
    displaced: visible.filter((file) => file.merged).map((file) => file.name),
    inProgress,
    strange,
  };
}

/** Whether rows of a segment are in one of these files. */
export function covers(files: readonly { readonly part: Part }[], segment: number): boolean {
  return files.some(({ part }) => part.first <= segment && segment <= part.last);
}

interface Known {
  readonly name: string;
  readonly part: Part;
  readonly merged: boolean;
}

/** Whether all pieces are there. */
function isComplete(part: Part, known: readonly Known[]): boolean {
  if (part.pieces === 1) return true;
  const pieces = new Set(known.filter((other) => sameSet(other.part, part)).map((other) => other.part.piece));
  return pieces.size === part.pieces;
}

function sameSet(a: Part, b: Part): boolean {
  return a.first === b.first && a.last === b.last && a.pieces === b.pieces;
}

/** Whether `other` holds all rows of `file` and more, or the same rows in a better place. */
function contains(other: Known, file: Known): boolean {
  const [a, b] = [other.part, file.part];
  if (a.first > b.first || a.last < b.last) return false;
  if (a.first < b.first || a.last > b.last) return true;
  if (a.pieces !== b.pieces) return a.pieces > b.pieces;
  return a.piece === b.piece && file.merged && !other.merged;
}
