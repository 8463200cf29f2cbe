import { computed } from '@preact/signals';
import type { VerdictName } from '../../src/core/route-notes.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import type { RouteSort, RoutesParams } from '../../src/wire/stream.ts';
import { setView, viewQuery } from './location.ts';

const SORTS: Readonly<Record<RouteSort, true>> = {
  ...{ net: true, gross: true, notional: true, size: true },
  ...{ age: true, opportunities: true, symbol: true },
};
export const VERDICT_WORDS: Readonly<Record<VerdictName, string>> = {
  excellent: 'excellent',
  fair: 'fair',
  weak: 'weak',
  'does-not-close': 'does not close',
  trending: 'trending',
  'not-enough-data': 'too little data',
};
const VENUES: Readonly<Record<VenueId, true>> = {
  ...{ binance: true, bybit: true, okx: true, gate: true },
  ...{ kucoin: true, bitget: true, mexc: true, bingx: true },
};
export const ALL_VENUES = Object.keys(VENUES) as readonly VenueId[];
/** As long as the server takes. */
const LONGEST_LIST = 8192;

export type SortOrder = 'asc' | 'desc';

/** The order of whoever does not say: as the server's. */
export function usualOrder(by: RouteSort): SortOrder {
  return by === 'symbol' || by === 'age' ? 'asc' : 'desc';
}

/** What the screener shows, as the address says it. */
export interface Filters {
  readonly sort: RouteSort;
  readonly order: SortOrder;
  readonly symbol: string;
  readonly minNetBps: number | null;
  readonly minNotional: number | null;
  readonly verdict: VerdictName | null;
  /** Also routes whose venues may not mean the same coin. */
  readonly doubtful: boolean;
  readonly buy: readonly VenueId[];
  readonly sell: readonly VenueId[];
  /** Ids with commas between; empty = all, and none. */
  readonly only: string;
  readonly hide: string;
}

export const filters = computed<Filters>(() => {
  const query = viewQuery.value;
  const text = (key: string) => query.get(key) ?? '';
  const [sort, verdict, order] = [text('sort'), text('verdict'), text('order')];
  const by = isKey(SORTS, sort) ? sort : 'net';
  return {
    sort: by,
    order: order === 'asc' || order === 'desc' ? order : usualOrder(by),
    symbol: text('q'),
    minNetBps: numberOf(text('net')),
    minNotional: numberOf(text('notional')),
    verdict: isKey(VERDICT_WORDS, verdict) ? verdict : null,
    doubtful: text('identity') === 'all',
    buy: venuesOf(text('buy')),
    sell: venuesOf(text('sell')),
    only: text('only').slice(0, LONGEST_LIST),
    hide: text('hide').slice(0, LONGEST_LIST),
  };
});

export const sort = computed(() => filters.value.sort);
export const order = computed(() => filters.value.order);

/** Whether anything but the order is asked for. */
export const filtered = computed(() => {
  const { sort: _, order: ___, hide: __, ...rest } = filters.value;
  return Object.values(rest).some((value) =>
    Array.isArray(value) ? value.length > 0 : value !== '' && value !== null && value !== false,
  );
});

/** The same as parameters of the topic, without the part that is on show. */
export const filterParams = computed<RoutesParams>(() => {
  const {
    symbol,
    minNetBps,
    minNotional,
    verdict,
    doubtful,
    buy,
    sell,
    only,
    hide,
    sort: by,
    order: direction,
  } = filters.value;
  return {
    sort: by,
    ...(direction === usualOrder(by) ? {} : { order: direction }),
    ...(symbol === '' ? {} : { symbol }),
    ...(minNetBps === null ? {} : { minNetBps }),
    ...(minNotional === null ? {} : { minNotional }),
    ...(verdict === null ? {} : { verdict }),
    ...(doubtful ? { identity: 'all' as const } : {}),
    ...(buy.length === 0 ? {} : { buy: buy.join(',') }),
    ...(sell.length === 0 ? {} : { sell: sell.join(',') }),
    ...(only === '' ? {} : { only }),
    ...(hide === '' ? {} : { hide }),
  };
});

const FILTER_KEYS = ['q', 'net', 'notional', 'verdict', 'identity', 'buy', 'sell', 'only'] as const;
const ORDER_KEYS = ['sort', 'order'] as const;

export function clearFilters(): void {
  setView(Object.fromEntries(FILTER_KEYS.map((key) => [key, null])));
}

/** Shows another view: all filters and the order as this query says. */
export function showView(query: string): void {
  const wanted = new URLSearchParams(query);
  setView(Object.fromEntries([...FILTER_KEYS, ...ORDER_KEYS].map((key) => [key, wanted.get(key)])));
}

/** The present view as such a query. */
export function viewText(): string {
  const view = new URLSearchParams();
  for (const key of [...FILTER_KEYS, ...ORDER_KEYS]) {
    const value = viewQuery.peek().get(key);
    if (value !== null) view.set(key, value);
  }
  return view.toString();
}

/** By another figure in its usual order, or by the same the other way. */
export function setSort(by: RouteSort): void {
  const { sort: now, order: direction } = filters.peek();
  const next = by === now ? (direction === 'asc' ? 'desc' : 'asc') : usualOrder(by);
  setView({ sort: by === 'net' ? null : by, order: next === usualOrder(by) ? null : next });
}

/** A venue in or out of those to buy on, or to sell on; all are as good as none. */
export function toggleVenue(side: 'buy' | 'sell', venue: VenueId): void {
  const chosen = filters.peek()[side];
  const next = ALL_VENUES.filter((id) => (id === venue) !== chosen.includes(id));
  setView({ [side]: next.length === ALL_VENUES.length ? null : next.join(',') });
}

function isKey<T extends string>(table: Readonly<Record<T, unknown>>, text: string): text is T {
  return Object.hasOwn(table, text);
}

function numberOf(text: string): number | null {
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

function venuesOf(text: string): readonly VenueId[] {
  return ALL_VENUES.filter((id) => text.split(',').includes(id));
}
