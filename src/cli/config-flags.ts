import { type Command, Option } from 'commander';
import type { ConfigFlag, LoadedConfig } from '../app/config.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';
import { parseVenues } from './arguments.ts';

/** The flags that set one entry of the configuration each. */
const FLAGS = [
  ['--host <address>', 'server.host', 'address to listen on (other than loopback: with a token)'],
  ['--port <number>', 'server.port', 'port of the page and the API; 0 = any free one'],
  ['--via <url>', 'via', "send every venue's REST and WebSocket to URL/<venue>"],
  ['--symbols <number>', 'symbolsPerVenue', 'the most markets per venue, by volume'],
  ['--quotes <list>', 'quotes', 'quote currencies, e.g. USDT,USDC'],
  ['--min-usd-volume <usd>', 'minUsdVolume', 'leave out markets that traded less in 24 h'],
  ['--max-usd-volume <usd>', 'maxUsdVolume', 'leave out markets that traded more in 24 h'],
  ['--include <list>', 'include', 'only these symbols or coins, e.g. BTC,ETH-USDC'],
  ['--exclude <list>', 'exclude', 'not these symbols or coins'],
  ['--transport <name>', 'feed.transport', 'who reads frames: raw or ws'],
  ['--feed-workers <number>', 'feed.workers', 'threads that read the venues'],
  ['--lake <folder>', 'lake.folder', 'the folder to record into'],
  ['--budget <size>', 'memory.budget', 'memory budget, e.g. 512MB'],
  ['--log-level <level>', 'log.level', 'info, warn or error'],
] as const;

/** Gives a command the flags of the configuration, but for those whose long names are in `without`. */
export function addConfigFlags(command: Command, without: readonly string[] = []): Command {
  command.option('--config <file>', 'read this file instead of ./spreadscope.yaml');
  command.option('--venues <list>', `only these venues: ${VENUE_IDS.join(',')}`);
  for (const [flags, , text] of FLAGS) {
    if (!without.includes(longName(flags))) command.addOption(new Option(flags, text));
  }
  command.option('--no-trades', 'subscribe to quotes only');
  command.option('--no-record', 'record nothing');
  return command.option(
    '--set <path=value>',
    'set any entry of the configuration (may be repeated)',
    collect,
  );
}

function longName(flags: string): string {
  return flags.split(' ')[0] ?? flags;
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/**
 * Loads the configuration that a command's flags ask for.
 * @param extra further entries, set after the flags
 * @throws UNKNOWN_VENUE, USAGE, FILE_UNREADABLE, CONFIG_INVALID
 */
export async function loadFromFlags(
  command: Command,
  extra: readonly ConfigFlag[] = [],
): Promise<LoadedConfig> {
  // Loaded here, because the schema library takes longer to load than the commands that do without it take to run.
  const { loadConfig } = await import('../app/config.ts');
  const options = command.opts<Record<string, unknown>>();
  const flags: ConfigFlag[] = [];
  for (const [name, path] of FLAGS) {
    const key = command.options.find((option) => option.flags === name)?.attributeName();
    const text = key === undefined ? undefined : options[key];
    if (typeof text === 'string') flags.push({ path, flag: longName(name), text });
  }
  if (options.trades === false) flags.push({ path: 'feed.trades', flag: '--no-trades', text: 'false' });
  if (options.record === false) flags.push({ path: 'lake.enabled', flag: '--no-record', text: 'false' });
  if (typeof options.venues === 'string') flags.push(...venueFlags(options.venues));
  for (const pair of (options.set ?? []) as string[]) flags.push(setFlag(pair));
  const file = typeof options.config === 'string' ? options.config : undefined;
  return loadConfig({ file, folder: process.cwd(), flags: [...flags, ...extra], env: process.env });
}

function venueFlags(list: string): ConfigFlag[] {
  const wanted = parseVenues(list);
  return VENUE_IDS.map((id) => ({
    path: `venues.${id}.enabled`,
    flag: '--venues',
    text: String(wanted.includes(id)),
  }));
}

function setFlag(pair: string): ConfigFlag {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new SpreadscopeError('USAGE', `--set takes PATH=VALUE, not ${JSON.stringify(pair)}`);
  return { path: pair.slice(0, equals), flag: '--set', text: pair.slice(equals + 1) };
}
