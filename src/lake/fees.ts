import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import { errnoOf, type FileSteps, replaceFile } from './file-steps.ts';
import { isTime } from './gap-rows.ts';
import { isRecord, parseJson } from './json.ts';
import { JOURNAL_FOLDER } from './layout.ts';

/** The taker fees that a venue asks for, fractions: one for most pairs, and the pairs that have another. */
export interface VenueFees {
  readonly usual: number;
  /** By symbol. */
  readonly pairs: Readonly<Record<string, number>>;
}

/** Fees that were in force from `since` on, µs since the epoch. */
export interface FeesSince extends VenueFees {
  readonly since: number;
}

/** What the venues asked for while they were recorded, so that a replay computes with the fees of its time. */
export type RecordedFees = ReadonlyMap<VenueId, readonly FeesSince[]>;

export const FEES_FILE = 'fees.json';
/** Of one venue; the oldest go. They change when a venue changes them, or lists a pair with a fee of its own. */
const MOST_VERSIONS = 16;
const NONE: RecordedFees = new Map();

/** The fees of a venue's pairs, put briefly. */
export function venueFeesOf(
  pairs: readonly { readonly symbol: string; readonly takerFee: number }[],
): VenueFees {
  const counts = new Map<number, number>();
  for (const { takerFee } of pairs) counts.set(takerFee, (counts.get(takerFee) ?? 0) + 1);
  const [usual = 0] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([fee]) => fee);
  const others = pairs.filter(({ takerFee }) => takerFee !== usual);
  const sorted = others.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
  return { usual, pairs: Object.fromEntries(sorted.map(({ symbol, takerFee }) => [symbol, takerFee])) };
}

export function areSameFees(a: VenueFees, b: VenueFees): boolean {
  const symbols = Object.keys(a.pairs);
  return (
    a.usual === b.usual &&
    symbols.length === Object.keys(b.pairs).length &&
    symbols.every((symbol) => a.pairs[symbol] === b.pairs[symbol])
  );
}

/** Empty if there are none, or none that make sense. Throws what the disk throws. */
export function readFees(lake: string): RecordedFees {
  try {
    return parseFees(parseJson(readFileSync(join(lake, JOURNAL_FOLDER, FEES_FILE), 'utf8'))) ?? NONE;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return NONE;
    throw error;
  }
}

/** What a pair asked for at a time (µs), a fraction; of a time before all that is known, what is known first. Undefined = nothing is known of the venue. */
export function recordedFee(
  fees: RecordedFees,
  venue: VenueId,
  symbol: string,
  time: number,
): number | undefined {
  const versions = fees.get(venue) ?? [];
  const version = versions.findLast(({ since }) => since <= time) ?? versions[0];
  return version === undefined ? undefined : (pairFee(version, symbol) ?? version.usual);
}

function pairFee({ pairs }: VenueFees, symbol: string): number | undefined {
  return Object.hasOwn(pairs, symbol) ? pairs[symbol] : undefined;
}

/** Notes the fees that are in force; the file is written only if any is new. Throws what the disk throws. */
export function noteFees(steps: FileSteps, lake: string, now: ReadonlyMap<VenueId, FeesSince>): void {
  const fees = new Map(readFees(lake));
  let isNew = false;
  for (const [venue, found] of now) {
    const versions = fees.get(venue) ?? [];
    const last = versions.at(-1);
    if (last !== undefined && areSameFees(last, found)) continue;
    // What a clock that was set back puts behind us was not in force yet.
    const before = versions.filter(({ since }) => since < found.since);
    fees.set(venue, [...before, found].slice(-MOST_VERSIONS));
    isNew = true;
  }
  if (!isNew) return;
  const text = JSON.stringify({ venues: Object.fromEntries(fees) });
  replaceFile(steps, join(lake, JOURNAL_FOLDER, FEES_FILE), `${text}\n`);
}

function parseFees(value: unknown): RecordedFees | undefined {
  if (!isRecord(value) || !isRecord(value.venues)) return undefined;
  const fees = new Map<VenueId, readonly FeesSince[]>();
  for (const [venue, versions] of Object.entries(value.venues)) {
    if (!isVenueId(venue) || !Array.isArray(versions)) continue;
    const read = (versions as readonly unknown[]).map(parseVersion);
    if (!read.every((version) => version !== undefined)) return undefined;
    fees.set(venue, read);
  }
  return fees;
}

function parseVersion(value: unknown): FeesSince | undefined {
  if (!isRecord(value) || !isTime(value.since) || !isFee(value.usual) || !isRecord(value.pairs))
    return undefined;
  const pairs = Object.entries(value.pairs);
  if (!pairs.every((pair): pair is [string, number] => isFee(pair[1]))) return undefined;
  return { since: value.since, usual: value.usual, pairs: Object.fromEntries(pairs) };
}

function isFee(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 1;
}
