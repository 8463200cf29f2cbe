import type { IdentityState, VerdictName } from '../core/route-notes.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { VENUE_COUNT, venueAt } from '../core/venue-ids.ts';
import {
  ASK,
  ASK_SIZE,
  BID,
  BID_SIZE,
  FACT_STRIDE,
  FEE,
  LEG_STRIDE,
  type QuoteTable,
  RECEIVE_TIME,
  VALID_UNTIL,
  VENUE_TIME,
} from './quotes.ts';
import { type AnalysisReader, NOTHING, type RouteFindings } from './route-analysis.ts';
import { buyCellOf, type RouteTable, sellCellOf } from './routes.ts';
import type { LastTrade, TradeTable } from './trades.ts';
import { type WaterfallStep, waterfall } from './waterfall.ts';

/**
 * What readers get: plain rows in the units of every interface (µs, ms, basis points, null = unknown). They have the form of `src/wire/api.ts`, which the market may not
 * import; the app, which joins the two, does not compile otherwise.
 */
export interface QuoteView {
  readonly venue: VenueId;
  readonly bid: number | null;
  readonly bidSize: number | null;
  readonly ask: number | null;
  readonly askSize: number | null;
  readonly venueTime: number | null;
  readonly receiveTime: number | null;
  readonly ageMs: number | null;
  readonly valid: boolean;
  readonly takerFeeBps: number;
  readonly lastTrade: TradeView | null;
}

export interface TradeView extends LastTrade {
  readonly ageMs: number;
}

export interface RouteView {
  readonly id: string;
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly ask: number;
  readonly bid: number;
  readonly grossBps: number;
  readonly netBps: number;
  readonly size: number;
  readonly notional: number;
  readonly buyAgeMs: number;
  readonly sellAgeMs: number;
  readonly bandLowBps: number | null;
  readonly bandHighBps: number | null;
  readonly opportunitiesPerHour: number | null;
  readonly verdict: VerdictName;
  readonly identity: IdentityState;
}

type Figure = 'ask' | 'bid' | 'grossBps' | 'netBps' | 'size' | 'notional' | 'buyAgeMs' | 'sellAgeMs';

export type RouteDetail = Omit<RouteView, Figure> & {
  readonly [F in Figure]: number | null;
} & {
  readonly valid: boolean;
  readonly reason: string;
  readonly fees: { readonly buyBps: number; readonly sellBps: number };
  readonly legs: { readonly buy: QuoteView; readonly sell: QuoteView };
  readonly waterfall: readonly WaterfallStep[];
  /** Null where there is no room for them. */
  readonly findings: RouteFindings | null;
};

/** What somebody asks of a route before it is shown; all optional. */
export interface RouteWish {
  readonly minNetBps?: number | undefined;
  readonly minNotional?: number | undefined;
  readonly identity?: 'trusted' | 'all' | undefined;
}

const BPS = 10_000;

/** Reads rows out of the tables, as of `quotes.clock`. */
export class RowReader {
  readonly #quotes: QuoteTable;
  readonly #routes: RouteTable;
  readonly #trades: TradeTable;
  readonly #analysis: AnalysisReader | undefined;

  constructor(
    quotes: QuoteTable,
    routes: RouteTable,
    trades: TradeTable,
    analysis: AnalysisReader | undefined,
  ) {
    this.#quotes = quotes;
    this.#routes = routes;
    this.#trades = trades;
    this.#analysis = analysis;
  }

  quote(cell: number): QuoteView {
    const { legs, facts } = this.#quotes;
    const at = cell * LEG_STRIDE;
    const received = orNull(legs[at + RECEIVE_TIME]);
    return {
      venue: venueAt(cell % VENUE_COUNT),
      bid: orNull(legs[at + BID]),
      bidSize: orNull(legs[at + BID_SIZE]),
      ask: orNull(legs[at + ASK]),
      askSize: orNull(legs[at + ASK_SIZE]),
      venueTime: orNull(facts[cell * FACT_STRIDE + VENUE_TIME]),
      receiveTime: received,
      ageMs: received === null ? null : this.#age(cell),
      valid: this.#isValid(cell),
      takerFeeBps: (facts[cell * FACT_STRIDE + FEE] as number) * BPS,
      lastTrade: this.#lastTrade(cell),
    };
  }

  #lastTrade(cell: number): TradeView | null {
    const trade = this.#trades.last(this.#quotes.instrumentOf[cell] as number);
    if (trade === null) return null;
    const ageMs = Math.max(0, ((this.#quotes.clock[0] as number) - trade.receiveTime) / 1000);
    return { ...trade, ageMs };
  }

  /** The row of a route with two valid legs. */
  route(route: number, symbol: string): RouteView {
    const buyCell = buyCellOf(route);
    const sellCell = sellCellOf(route);
    const buy = venueAt(buyCell % VENUE_COUNT);
    const sell = venueAt(sellCell % VENUE_COUNT);
    const ask = this.#quotes.legs[buyCell * LEG_STRIDE + ASK] as number;
    const size = this.#routes.size(route);
    return {
      id: `${symbol}:${buy}:${sell}`,
      symbol,
      buy,
      sell,
      ask,
      bid: this.#quotes.legs[sellCell * LEG_STRIDE + BID] as number,
      grossBps: this.#routes.gross(route) * BPS,
      netBps: (this.#routes.net[route] as number) * BPS,
      size,
      notional: size * ask,
      buyAgeMs: this.#age(buyCell),
      sellAgeMs: this.#age(sellCell),
      ...(this.#analysis?.notes(route) ?? NOTHING),
    };
  }

  /** @param wish what it is measured against; default what makes it an opportunity */
  detail(route: number, symbol: string, wish?: RouteWish): RouteDetail {
    const buyCell = buyCellOf(route);
    const sellCell = sellCellOf(route);
    const buyFee = this.#quotes.facts[buyCell * FACT_STRIDE + FEE] as number;
    const sellFee = this.#quotes.facts[sellCell * FACT_STRIDE + FEE] as number;
    const row = this.route(route, symbol);
    const [buyFault, sellFault] = [this.#fault(buyCell, row.buy), this.#fault(sellCell, row.sell)];
    const reason = [buyFault, sellFault].filter((text) => text !== '');
    const valid = reason.length === 0;
    const legs = { buy: this.quote(buyCell), sell: this.quote(sellCell) };
    const findings = this.#analysis?.findings(route) ?? null;
    const minNetBps = wish === undefined ? findings?.thresholds.openBps : wish.minNetBps;
    return {
      ...(valid ? row : withoutFigures(row, legs.buy, legs.sell)),
      valid,
      reason: reason.join('; '),
      fees: { buyBps: buyFee * BPS, sellBps: sellFee * BPS },
      legs,
      waterfall: waterfall({
        ...{ symbol, buy: row.buy, sell: row.sell, bid: row.bid, ask: row.ask, buyFee, sellFee },
        ...{ gross: row.grossBps / BPS, net: row.netBps / BPS, size: row.size, notional: row.notional },
        ...{ buyAgeMs: legs.buy.ageMs, sellAgeMs: legs.sell.ageMs, maxAgeMs: this.#quotes.maxAgeMs },
        ...{ buyFault, sellFault, identity: row.identity },
        ...{ minNotional: wish?.minNotional ?? 0, trustedOnly: wish?.identity !== 'all' },
        minNet: minNetBps === undefined ? -Infinity : minNetBps / BPS,
      }),
      findings,
    };
  }

  #isValid(cell: number): boolean {
    return (
      (this.#quotes.legs[cell * LEG_STRIDE + VALID_UNTIL] as number) >= (this.#quotes.clock[0] as number)
    );
  }

  /** Milliseconds since the quote came; a clock that was set back gives 0, not less. */
  #age(cell: number): number {
    return Math.max(
      0,
      ((this.#quotes.clock[0] as number) - (this.#quotes.legs[cell * LEG_STRIDE + RECEIVE_TIME] as number)) /
        1000,
    );
  }

  /** Why a leg is not valid, for people; empty if it is. */
  #fault(cell: number, venue: VenueId): string {
    if (this.#isValid(cell)) return '';
    const at = cell * LEG_STRIDE;
    if (Number.isNaN(this.#quotes.legs[at + RECEIVE_TIME] as number)) {
      return `no quote from ${venue} on its present connection`;
    }
    const bid = this.#quotes.legs[at + BID] as number;
    const ask = this.#quotes.legs[at + ASK] as number;
    if (!(bid > 0 && (this.#quotes.legs[at + BID_SIZE] as number) > 0)) return `nobody bids on ${venue}`;
    if (!(ask > 0 && (this.#quotes.legs[at + ASK_SIZE] as number) > 0)) return `nobody offers on ${venue}`;
    if (bid > ask) return `the book of ${venue} is crossed`;
    return `the quote of ${venue} is ${Math.round(this.#age(cell) / 1000)} s old`;
  }
}

function withoutFigures(
  row: RouteView,
  buy: QuoteView,
  sell: QuoteView,
): Omit<RouteView, Figure> & { readonly [F in Figure]: number | null } {
  const { id, symbol, bandLowBps, bandHighBps, opportunitiesPerHour, verdict, identity } = row;
  return {
    id,
    symbol,
    buy: row.buy,
    sell: row.sell,
    ask: null,
    bid: null,
    grossBps: null,
    netBps: null,
    size: null,
    notional: null,
    buyAgeMs: buy.ageMs,
    sellAgeMs: sell.ageMs,
    ...{ bandLowBps, bandHighBps, opportunitiesPerHour, verdict, identity },
  };
}

function orNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
