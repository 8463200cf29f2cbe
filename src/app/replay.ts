import type { Alert } from '../core/alert.ts';
import type { Instrument } from '../core/instruments.ts';
import { openRecording, type Recording } from '../lake/recording.ts';
import { Market } from '../market/market.ts';
import type { OpportunityFollower } from '../market/opportunities.ts';
import type { InstrumentName } from '../market/opportunity-view.ts';
import { type StatisticsOptions, type StatisticsShape, wholeRange } from '../market/statistics.ts';
import type { WindowOptions } from '../market/window-arena.ts';
import { AlertRouteWatch } from './alert-route-watch.ts';
import { analysisOptions } from './analysis-options.ts';
import type { Config } from './config.ts';
import { takerFeeOf } from './history.ts';
import { IdentityDecisions } from './identity-decisions.ts';
import { ReplayRows } from './replay-rows.ts';
import { inScratch } from './scratch.ts';

export interface ReplayRequest {
  readonly lake: string;
  /** µs, both included. */
  readonly from: number;
  readonly to: number;
  /** Undefined = every one. */
  readonly symbols?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  /** Told of every alert of the rules about routes; undefined = there are none. */
  readonly alerted?: ((alert: Alert) => void) | undefined;
  /** How far it has come: rows done, of how many. */
  readonly progress?: ((rows: number, total: number) => void) | undefined;
}

/** A market that went through a recording. */
export interface Replayed {
  readonly market: Market;
  readonly instruments: readonly Instrument[];
  readonly nameOf: InstrumentName;
  readonly rows: number;
  /** What was recorded of the range, µs. */
  readonly first: number;
  readonly last: number;
}

/** Bytes for the bands of all routes. */
const BAND_BYTES = 64e6;

/**
 * Drives what was recorded through the market of this configuration, as fast as it goes: the same rows in the same order give the same opportunities and statistics, to the byte.
 * Statistics are of the whole range. What is open at its end is closed as `stopped`.
 * @throws NO_LAKE, FILE_UNREADABLE, BAD_REQUEST when nothing was recorded then, the signal's reason
 */
export async function replay(
  config: Config,
  request: ReplayRequest,
  followersOf: (nameOf: InstrumentName) => readonly OpportunityFollower[],
): Promise<Replayed> {
  return await inScratch('replay', async (scratch) => {
    const recording = await openRecording(request.lake, scratch, request, request.signal);
    try {
      return await run(config, recording, request, followersOf);
    } finally {
      recording.close();
    }
  });
}

async function run(
  config: Config,
  recording: Recording,
  request: ReplayRequest,
  followersOf: (nameOf: InstrumentName) => readonly OpportunityFollower[],
): Promise<Replayed> {
  const { first, last } = recording;
  const { alerted } = request;
  let told = 0;
  const tell = (alert: Alert): void => {
    told++;
    alerted?.(alert);
  };
  const alerts = alerted === undefined ? undefined : new AlertRouteWatch(config, tell, () => told + 1);
  const instruments = instrumentsOf(config, recording);
  const nameOf: InstrumentName = (instrument) => instruments[instrument];
  const pairs = pairsOf(instruments);
  const statistics = { ...config.statistics, shape: shapeFor(pairs, Math.ceil((last - first) / 1e6)) };
  const market = marketFor(config, instruments, last, statistics, [
    ...followersOf(nameOf),
    ...(alerts?.followers ?? []),
  ]);
  alerts?.watch(market);
  for (const instrument of instruments) market.list(instrument);
  const batch = new ReplayRows();
  let rows = 0;
  await recording.read(
    batch.columns,
    (count) => {
      batch.apply(market, 0, count);
      market.settle();
      alerts?.settle();
      rows += count;
      request.progress?.(rows, recording.rows);
    },
    request.signal,
  );
  market.leave(Math.min(request.to, Math.max(last, market.analysis?.latest ?? last)));
  alerts?.leave();
  return { market, instruments, nameOf, rows, first, last };
}

/** The instruments of a recording with the configured fees, or those that the venues asked for then. */
export function instrumentsOf(config: Config, recording: Recording): Instrument[] {
  return recording.instruments.map(({ venue, symbol, takerFee: recorded }, instrument) => {
    const [base = symbol, quote = ''] = symbol.split(/-(?=[^-]*$)/);
    const takerFee = takerFeeOf(config, venue, recorded);
    return { instrument, venue, symbol, nativeId: symbol, base, quote, takerFee };
  });
}

/** A market that is as large as the recording needs. @param now µs, of the decisions on identities */
export function marketFor(
  config: Config,
  instruments: readonly Instrument[],
  now: number,
  statistics: StatisticsOptions,
  followers: readonly OpportunityFollower[],
  windows?: WindowOptions,
): Market {
  const decisions = new IdentityDecisions(config.identity.file, () => now);
  return new Market({
    instrumentCapacity: Math.max(1, instruments.length),
    symbolCapacity: Math.max(1, new Set(instruments.map(({ symbol }) => symbol)).size),
    maxQuoteAgeMs: config.maxQuoteAgeMs,
    windows,
    analysis: {
      ...analysisOptions(config, followers, decisions),
      ...{ pairs: Math.max(1, pairsOf(instruments)), statistics },
    },
  });
}

function pairsOf(instruments: readonly Instrument[]): number {
  const venues = new Map<string, number>();
  for (const { symbol } of instruments) venues.set(symbol, (venues.get(symbol) ?? 0) + 1);
  return [...venues.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
}

/** Statistics of the whole range; where there are too many routes for a sample a second, bands are taken over fewer. */
function shapeFor(pairs: number, seconds: number): StatisticsShape {
  const whole = wholeRange(seconds);
  const most = Math.max(64, Math.floor(BAND_BYTES / (16 * Math.max(1, pairs))));
  if (whole.bandSamples <= most) return whole;
  const bandSeconds = Math.ceil((seconds + 1) / most);
  return { ...whole, bandSeconds, bandSamples: Math.ceil((seconds + 1) / bandSeconds) };
}
