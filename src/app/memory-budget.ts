import { SpreadscopeError } from '../core/errors.ts';
import { QUOTE_SCHEMA, TRADE_SCHEMA } from '../core/records.ts';
import { DEFAULT_TUNING } from '../feed/tuning.ts';
import { recorderBytes } from '../lake/recorder.ts';
import { poolBytes } from '../lake/row-pool.ts';
import { columnBytes, ringBytes } from '../ring/ring.ts';
import { budgetBytes, type Config, lakeBufferBytes, windowBytes } from './config.ts';
import { HISTORY_ENGINE_MB } from './history-reader.ts';
import { ENGINE_MB } from './lake-host.ts';
import { WINDOW_HISTORY_BYTES } from './window-history.ts';

/** Something that will be made, and the bytes it may come to take. */
export interface Share {
  readonly name: string;
  readonly bytes: number;
}

/**
 * What V8, Node and the libraries take beside the declared bounds: 110 MB of RSS were measured with 8 × 1,000 instruments at 50,000 messages a second, less what was declared and in use;
 * rounded up.
 */
const RUNTIME_BYTES = 128_000_000;

/**
 * The declared bounds of a run with this configuration.
 * @param marketBytes what the market's tables take, without the windows
 * @param consumers of every ring
 */
export function sharesOf(config: Config, marketBytes: number, consumers: number): Share[] {
  const { workers } = config.feed;
  const { clients, instruments } = config.limits;
  return [
    { name: 'V8 and libraries', bytes: RUNTIME_BYTES },
    { name: 'quote rings', bytes: workers * ringBytes(QUOTE_SCHEMA, config.rings.quotes, consumers) },
    { name: 'trade rings', bytes: workers * ringBytes(TRADE_SCHEMA, config.rings.trades, consumers) },
    { name: 'quote overflow', bytes: workers * columnBytes(QUOTE_SCHEMA, instruments) },
    { name: 'large messages', bytes: workers * DEFAULT_TUNING.largeMessageBytes },
    { name: 'market tables', bytes: marketBytes },
    { name: 'rolling windows', bytes: windowBytes(config) },
    { name: 'client outboxes', bytes: clients * config.stream.outboxBytes },
  ];
}

/** A thread beside the main one: what its V8 takes, measured as RSS of a recorder and of a keeper at rest. */
const THREAD_BYTES = 14_000_000;

/** What recording takes in addition. */
export function lakeShares(config: Config): Share[] {
  return [
    { name: 'recorder and keeper threads', bytes: 2 * THREAD_BYTES },
    {
      name: 'lake journal',
      bytes: recorderBytes(lakeBufferBytes(config), config.feed.workers, config.limits.instruments),
    },
    { name: 'lake conversion pool', bytes: poolBytes() },
    { name: 'lake conversion engine', bytes: ENGINE_MB * 1024 ** 2 },
    { name: 'history reader', bytes: THREAD_BYTES + HISTORY_ENGINE_MB * 1024 ** 2 },
  ];
}

/** What is taken instead when nothing is recorded. */
export function windowHistoryShares(): Share[] {
  return [{ name: 'histories in memory', bytes: WINDOW_HISTORY_BYTES }];
}

/** Throws MEMORY_BUDGET, naming the largest shares, when together they do not fit. */
export function checkMemoryBudget(config: Config, shares: readonly Share[]): void {
  const budget = budgetBytes(config);
  const total = shares.reduce((sum, share) => sum + share.bytes, 0);
  if (total <= budget) return;
  const largest = [...shares].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  const named = largest.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(', ');
  throw new SpreadscopeError(
    'MEMORY_BUDGET',
    `memory.budget is ${megabytes(budget)} and the declared bounds need ${megabytes(total)}; the largest: ${named}. Raise memory.budget, or lower rings, limits, window.bytes or stream.outboxBytes`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
