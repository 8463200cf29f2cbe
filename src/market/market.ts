import type { BoundReading } from '../core/bounds.ts';
import type { Instrument } from '../core/instruments.ts';
import type { QuoteColumns, QuoteKind, TradeColumns } from '../core/records.ts';
import type { IdentityDecision, VerdictName } from '../core/route-notes.ts';
import { VENUE_COUNT, type VenueId, venueAt, venueIndex } from '../core/venue-ids.ts';
import { Analysis, type AnalysisOptions } from './analysis.ts';
import { FACT_STRIDE, FEE, LEG_STRIDE, QuoteTable, VALID_UNTIL } from './quotes.ts';
import { Ranking, type RouteGate, type RouteOrder, type RouteSort } from './ranking.ts';
import { AnalysisReader, type IdentityPairView } from './route-analysis.ts';
import { namedRoutes, type RouteNames } from './route-filter.ts';
import { RouteTable } from './routes.ts';
import { type QuoteView, type RouteDetail, type RouteView, RowReader } from './rows.ts';
import { SymbolBook } from './symbols.ts';
import { TradeTable } from './trades.ts';
import { WatchedRoutes } from './watch.ts';
import type { WaterfallStep } from './waterfall.ts';
import { type InstrumentWindow, WindowArena, type WindowCover, type WindowOptions } from './window-arena.ts';

export interface MarketOptions {
  readonly instrumentCapacity: number;
  readonly symbolCapacity: number;
  /** How old a quote may be and still be used, ms. Default 60,000. */
  readonly maxQuoteAgeMs?: number;
  /** What is kept of every instrument's last hour; undefined = nothing. */
  readonly windows?: WindowOptions | undefined;
  /** What is made of the spreads; undefined = nothing. */
  readonly analysis?: AnalysisOptions | undefined;
}

export interface RouteQuery extends RouteNames {
  readonly sort?: RouteSort;
  /** Default `asc` by symbol and age, else `desc`. */
  readonly order?: 'asc' | 'desc';
  /** At most `MAX_RANKED`; default 50. */
  readonly limit?: number;
  /** How many of the best to leave out before; with `limit` at most `DEEPEST`. */
  readonly offset?: number;
  /** Exactly one symbol, or a part of some. */
  readonly symbol?: string;
  readonly minNetBps?: number;
  readonly minNotional?: number;
  /** Only routes with this verdict. */
  readonly verdict?: VerdictName;
  /** `all`: those too whose venues may not mean the same coin; default `trusted`. */
  readonly identity?: 'trusted' | 'all';
}

/** Why a route is among those of a query, or not. */
export interface RouteAnswer {
  readonly route: string;
  readonly shown: boolean;
  /** 1 = first; null = it does not pass. */
  readonly rank: number | null;
  readonly total: number;
  readonly reasons: readonly string[];
  readonly waterfall: readonly WaterfallStep[];
}

/** A route's past as columns, oldest first; times µs, nulls where a leg was invalid. */
export interface RoutePastView {
  readonly time: readonly number[];
  readonly netBps: readonly (number | null)[];
  readonly ask: readonly (number | null)[];
  readonly bid: readonly (number | null)[];
}

/** The most routes one reading may ask for. */
export const MAX_RANKED = 1000;
/** How far down the ranking a reading may reach. */
export const DEEPEST = 65_536;
const DEFAULT_LIMIT = 50;
const BPS = 10_000;
/** A symbol's two spellings, its places in a map and two arrays. */
const SYMBOL_BYTES = 192;
/** A route in a ranking: its figure and its index. */
const RANKED_BYTES = 12;

/**
 * The live state: last quotes, every route's spread, last trades. Pure: whoever calls says what time it is, in µs. All memory is taken here, at the start.
 */
export class Market {
  readonly #trades: TradeTable;
  /** Opportunities, statistics and the guard of identities; undefined = none are wanted. */
  readonly analysis: Analysis | undefined;
  readonly #book: SymbolBook;
  readonly #quotes: QuoteTable;
  readonly #routes: RouteTable;
  readonly #ranking: Ranking;
  readonly #watched: WatchedRoutes;
  readonly #reader: AnalysisReader | undefined;
  readonly #rows: RowReader;
  readonly #windows: WindowArena | undefined;
  #legs = 0;
  #routeCount = 0;

  constructor(options: MarketOptions) {
    const { instrumentCapacity, symbolCapacity, maxQuoteAgeMs = 60_000, windows, analysis } = options;
    this.#book = new SymbolBook(symbolCapacity);
    this.#quotes = new QuoteTable(instrumentCapacity, symbolCapacity, maxQuoteAgeMs);
    this.#routes = new RouteTable(this.#quotes, symbolCapacity);
    this.analysis = analysis === undefined ? undefined : new Analysis(this.#quotes, symbolCapacity, analysis);
    this.#watched = new WatchedRoutes(this.#quotes, this.#routes, symbolCapacity);
    this.#reader = this.analysis === undefined ? undefined : new AnalysisReader(this.analysis);
    this.#ranking = new Ranking(this.#routes, DEEPEST, this.#reader);
    this.#trades = new TradeTable(instrumentCapacity);
    this.#rows = new RowReader(this.#quotes, this.#routes, this.#trades, this.#reader);
    this.#windows = windows === undefined ? undefined : new WindowArena(windows, instrumentCapacity);
  }

  get symbolCount(): number {
    return this.#book.count;
  }

  /** Directed routes, whether valid now or not. */
  get routeCount(): number {
    return this.#routeCount;
  }

  get counts(): {
    readonly quotes: number;
    readonly trades: number;
    readonly unlisted: number;
    readonly outdated: number;
  } {
    const { applied, unlisted, outdated } = this.#quotes;
    return { quotes: applied, trades: this.#trades.total, unlisted, outdated };
  }

  /** Makes an instrument known; its quotes count from now on. Again for the same one: only its fee is taken over. INSTRUMENTS_FULL over the capacity. */
  list(instrument: Instrument): void {
    const symbol = this.#book.add(instrument.symbol);
    const taken = this.#quotes.takenOver(instrument, symbol);
    if (taken >= 0) this.analysis?.vacated(taken);
    const before = this.#quotes.instrumentOf[symbol * VENUE_COUNT + venueIndex(instrument.venue)] as number;
    const cell = this.#quotes.list(instrument, symbol);
    if (cell < 0) return;
    if (before < 0) {
      this.#routeCount += 2 * (this.#venuesOf(symbol).length - 1);
      this.#legs++;
      this.analysis?.list(cell, instrument.symbol);
    }
    this.#routes.update(cell);
  }

  /**
   * Takes `count` rows of a ring in, from slot `first` on, slots wrapping by `mask` (capacity − 1). `now` is µs. Every row updates every route it touches.
   */
  applyQuotes(columns: QuoteColumns, first: number, count: number, mask: number, now: number): void {
    this.#quotes.clock[0] = now;
    const quotes = this.#quotes;
    const routes = this.#routes;
    const watched = this.#watched;
    const windows = this.#windows;
    const analysis = this.analysis;
    const legs = quotes.legs;
    for (let i = 0; i < count; i++) {
      const slot = (first + i) & mask;
      const cell = quotes.admit(columns, slot);
      if (cell < 0) continue;
      if (analysis !== undefined) {
        analysis.legs.clock[0] = columns.receiveTime[slot] as number;
        analysis.advance(cell);
      }
      quotes.apply(columns, slot, cell);
      analysis?.changed(cell, columns.kind[slot] as QuoteKind);
      // Before the routes: they end a leg that is too old, which is its reader's to judge.
      windows?.sample(columns, slot, legs[cell * LEG_STRIDE + VALID_UNTIL] !== -Infinity);
      routes.update(cell);
      watched.sample(cell);
    }
  }

  /** Ends what grew too old by the latest row's time, where nothing more is said. Called now and then. */
  settle(): void {
    this.analysis?.settle(this.#book.count);
    this.#reader?.settle();
  }

  /** Nobody looks after this time, µs: what is open ends with it. */
  leave(time: number): void {
    this.analysis?.settle(this.#book.count, time);
    this.analysis?.opportunities.closeAll(time);
  }

  /** Like `applyQuotes`, for trades. */
  applyTrades(columns: TradeColumns, first: number, count: number, mask: number): void {
    for (let i = 0; i < count; i++) this.#trades.apply(columns, (first + i) & mask);
  }

  symbols(): { readonly symbol: string; readonly venues: readonly VenueId[] }[] {
    return this.#book.names().map((symbol, number) => ({ symbol, venues: this.#venuesOf(number) }));
  }

  /** The symbol of a cell of the tables. */
  symbolAt(cell: number): string {
    return this.#book.nameOf(Math.trunc(cell / VENUE_COUNT));
  }

  /** When any instrument of a venue said something last, µs; undefined = none has on its present connection. */
  lastHeard(venue: VenueId): number | undefined {
    let latest = -Infinity;
    const end = this.#book.count * VENUE_COUNT;
    for (let cell = venueIndex(venue); cell < end; cell += VENUE_COUNT)
      latest = Math.max(latest, this.#quotes.receivedAt(cell));
    return latest === -Infinity ? undefined : latest;
  }

  /** The last quote of each venue that lists the symbol; undefined if none does. */
  quotes(symbol: string, now: number): QuoteView[] | undefined {
    const number = this.#book.numberOf(symbol);
    if (number < 0) return undefined;
    this.#quotes.clock[0] = now;
    return this.#venuesOf(number).map((venue) => this.#rows.quote(number * VENUE_COUNT + venueIndex(venue)));
  }

  /** The best routes with two valid legs; `total` counts all that pass the filters. */
  routes(query: RouteQuery, now: number): { readonly total: number; readonly routes: RouteView[] } {
    this.#quotes.clock[0] = now;
    this.#routes.expire(this.#book.count * VENUE_COUNT);
    const best = this.#ranking.rank(...this.#wanted(query));
    const routes: RouteView[] = [];
    for (const route of best) routes.push(this.#rows.route(route, this.#symbolOf(route)));
    return { total: this.#ranking.total, routes };
  }

  /** Why a route is, or is not, among those of a query: also one of venues that do not list the symbol. */
  why(symbol: string, buy: VenueId, sell: VenueId, query: RouteQuery, now: number): RouteAnswer {
    this.#quotes.clock[0] = now;
    this.#routes.expire(this.#book.count * VENUE_COUNT);
    const wanted = this.#wanted(query);
    const route = this.#routeIndex(symbol, buy, sell);
    const rank = this.#ranking.placeOf(route, ...wanted);
    const { total } = this.#ranking;
    const shown =
      rank !== undefined &&
      rank > (query.offset ?? 0) &&
      rank <= Math.min((query.offset ?? 0) + Math.min(query.limit ?? DEFAULT_LIMIT, MAX_RANKED), DEEPEST);
    const about = { route: `${symbol}:${buy}:${sell}`, shown, rank: rank ?? null, total };
    if (route < 0) return { ...about, reasons: [this.#missing(symbol, buy, sell)], waterfall: [] };
    const { waterfall, verdict } = this.#rows.detail(route, symbol, query);
    const reasons = waterfall
      .filter(({ gate }) => gate?.passes === false)
      .map(
        ({ step, gate, note, value }) =>
          `${step}: ${gate?.rule ?? ''} — ${value === '' ? note : `${value}, ${note}`}`,
      );
    if (this.#reader !== undefined && query.verdict !== undefined && verdict !== query.verdict)
      reasons.push(`verdict: ${query.verdict} is wanted, it is ${verdict}`);
    if (this.#book.matching(query.symbol)[this.#book.numberOf(symbol)] !== 1)
      reasons.push(`symbol: ${symbol} is not among those of ${query.symbol ?? ''}`);
    if (namedRoutes(query, (name) => this.#book.numberOf(name))?.admits(route) === false)
      reasons.push('list: it is not among the venues and routes that are asked for');
    if (rank !== undefined && !shown)
      reasons.push(`rank: ${rank} of ${total}, and only the first ${query.limit ?? DEFAULT_LIMIT} are shown`);
    return { ...about, reasons, waterfall };
  }

  /** One route with its legs and how gross becomes net; undefined unless both venues list the symbol. */
  route(symbol: string, buy: VenueId, sell: VenueId, now: number): RouteDetail | undefined {
    const route = this.#routeIndex(symbol, buy, sell);
    if (route < 0) return undefined;
    this.#quotes.clock[0] = now;
    return this.#rows.detail(route, symbol);
  }

  /** What a route's statistics say of it; undefined unless both venues list the symbol. */
  verdictOf(symbol: string, buy: VenueId, sell: VenueId): VerdictName | undefined {
    const route = this.#routeIndex(symbol, buy, sell);
    return route < 0 ? undefined : this.#reader?.notes(route).verdict;
  }

  /** Pairs of venues whose identity is in doubt, or was decided. */
  doubtfulIdentities(): IdentityPairView[] {
    return this.#reader?.doubtful((cell) => this.symbolAt(cell)) ?? [];
  }

  /** Whether two venues mean the same coin by a symbol, as far as is known of their prices. */
  isTrusted(symbol: string, a: VenueId, b: VenueId): boolean {
    const route = this.#routeIndex(symbol, a, b);
    return route < 0 || (this.#reader?.admits(route) ?? true);
  }

  /** Whether opportunities, statistics and identity of two venues are kept: both list the symbol, and there was room for the pair. */
  follows(symbol: string, a: VenueId, b: VenueId): boolean {
    const route = this.#routeIndex(symbol, a, b);
    return route >= 0 && (this.#reader?.follows(route) ?? false);
  }

  /** Takes somebody's word on whether two venues mean the same coin. False unless both list the symbol and are followed. */
  decideIdentity(symbol: string, a: VenueId, b: VenueId, decision: IdentityDecision): boolean {
    const route = this.#routeIndex(symbol, a, b);
    return route >= 0 && (this.#reader?.decide(route, decision) ?? false);
  }

  /** Keeps a route's past from now on, or for longer. False if it does not exist or too many are being watched. */
  watch(symbol: string, buy: VenueId, sell: VenueId, now: number): boolean {
    const route = this.#routeIndex(symbol, buy, sell);
    if (route < 0) return false;
    this.#quotes.clock[0] = now;
    return this.#watched.watch(route);
  }

  /** The past of a watched route; undefined if it is not watched. */
  past(symbol: string, buy: VenueId, sell: VenueId): RoutePastView | undefined {
    const route = this.#routeIndex(symbol, buy, sell);
    const tail = route < 0 ? undefined : this.#watched.tail(route);
    if (tail === undefined) return undefined;
    const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
    return {
      time: Array.from(tail.time),
      netBps: Array.from(tail.net, (net) => orNull(net * BPS)),
      ask: Array.from(tail.ask, orNull),
      bid: Array.from(tail.bid, orNull),
    };
  }

  /** What an instrument said lately; undefined if it is not listed, has said nothing yet, or no windows are kept. */
  window(symbol: string, venue: VenueId): InstrumentWindow | undefined {
    const number = this.#book.numberOf(symbol);
    if (number < 0) return undefined;
    const instrument = this.#quotes.instrumentOf[number * VENUE_COUNT + venueIndex(venue)] as number;
    return instrument < 0 ? undefined : this.#windows?.window(instrument);
  }

  /** The taker fee of a symbol on a venue, a fraction; undefined if it is not listed there. */
  takerFee(symbol: string, venue: VenueId): number | undefined {
    const number = this.#book.numberOf(symbol);
    if (number < 0) return undefined;
    const cell = number * VENUE_COUNT + venueIndex(venue);
    return (this.#quotes.instrumentOf[cell] as number) < 0
      ? undefined
      : this.#quotes.facts[cell * FACT_STRIDE + FEE];
  }

  /** How much of the windows' span is there; undefined if none are kept. */
  windowCover(now: number): WindowCover | undefined {
    return this.#windows?.cover(now);
  }

  bounds(): BoundReading[] {
    const windows = this.#windows === undefined ? [] : [this.#windows.bound()];
    return [
      this.#table(
        'market.legs',
        this.#book.capacity * VENUE_COUNT,
        this.#quotes.bytes + this.#trades.bytes,
        this.#legs,
      ),
      this.#table(
        'market.routes',
        this.#book.capacity * VENUE_COUNT * VENUE_COUNT,
        this.#routes.bytes,
        this.#routeCount,
      ),
      this.#table(
        'market.symbols',
        this.#book.capacity,
        this.#book.capacity * SYMBOL_BYTES + DEEPEST * RANKED_BYTES,
        this.#book.count,
      ),
      this.#watched.read(),
      ...windows,
      ...(this.analysis?.bounds() ?? []),
      ...(this.#reader === undefined ? [] : [this.#reader.bound()]),
    ];
  }

  #wanted(query: RouteQuery): Parameters<Ranking['rank']> {
    return [
      orderOf(query),
      query.limit ?? DEFAULT_LIMIT,
      this.#book.matching(query.symbol),
      this.#book.alphabet(),
      query.minNetBps === undefined ? -Infinity : query.minNetBps / BPS,
      query.minNotional ?? 0,
      this.#gate(query),
      query.offset ?? 0,
    ];
  }

  /** Why there is no such route. */
  #missing(symbol: string, buy: VenueId, sell: VenueId): string {
    const number = this.#book.numberOf(symbol);
    if (buy === sell) return 'a route buys and sells on two different venues';
    const venues = number < 0 ? [] : this.#venuesOf(number);
    const lacking = [buy, sell].filter((venue) => !venues.includes(venue));
    const others = venues.length === 0 ? 'no venue does' : `${venues.join(', ')} do`;
    return `${symbol} is not watched on ${lacking.join(' and ')} (${others}): not listed there, or left out by quotes, volume, include or exclude`;
  }

  #gate(query: RouteQuery): RouteGate | undefined {
    const { verdict, identity } = query;
    const reader = this.#reader;
    const gates: RouteGate[] = [];
    const named = namedRoutes(query, (symbol) => this.#book.numberOf(symbol));
    if (named !== undefined) gates.push(named);
    if (reader !== undefined && identity !== 'all') gates.push(reader);
    if (reader !== undefined && verdict !== undefined) gates.push(reader.verdictGate(verdict));
    if (gates.length < 2) return gates[0];
    return { admits: (route) => gates.every((gate) => gate.admits(route)) };
  }

  #table(name: string, capacity: number, capacityBytes: number, used: number): BoundReading {
    const usedBytes = Math.round((capacityBytes / capacity) * used);
    const none = { refused: 0, replaced: 0, evicted: 0, lost: 0 };
    const cleanedBy = 'nobody: fixed size';
    return {
      ...{ name, policy: 'refuse', capacity, capacityBytes, cleanedBy },
      ...{ used, usedBytes, peak: used, ...none },
    };
  }

  #venuesOf(symbol: number): VenueId[] {
    const venues: VenueId[] = [];
    for (let v = 0; v < VENUE_COUNT; v++) {
      if ((this.#quotes.instrumentOf[symbol * VENUE_COUNT + v] as number) >= 0) venues.push(venueAt(v));
    }
    return venues;
  }

  #symbolOf(route: number): string {
    return this.#book.nameOf(Math.trunc(route / (VENUE_COUNT * VENUE_COUNT)));
  }

  #routeIndex(symbol: string, buy: VenueId, sell: VenueId): number {
    const number = this.#book.numberOf(symbol);
    if (number < 0 || buy === sell) return -1;
    const buyCell = number * VENUE_COUNT + venueIndex(buy);
    const sellCell = number * VENUE_COUNT + venueIndex(sell);
    const { instrumentOf } = this.#quotes;
    if ((instrumentOf[buyCell] as number) < 0 || (instrumentOf[sellCell] as number) < 0) return -1;
    return buyCell * VENUE_COUNT + venueIndex(sell);
  }
}

/** Alphabetical, and the freshest first; all other figures are the better the greater they are. */
function orderOf({ sort = 'net', order }: RouteQuery): RouteOrder {
  const rising = sort === 'symbol' || sort === 'age';
  return { sort, descending: order === undefined ? !rising : order === 'desc' };
}
