import type { BoundFacts } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { QUOTE_SCHEMA, TRADE_SCHEMA } from '../core/records.ts';
import { feedFacts } from '../feed/feed-bounds.ts';
import { DEFAULT_TUNING } from '../feed/tuning.ts';
import { addressFacts } from '../gateway/addresses.ts';
import { replyFacts } from '../gateway/history-replies.ts';
import { hubFacts } from '../gateway/hub-facts.ts';
import { DEFAULT_LIMITS } from '../gateway/limits.ts';
import { pastStreamFacts } from '../gateway/past-proxy.ts';
import { ticketFacts } from '../gateway/token.ts';
import { keeperFacts } from '../lake/keeper.ts';
import { recorderShares } from '../lake/recorder.ts';
import { ringBytes } from '../ring/ring.ts';
import { symbolTableBytes } from '../venues/shared/symbol-table.ts';
import { budgetBytes, type Config, lakeBufferBytes } from './config.ts';
import { dealVenues, enabledVenues, workerName } from './deal-venues.ts';
import { historyFacts } from './history-reader.ts';
import { instrumentFacts } from './instrument-bound.ts';
import { ENGINE_MB } from './lake-host.ts';
import { LOG_KINDS_BYTES } from './limited-log.ts';
import { memoryLineFacts } from './memory-line.ts';
import { outboxFacts } from './opportunity-outbox.ts';
import { sparklineFacts } from './sparklines.ts';
import { pastFacts } from './time-machine.ts';
import { windowHistoryFacts } from './window-history.ts';

/** Something that will be made, and the bytes it may come to take. Its name is that of its line in the ledger. */
export interface Share {
  readonly name: string;
  readonly bytes: number;
}

/**
 * What V8, Node and the libraries hold beside the declared bounds: 75 MB were measured in a run whose tables were made as small as they may be, rounded up. Pages of the program's own files (Node, DuckDB: 78 MB) are the
 * kernel's to drop when memory is short, and are not counted.
 */
const RUNTIME_BYTES = 78_000_000;
/** A thread beside the main one: the heap and what malloc keeps, measured in the same way for a recorder and a keeper at work. */
const THREAD_BYTES = 16_000_000;

/** What is allowed beside the ledger, measured: V8, libraries and threads. */
export function allowances(config: Config): Share[] {
  const runtime = { name: 'V8 and libraries', bytes: RUNTIME_BYTES };
  if (!config.lake.enabled) return [runtime];
  return [runtime, { name: 'recorder, keeper and history threads', bytes: 3 * THREAD_BYTES }];
}

/**
 * The lines that the ledger of a run with this configuration will have, with what each may take.
 * @param market what the market's tables take
 * @param consumers of every ring
 */
export function sharesOf(config: Config, market: readonly BoundFacts[], consumers: number): Share[] {
  const { clients, instruments } = config.limits;
  const hub = hubFacts({ ...DEFAULT_LIMITS, clients, outboxBytes: config.stream.outboxBytes });
  return [
    ...dealVenues(enabledVenues(config), config.feed.workers).flatMap((venues, worker) => {
      const name = workerName(worker);
      const feed = feedFacts({
        name,
        limits: venues.map(({ limits }) => limits),
        channels: config.feed.trades ? 2 : 1,
        instruments,
        instrumentsPerVenue: config.symbolsPerVenue,
        largeMessageBytes: DEFAULT_TUNING.largeMessageBytes,
        symbolTableBytes,
      });
      return [
        { name: `${name}.quotes`, bytes: ringBytes(QUOTE_SCHEMA, config.rings.quotes, consumers) },
        { name: `${name}.trades`, bytes: ringBytes(TRADE_SCHEMA, config.rings.trades, consumers) },
        ...Object.values(feed).map(shareOf),
        { name: `${name}.log-kinds`, bytes: LOG_KINDS_BYTES },
      ];
    }),
    ...market.map(shareOf),
    shareOf(instrumentFacts(instruments)),
    ...Object.values(hub).map(shareOf),
    shareOf(addressFacts(clients)),
    ...(isShut(config) ? [shareOf(ticketFacts())] : []),
    shareOf(replyFacts()),
    shareOf(memoryLineFacts()),
    shareOf(sparklineFacts()),
    { name: 'log.kinds', bytes: LOG_KINDS_BYTES },
  ];
}

/** Whether who comes must know a token. */
function isShut({ server }: Config): boolean {
  return server.token !== null || server.tokenFile !== null;
}

/** What recording takes in addition. */
export function lakeShares(config: Config): Share[] {
  const rings = Math.min(config.feed.workers, enabledVenues(config).length);
  return [
    ...recorderShares(lakeBufferBytes(config), rings, config.limits.instruments),
    shareOf(outboxFacts(config.limits.openOpportunities)),
    { name: 'lake.recorder-log-kinds', bytes: LOG_KINDS_BYTES },
    ...keeperFacts(undefined, ENGINE_MB).map(shareOf),
    { name: 'lake.keeper-log-kinds', bytes: LOG_KINDS_BYTES },
    ...historyFacts().map(shareOf),
    ...(config.past.processes === 0
      ? []
      : [shareOf(pastFacts(config.past.processes)), shareOf(pastStreamFacts())]),
  ];
}

/** What is taken instead when nothing is recorded. */
export function windowHistoryShares(): Share[] {
  return [shareOf(windowHistoryFacts())];
}

function shareOf({ name, capacityBytes }: BoundFacts): Share {
  return { name, bytes: capacityBytes };
}

/** Throws MEMORY_BUDGET, naming the largest shares, when together they do not fit. */
export function checkMemoryBudget(config: Config, shares: readonly Share[]): void {
  const budget = budgetBytes(config);
  const all = [...allowances(config), ...shares];
  const total = all.reduce((sum, share) => sum + share.bytes, 0);
  if (total <= budget) return;
  const largest = all.sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  const named = largest.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(', ');
  throw new SpreadscopeError(
    'MEMORY_BUDGET',
    `memory.budget is ${megabytes(budget)} and the declared bounds need ${megabytes(total)}; the largest: ${named}. Raise memory.budget, or lower rings, limits, window.bytes or stream.outboxBytes`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
