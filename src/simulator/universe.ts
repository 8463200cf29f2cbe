import { canonicalSymbol } from '../core/instruments.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { type Asset, loadAssets } from './assets.ts';
import { hashText } from './random.ts';

/** One market on one simulated venue. */
export interface SimInstrument {
  /** Dense over all venues: the index into the market's columns. */
  readonly slot: number;
  readonly venue: VenueId;
  readonly nativeId: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** 0 = the most traded. */
  readonly rank: number;
  /** Numbers into `Universe.assets`; −1 = a dollar coin. */
  readonly baseAsset: number;
  readonly quoteAsset: number;
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  /** 24 h volume in USD. */
  readonly usdVolume: number;
  /** The half of the bid-ask spread, as a fraction of the price. */
  readonly halfSpread: number;
  /** Listed, but not trading. */
  readonly halted: boolean;
  /** A token such as BTC3L. */
  readonly leveraged: boolean;
  /** The book never has this side. */
  readonly missing: 'none' | 'bid' | 'ask';
  /** Not listed at first: a market that can appear later. */
  readonly reserve: boolean;
  /** False once delisted: it vanishes from the lists and falls silent. */
  listed: boolean;
}

export interface Universe {
  readonly assets: readonly Asset[];
  readonly instruments: readonly SimInstrument[];
}

export interface UniverseOptions {
  readonly symbols: number;
  readonly venues: readonly VenueId[];
  readonly captures: string | undefined;
}

type Listing = Omit<SimInstrument, 'slot' | 'venue' | 'nativeId' | 'symbol'>;

/** The instruments of all venues: `symbols` liquid USDT markets each, and beside them what filters have to deal with. */
export function buildUniverse(
  options: UniverseOptions,
  nativeId: (venue: VenueId, base: string, quote: string) => string,
): Universe {
  const assets = loadAssets(Math.ceil(options.symbols * 1.2) + 40, options.captures);
  const instruments: SimInstrument[] = [];
  for (const venue of options.venues) {
    for (const listing of venueListings(venue, assets, options.symbols)) {
      instruments.push({
        ...listing,
        slot: instruments.length,
        venue,
        nativeId: nativeId(venue, listing.base, listing.quote),
        symbol: canonicalSymbol(listing.base, listing.quote),
      });
    }
  }
  return { assets, instruments };
}

function venueListings(venue: VenueId, assets: readonly Asset[], symbols: number): Listing[] {
  const good: Listing[] = [];
  const spare: number[] = [];
  for (let asset = 0; asset < assets.length; asset += 1) {
    const name = (assets[asset] as Asset).name;
    // Each venue lacks about one coin in twelve, never a major one, so that most symbols are common to most venues.
    const absent = asset >= 12 && hashText(`${venue}:${name}`) % 12 === 0;
    if (absent || good.length >= symbols) spare.push(asset);
    else good.push(listing(assets, asset, 'USDT', asset, {}));
  }
  // A list too short because of the gaps is filled with what was left out.
  while (good.length < symbols) {
    const asset = spare.shift();
    if (asset === undefined) break;
    good.push(listing(assets, asset, 'USDT', asset, {}));
  }
  return [...good, ...sideMarkets(assets, good), ...oddMarkets(venue, assets, spare)];
}

/** USDC and BTC quoted markets of the most traded coins. */
function sideMarkets(assets: readonly Asset[], good: readonly Listing[]): Listing[] {
  const usdc = good.slice(0, Math.max(3, Math.floor(good.length / 10)));
  const btc = good.filter((each) => each.base !== 'BTC' && priceOf(assets, each.baseAsset) > 1);
  return [
    ...usdc.map((each) => listing(assets, each.baseAsset, 'USDC', each.rank + 20, {})),
    ...btc
      .slice(0, Math.max(2, Math.floor(good.length / 20)))
      .map((each) => listing(assets, each.baseAsset, 'BTC', each.rank + 40, {})),
  ];
}

/** What an instrument filter must leave out: leveraged, halted, one-sided and illiquid markets. */
function oddMarkets(venue: VenueId, assets: readonly Asset[], spare: readonly number[]): Listing[] {
  const [halted, oneSided, otherSide, ...illiquid] = spare;
  const odd: Listing[] = [
    { ...listing(assets, 0, 'USDT', 60, { leveraged: true }), base: 'BTC3L' },
    { ...listing(assets, 1, 'USDT', 61, { leveraged: true }), base: 'ETH3S' },
  ];
  odd.push({ ...listing(assets, 3, 'USDT', 30, {}), base: 'REBRAND', reserve: true, listed: false });
  if (halted !== undefined) odd.push(listing(assets, halted, 'USDT', halted, { halted: true }));
  if (oneSided !== undefined) {
    odd.push(listing(assets, oneSided, 'USDT', 5_000, { missing: 'bid', usdVolume: 900 }));
  }
  if (otherSide !== undefined) {
    odd.push(listing(assets, otherSide, 'USDT', 5_000, { missing: 'ask', usdVolume: 400 }));
  }
  for (const asset of illiquid.slice(0, 5)) {
    const usdVolume = 10 + (hashText(`${venue}/${asset}`) % 5_000);
    odd.push(listing(assets, asset, 'USDT', 5_000, { usdVolume }));
  }
  return odd;
}

type Oddity = Partial<Pick<Listing, 'halted' | 'leveraged' | 'missing' | 'usdVolume'>>;

function listing(
  assets: readonly Asset[],
  asset: number,
  quote: 'USDT' | 'USDC' | 'BTC',
  rank: number,
  odd: Oddity,
): Listing {
  const quoteAsset = quote === 'BTC' ? 0 : -1;
  const price = priceOf(assets, asset) / priceOf(assets, quoteAsset);
  const usdVolume = odd.usdVolume ?? Math.max(1.5e6, 2e9 / (rank + 1) ** 1.1);
  return {
    base: (assets[asset] as Asset).name,
    quote,
    rank,
    baseAsset: asset,
    quoteAsset,
    // About five significant digits, at most the eight decimals that every venue can write.
    priceDecimals: Math.min(8, Math.max(1, Math.ceil(4.5 - Math.log10(price)))),
    sizeDecimals: Math.min(8, Math.max(0, Math.ceil(Math.log10(priceOf(assets, asset))) + 1)),
    usdVolume,
    halfSpread: Math.min(30e-4, 0.4e-4 * (2e9 / usdVolume) ** 0.3),
    halted: odd.halted ?? false,
    leveraged: odd.leveraged ?? false,
    missing: odd.missing ?? 'none',
    reserve: false,
    listed: true,
  };
}

function priceOf(assets: readonly Asset[], asset: number): number {
  return asset < 0 ? 1 : (assets[asset] as Asset).startPrice;
}
