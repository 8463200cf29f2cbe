import { effect } from '@preact/signals';
import type { VerdictName } from '../../src/core/route-notes.ts';
import type { RouteSort } from '../../src/wire/stream.ts';
import {
  minNetBps,
  minNotional,
  sort,
  starsOnly,
  symbolFilter,
  venueFilter,
  verdictFilter,
} from './state.ts';

const SORTS: readonly RouteSort[] = ['net', 'gross', 'notional', 'size', 'symbol'];
export const VERDICT_NAMES: readonly VerdictName[] = [
  ...(['excellent', 'fair', 'weak', 'does-not-close', 'trending', 'not-enough-data'] as const),
];
const VENUES = /^[a-z]{1,16}(,[a-z]{1,16}){0,7}$/;

/** Keeps the filters of the list in the address, so that a link is a view; what an address has that is no filter is left out. */
export function keepViewInAddress(): void {
  read(new URLSearchParams(window.location.search));
  effect(() => {
    const query = new URLSearchParams();
    if (sort.value !== 'net') query.set('sort', sort.value);
    if (symbolFilter.value !== '') query.set('symbol', symbolFilter.value);
    if (minNetBps.value !== null) query.set('net', String(minNetBps.value));
    if (minNotional.value !== null) query.set('notional', String(minNotional.value));
    if (verdictFilter.value !== null) query.set('verdict', verdictFilter.value);
    if (venueFilter.value !== '') query.set('venues', venueFilter.value);
    if (starsOnly.value) query.set('stars', '1');
    const text = query.toString();
    const address = `${window.location.pathname}${text === '' ? '' : `?${text}`}${window.location.hash}`;
    window.history.replaceState(null, '', address);
  });
}

function read(query: URLSearchParams): void {
  sort.value = SORTS.find((one) => one === query.get('sort')) ?? 'net';
  symbolFilter.value = (query.get('symbol') ?? '').replaceAll(/\s/g, '').slice(0, 64);
  minNetBps.value = figure(query.get('net'));
  minNotional.value = figure(query.get('notional'));
  verdictFilter.value = VERDICT_NAMES.find((one) => one === query.get('verdict')) ?? null;
  starsOnly.value = query.get('stars') === '1';
  const venues = query.get('venues') ?? '';
  venueFilter.value = VENUES.test(venues) ? venues : '';
}

function figure(text: string | null): number | null {
  const value = text === null || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
