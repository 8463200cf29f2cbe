import type { VenueId } from '../core/venue-ids.ts';
import type { Endpoints } from '../venues/venue.ts';
import { type ConfigFlag, type ConfigValue, fileValues, flagValues } from './config-check.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { ConfigError, type ConfigProblem } from './config-problem.ts';
import { bytesOf, checkRules } from './config-rules.ts';
import type { Config } from './config-schema.ts';
import { CONFIG_ENTRIES } from './config-tree.ts';
import { readTokenFile } from './token-file.ts';

export type { ConfigFlag } from './config-check.ts';
export { ConfigError } from './config-problem.ts';
export type { Config, VenueConfig } from './config-schema.ts';

/** A checked configuration with the source of each entry: `default`, `spreadscope.yaml:3` or `--port`. */
export interface LoadedConfig {
  readonly config: Config;
  readonly sources: ReadonlyMap<string, string>;
  /** The file that was read, as it was named; undefined = none. */
  readonly file: string | undefined;
}

export interface LoadOptions {
  /** A file to read instead of `spreadscope.yaml`. */
  readonly file?: string | undefined;
  /** Where `spreadscope.yaml` is looked for. */
  readonly folder: string;
  readonly flags: readonly ConfigFlag[];
  /** `SPREADSCOPE_TOKEN` of it is the token, unless a flag says another. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const TOKEN_VARIABLE = 'SPREADSCOPE_TOKEN';

/**
 * Defaults, then the file, then the environment, then flags; checked as a whole.
 * @throws FILE_UNREADABLE, or a `ConfigError` with everything that is wrong
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const token = options.env?.[TOKEN_VARIABLE];
  const fromEnv = token === undefined ? [] : [{ path: 'server.token', flag: TOKEN_VARIABLE, text: token }];
  return buildConfig(readConfigFile(options.file, options.folder), [...fromEnv, ...options.flags]);
}

/** @throws a `ConfigError` with everything that is wrong */
export function buildConfig(file: ConfigFile | undefined, flags: readonly ConfigFlag[]): LoadedConfig {
  const problems: ConfigProblem[] = [];
  const values = file === undefined ? [] : fileValues(file, problems);
  values.push(...flagValues(flags, problems));
  const sources = new Map(CONFIG_ENTRIES.map((entry) => [entry.path, 'default']));
  for (const value of values) sources.set(value.entry.path, value.source);
  const config = assemble(values);
  problems.push(...checkRules(config, (path) => sources.get(path) ?? ''));
  if (problems.length > 0) throw new ConfigError(problems, file?.name);
  return { config, sources, file: file?.name };
}

/** The defaults alone, for tests and benchmarks; `flags` as on the command line. */
export function defaultConfig(flags: readonly ConfigFlag[] = []): Config {
  return buildConfig(undefined, flags).config;
}

/** Lays the values over the defaults as one frozen tree. Each value has passed its entry's schema, so the tree has the schema's type. */
function assemble(values: readonly ConfigValue[]): Config {
  const root: Record<string, unknown> = {};
  for (const entry of CONFIG_ENTRIES) put(root, entry.path.split('.'), structuredClone(entry.fallback));
  for (const { entry, value } of values) put(root, entry.path.split('.'), value);
  return freeze(root) as Config;
}

function put(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const child = (tree[key] ?? {}) as Record<string, unknown>;
  tree[key] = child;
  put(child, rest, value);
}

function freeze<T extends object>(tree: T): T {
  for (const child of Object.values(tree)) if (typeof child === 'object' && child !== null) freeze(child);
  return Object.freeze(tree);
}

/**
 * The token that clients must send; undefined = none is asked for.
 * @throws FILE_UNREADABLE, CONFIG_INVALID when the file does not hold one
 */
export function tokenOf(config: Config): string | undefined {
  const { token, tokenFile } = config.server;
  return tokenFile === null ? (token ?? undefined) : readTokenFile(tokenFile);
}

/** `memory.budget` in bytes. */
export function budgetBytes(config: Config): number {
  return bytesOf(config.memory.budget);
}

/** `lake.buffer` in bytes. */
export function lakeBufferBytes(config: Config): number {
  return bytesOf(config.lake.buffer);
}

/** `window.bytes` in bytes. */
export function windowBytes(config: Config): number {
  return bytesOf(config.window.bytes);
}

/** `lake.maxBytes` in bytes; null = no limit. */
export function lakeLimitBytes(config: Config): number | null {
  return config.lake.maxBytes === null ? null : bytesOf(config.lake.maxBytes);
}

/**
 * Where a venue is reached: `via` before the venue's own `rest` and `ws` entries (a demo must never touch production), before production.
 * @param venue the venue's id and production endpoints
 */
export function endpointsOf(
  config: Config,
  venue: { readonly id: VenueId; readonly endpoints: Endpoints },
): Endpoints {
  if (config.via !== null) {
    const base = `${withoutSlash(config.via)}/${venue.id}`;
    return { rest: base, ws: base.replace(/^http/, 'ws') };
  }
  const { rest, ws } = config.venues[venue.id];
  return {
    rest: rest === null ? venue.endpoints.rest : withoutSlash(rest),
    ws: ws === null ? venue.endpoints.ws : withoutSlash(ws),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Which of a venue's markets are watched: the venue's own entries over the top-level ones. */
export interface VenueFilter {
  readonly quotes: readonly string[];
  /** USD in 24 h; 0 = no lower limit. */
  readonly minUsdVolume: number;
  readonly maxUsdVolume: number | null;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** The most markets, by volume. */
  readonly limit: number;
}

export function filterOf(config: Config, id: VenueId): VenueFilter {
  const venue = config.venues[id];
  return {
    quotes: venue.quotes ?? config.quotes,
    minUsdVolume: venue.minUsdVolume ?? config.minUsdVolume,
    maxUsdVolume: venue.maxUsdVolume ?? config.maxUsdVolume,
    include: venue.include ?? config.include,
    exclude: venue.exclude ?? config.exclude,
    limit: config.symbolsPerVenue,
  };
}
