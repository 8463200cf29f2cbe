import { SpreadscopeError } from '../../core/errors.ts';
import type { VenueId } from '../../core/venue-ids.ts';
import type { ListedInstrument } from '../venue.ts';

/** Reading REST replies whose shape is only hoped for. */
export type JsonRecord = { readonly [key: string]: unknown };

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The rows of a list in a reply; throws VENUE_REPLY_INVALID, naming the venue and what was expected, when it is no array. */
export function rowsOf(venue: VenueId, list: unknown, what: string): JsonRecord[] {
  if (Array.isArray(list)) return list.filter(isRecord);
  throw new SpreadscopeError(
    'VENUE_REPLY_INVALID',
    `${venue} answered without ${what}; its interface may have changed, or something stands between us and it`,
  );
}

/** A member of an object, or undefined when there is no object or no such member. */
export function member(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

/** A text that is not empty, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number written as one or as text; NaN when it is neither. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/** The instrument of a row, or undefined when the row lacks an id, a base or a quote. */
export function listed(
  nativeId: unknown,
  base: unknown,
  quote: unknown,
  facts: Pick<ListedInstrument, 'tradable' | 'leveraged' | 'takerFee'>,
): ListedInstrument | undefined {
  const names = [textOf(nativeId), textOf(base), textOf(quote)] as const;
  if (names[0] === undefined || names[1] === undefined || names[2] === undefined) return undefined;
  return { nativeId: names[0], base: names[1], quote: names[2], ...facts };
}

/** What is left of an array when its undefined entries are taken out. */
export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
