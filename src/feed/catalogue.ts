import { canonicalSymbol, type InstrumentListing } from '../core/instruments.ts';
import type { Endpoints, ListedInstrument, RestRequest, Ticker, Venue } from '../venues/venue.ts';
import { type RestFetch, restUrl } from './rest.ts';

/** Which of a venue's markets are wanted. */
export interface CatalogueFilter {
  /** Quote currencies. */
  readonly quotes: readonly string[];
  /** USD in 24 h; undefined or 0 = no lower limit. */
  readonly minUsdVolume?: number;
  readonly maxUsdVolume?: number | null;
  /** If not empty, only these: coins (`BTC`) or symbols (`BTC-USDC`; a symbol named here is taken whatever its quote currency). */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** The most markets, by USD volume. */
  readonly limit?: number;
}

export interface CatalogueOptions {
  /** Configured taker fee as a fraction; it goes before the listed one and the venue's. */
  readonly takerFee?: number | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Why markets were left out; each market is counted once, under the first reason that applies. */
export const LEFT_OUT = [
  'notTradable',
  'leveraged',
  'notIncluded',
  'excluded',
  'quote',
  'volumeUnknown',
  'volumeTooSmall',
  'volumeTooLarge',
  'overLimit',
] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

export interface LoadedCatalogue {
  /** By USD volume, the largest first; unknown volumes last. */
  readonly listings: readonly InstrumentListing[];
  readonly listed: number;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
}

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** Quote currencies that are a US dollar for the purpose of a volume filter. */
const DOLLARS: ReadonlySet<string> = new Set(
  'USD USDT USDC FDUSD TUSD BUSD DAI USDE USDD USDP PYUSD GUSD USD1 USDG RLUSD'.split(' '),
);

/** Asks the venue for its markets and their 24 h volumes, and applies the filter. Throws VENUE_UNREACHABLE or VENUE_REPLY_INVALID. */
export async function loadCatalogue(
  venue: Venue,
  endpoints: Endpoints,
  filter: CatalogueFilter,
  fetch: RestFetch,
  nowMs: number,
  options: CatalogueOptions = {},
): Promise<LoadedCatalogue> {
  const ask = (request: RestRequest): Promise<unknown> =>
    fetch({
      method: request.method,
      url: restUrl(endpoints, request, nowMs),
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  const { catalogue } = venue;
  // One after the other: a venue's list may be many megabytes, and both need not be in memory as text at once.
  const listed = catalogue.parseInstruments(await ask(catalogue.instruments), nowMs);
  const tickers = catalogue.parseTickers(await ask(catalogue.tickers));
  return filterCatalogue(venue, listed, tickers, filter, options.takerFee);
}

interface Candidate {
  readonly market: ListedInstrument;
  readonly usdVolume: number;
}

/** The filter by itself. */
export function filterCatalogue(
  venue: Venue,
  listed: readonly ListedInstrument[],
  tickers: readonly Ticker[],
  filter: CatalogueFilter,
  takerFee?: number,
): LoadedCatalogue {
  const leftOut = Object.fromEntries(LEFT_OUT.map((reason) => [reason, 0])) as Record<LeftOut, number>;
  const volumeOf = usdVolumes(listed, tickers);
  const candidates: Candidate[] = [];
  for (const market of listed) {
    const usdVolume = volumeOf(market);
    const reason = whyLeftOut(market, usdVolume, filter);
    if (reason === undefined) candidates.push({ market, usdVolume });
    else leftOut[reason] += 1;
  }
  candidates.sort((a, b) => rank(b) - rank(a) || compareText(a.market.nativeId, b.market.nativeId));
  const taken = candidates.slice(0, filter.limit ?? candidates.length);
  leftOut.overLimit = candidates.length - taken.length;
  const listings = taken.map(({ market }) => ({
    venue: venue.id,
    nativeId: market.nativeId,
    base: market.base,
    quote: market.quote,
    takerFee: takerFee ?? market.takerFee ?? venue.takerFee,
  }));
  return { listings, listed: listed.length, leftOut };
}

function whyLeftOut(
  market: ListedInstrument,
  usdVolume: number,
  filter: CatalogueFilter,
): LeftOut | undefined {
  const symbol = canonicalSymbol(market.base, market.quote);
  const named = filter.include.includes(symbol);
  if (!market.tradable) return 'notTradable';
  if (market.leveraged) return 'leveraged';
  if (filter.include.length > 0 && !named && !filter.include.includes(market.base)) return 'notIncluded';
  if (filter.exclude.includes(symbol) || filter.exclude.includes(market.base)) return 'excluded';
  if (!named && !filter.quotes.includes(market.quote)) return 'quote';
  const min = filter.minUsdVolume ?? 0;
  const max = filter.maxUsdVolume ?? Number.POSITIVE_INFINITY;
  if (Number.isNaN(usdVolume)) return min > 0 || max < Number.POSITIVE_INFINITY ? 'volumeUnknown' : undefined;
  if (usdVolume < min) return 'volumeTooSmall';
  return usdVolume > max ? 'volumeTooLarge' : undefined;
}

/** 24 h volume in USD by market; NaN = not known. The venue's own figure goes first, else quote volume × the quote currency's price in the same table. */
function usdVolumes(
  listed: readonly ListedInstrument[],
  tickers: readonly Ticker[],
): (market: ListedInstrument) => number {
  const byId = new Map(tickers.map((ticker) => [ticker.nativeId, ticker]));
  const dollarPrices = new Map<string, number>();
  for (const { nativeId, base, quote } of listed) {
    const last = byId.get(nativeId)?.last ?? Number.NaN;
    if (!DOLLARS.has(quote) || !(last > 0)) continue;
    // USDT's price is the one that most venues mean.
    if (quote === 'USDT' || !dollarPrices.has(base)) dollarPrices.set(base, last);
  }
  return ({ nativeId, quote }) => {
    const ticker = byId.get(nativeId);
    if (ticker === undefined) return Number.NaN;
    if (!Number.isNaN(ticker.usdVolume)) return ticker.usdVolume;
    return ticker.quoteVolume * (DOLLARS.has(quote) ? 1 : (dollarPrices.get(quote) ?? Number.NaN));
  };
}

function rank(candidate: Candidate): number {
  return Number.isNaN(candidate.usdVolume) ? -1 : candidate.usdVolume;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
