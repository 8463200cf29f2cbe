/** Every venue, in the order of its dense index. A venue id names a server and a market kind (here: spot). */
export const VENUE_IDS = ['binance', 'bybit', 'okx', 'gate', 'kucoin', 'bitget', 'mexc', 'bingx'] as const;

export type VenueId = (typeof VENUE_IDS)[number];

export const VENUE_COUNT = VENUE_IDS.length;

const INDEX: ReadonlyMap<string, number> = new Map(VENUE_IDS.map((id, index) => [id, index]));

export function isVenueId(text: string): text is VenueId {
  return INDEX.has(text);
}

/** The venue's dense index, 0 … VENUE_COUNT − 1. */
export function venueIndex(id: VenueId): number {
  return INDEX.get(id) as number;
}

/** The venue of a dense index that came from `venueIndex`. */
export function venueAt(index: number): VenueId {
  const id = VENUE_IDS[index];
  if (id === undefined) throw new RangeError(`no venue has index ${index}`);
  return id;
}
