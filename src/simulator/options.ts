import { SpreadscopeError } from '../core/errors.ts';
import { isVenueId, VENUE_IDS, type VenueId } from '../core/venue-ids.ts';

export const SCENARIOS = [
  'calm',
  'overload',
  'reconnect-storm',
  'silent-venue',
  'half-open',
  'malformed',
  'gap',
  'rename',
  'crossed',
  'collision',
] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Liquid USDT markets per venue; some others come beside them. */
  readonly symbols: number;
  /** Messages per second over all venues: nine quotes to a trade. Each topic has a least rate beside this. */
  readonly rate: number;
  readonly seed: number;
  /** A file that gets one NDJSON line per published quote and trade. */
  readonly journal?: string | undefined;
  /** A `ScenarioName`; another text is a USAGE error. */
  readonly scenario?: string | undefined;
  /** A folder with captured instrument lists to take the names from. */
  readonly captures?: string | undefined;
  /** Default all. */
  readonly venues?: readonly VenueId[] | undefined;
  /** Default true: limits that some third-party clients break are held against everyone who cannot be told to be one of them. */
  readonly strict?: boolean | undefined;
  /** Cuts each connection at this age; default never. */
  readonly lifetimeMs?: number | undefined;
}

export type CheckedOptions = SimulatorOptions & {
  readonly venues: readonly VenueId[];
  readonly scenario: ScenarioName;
};

/** The options with defaults; throws USAGE or UNKNOWN_VENUE for what is not allowed. */
export function checkOptions(options: SimulatorOptions): CheckedOptions {
  wholeNumber('port', options.port, 0, 65_535);
  wholeNumber('symbols', options.symbols, 1, 5_000);
  wholeNumber('seed', options.seed, -(2 ** 31), 2 ** 32);
  if (!(options.rate > 0 && options.rate <= 1e8))
    wrong('rate', options.rate, 'a number above 0, at most 100,000,000');
  const scenario = SCENARIOS.find((each) => each === (options.scenario ?? 'calm'));
  if (scenario === undefined) wrong('scenario', options.scenario, `one of ${SCENARIOS.join(', ')}`);
  const venues = options.venues ?? VENUE_IDS;
  for (const venue of venues) {
    if (isVenueId(venue)) continue;
    throw new SpreadscopeError(
      'UNKNOWN_VENUE',
      `no venue "${String(venue)}"; there are ${VENUE_IDS.join(', ')}`,
    );
  }
  return { ...options, scenario, venues: [...new Set(venues)] };
}

function wholeNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    wrong(name, value, `a whole number from ${least} to ${most}`);
  }
}

function wrong(name: string, value: unknown, allowed: string): never {
  throw new SpreadscopeError('USAGE', `${name} is ${String(value)}; it must be ${allowed}`);
}
