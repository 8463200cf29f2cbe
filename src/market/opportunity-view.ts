import {
  CLOSE_REASONS,
  type Opportunity,
  type OpportunityColumns,
  survivalColumns,
} from '../core/opportunity.ts';
import type { VenueId } from '../core/venue-ids.ts';

const BPS = 10_000;
const US_PER_MS = 1000;

/** Who an instrument is. */
export type InstrumentName = (
  instrument: number,
) => { readonly symbol: string; readonly venue: VenueId } | undefined;

/**
 * A row of the columns in the units of every interface; undefined when an instrument is not known.
 * @param now µs of an open one's last tick; undefined = it is closed
 */
export function viewOpportunity(
  columns: OpportunityColumns,
  row: number,
  nameOf: InstrumentName,
  open?: { readonly now: number; readonly meanNet: number; readonly timeMeanNet: number },
): Opportunity | undefined {
  const buy = nameOf(columns.buy[row] as number);
  const sell = nameOf(columns.sell[row] as number);
  if (buy === undefined || sell === undefined) return undefined;
  const start = columns.start[row] as number;
  const end = open === undefined ? (columns.end[row] as number) : open.now;
  const mean = open?.meanNet ?? (columns.meanNet[row] as number);
  const timeMean = open?.timeMeanNet ?? (columns.timeMeanNet[row] as number);
  return {
    symbol: buy.symbol,
    buy: buy.venue,
    sell: sell.venue,
    start,
    end: open === undefined ? end : null,
    durationMs: (end - start) / US_PER_MS,
    openBps: (columns.openNet[row] as number) * BPS,
    startNetBps: (columns.startNet[row] as number) * BPS,
    peakNetBps: (columns.peakNet[row] as number) * BPS,
    peakTime: columns.peakTime[row] as number,
    meanNetBps: mean * BPS,
    timeMeanNetBps: timeMean * BPS,
    ticks: columns.ticks[row] as number,
    size: columns.size[row] as number,
    notional: columns.notional[row] as number,
    peakSize: columns.peakSize[row] as number,
    peakNotional: columns.peakNotional[row] as number,
    buyAgeMs: (columns.buyAge[row] as number) / US_PER_MS,
    sellAgeMs: (columns.sellAge[row] as number) / US_PER_MS,
    buyVenueTime: orNull(columns.buyVenueTime[row]),
    sellVenueTime: orNull(columns.sellVenueTime[row]),
    closedBy: open === undefined ? (CLOSE_REASONS[columns.closedBy[row] as number] ?? null) : null,
    survivalBps: survivalColumns(columns).map((column) => {
      const net = orNull(column[row]);
      return net === null ? null : net * BPS;
    }),
  };
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
