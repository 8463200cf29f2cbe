import { existsSync } from 'node:fs';
import { SpreadscopeError } from '../core/errors.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { HistoryColumns } from '../gateway/sources.ts';
import { openDuck } from '../lake/duck.ts';
import { readFees, recordedFee } from '../lake/fees.ts';
import { readHistory } from '../lake/history.ts';
import type { HistoryHead, HistoryKind, HistoryTotals } from '../lake/history-request.ts';
import { VENUES } from '../venues/index.ts';
import type { Config } from './config.ts';

export { HISTORY_KINDS } from '../lake/history-request.ts';
export type { HistoryColumns, HistoryHead, HistoryKind, HistoryTotals };

/** A route's history as a command asks for it; times are whole µs since the epoch. */
export interface RouteHistory {
  readonly lake: string;
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly kind: HistoryKind;
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly points?: number | undefined;
}

/** Who takes it: first the head, then the points, values as fractions. What is answered is waited for. */
export interface HistoryTaker {
  begin(head: HistoryHead): Promise<void> | void;
  points(points: HistoryColumns): Promise<void> | void;
}

const ENGINE_MB = 256;

/** A taker fee, a fraction: the configuration's, or what is known of the pair, or the venue's own. */
export function takerFeeOf(config: Config, venue: VenueId, known?: number): number {
  return config.venues[venue].takerFee ?? known ?? VENUES[venue].takerFee;
}

/**
 * Reads a route's history out of a lake in this thread, beside a recorder or after it.
 * @param progress how far it has come, of how far it goes: µs of the range
 * @throws NO_LAKE if the folder is not there; what `readHistory` throws
 */
export async function readRouteHistory(
  config: Config,
  wanted: RouteHistory,
  taker: HistoryTaker,
  progress?: (done: number, total: number) => void,
): Promise<HistoryTotals> {
  const { lake, ...request } = wanted;
  if (!existsSync(lake))
    throw new SpreadscopeError(
      'NO_LAKE',
      `there is no folder ${lake}; name the one that a recorder writes with --lake, or start without --no-record`,
    );
  const engine = await openDuck({ memoryMb: ENGINE_MB, threads: 1 });
  try {
    const recorded = readFees(lake);
    const feeOf = (venue: VenueId): number =>
      takerFeeOf(config, venue, recordedFee(recorded, venue, wanted.symbol, wanted.to));
    const fees = { buy: feeOf(wanted.buy), sell: feeOf(wanted.sell) };
    const maxQuoteAge = config.maxQuoteAgeMs * 1000;
    return await readHistory(lake, { ...request, fees, maxQuoteAge }, engine, taker, { progress });
  } finally {
    engine.close();
  }
}
