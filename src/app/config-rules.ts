import { isIP } from 'node:net';
import { isVenueId, VENUE_IDS } from '../core/venue-ids.ts';
import { leastWindowBytes } from '../market/window-arena.ts';
import { type ConfigProblem, shown } from './config-problem.ts';
import type { Config } from './config-schema.ts';
import { readMultiplier } from './multipliers.ts';
import { readOverride } from './opportunity-thresholds.ts';

/** The rules that tie entries together, or that a plain check cannot say. `where` answers where an entry was given. */
export function checkRules(config: Config, where: (path: string) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const complain = (path: string, text: string): void => {
    problems.push({ path, where: where(path), text });
  };
  checkHost(config, complain);
  checkVenues(config, complain);
  checkVolumes(config, complain);
  for (const ring of ['quotes', 'trades'] as const) {
    const rows = config.rings[ring];
    if (!Number.isInteger(Math.log2(rows))) {
      complain(
        `rings.${ring}`,
        `given ${rows}, allowed a power of two such as ${2 ** Math.round(Math.log2(rows))}`,
      );
    }
  }
  const budget = bytesOf(config.memory.budget);
  if (budget < 128e6)
    complain('memory.budget', `given ${shown(config.memory.budget)}, allowed at least 128MB`);
  const buffer = bytesOf(config.lake.buffer);
  if (buffer < 4e6 || buffer > 128e6)
    complain('lake.buffer', `given ${shown(config.lake.buffer)}, allowed 4MB to 128MB`);
  checkWindow(config, complain);
  checkOpportunities(config, complain);
  checkAlerts(config, complain);
  checkMultipliers(config, complain);
  return problems;
}

type Complain = (path: string, text: string) => void;

/** A window is copied out as a whole when it is read. */
const MAX_WINDOW_SAMPLES = 36_000;

function checkWindow({ window, limits }: Config, complain: Complain): void {
  const samples = (window.span * 1000) / window.resolution;
  if (samples > MAX_WINDOW_SAMPLES)
    complain(
      'window.resolution',
      `given ${window.resolution}, which makes ${Math.ceil(samples)} samples in a span of ${window.span} s; allowed are ${MAX_WINDOW_SAMPLES}`,
    );
  const least = leastWindowBytes(limits.instruments);
  if (bytesOf(window.bytes) < least)
    complain(
      'window.bytes',
      `given ${shown(window.bytes)}, but ${limits.instruments} instruments need at least ${Math.ceil(least / 1e6)}MB`,
    );
}

function checkOpportunities({ opportunities }: Config, complain: Complain): void {
  const { openNetBps, closeNetBps, overrides } = opportunities;
  if (closeNetBps !== null && closeNetBps > openNetBps)
    complain('opportunities.closeNetBps', `given ${closeNetBps}, allowed at most openNetBps, ${openNetBps}`);
  for (const text of overrides) {
    const { openNetBps: open, closeNetBps: close, route } = readOverride(text);
    if (close > open)
      complain('opportunities.overrides', `given ${shown(text)}, which closes above where it opens`);
    const unknown = route?.find((venue) => !isVenueId(venue));
    if (unknown !== undefined)
      complain('opportunities.overrides', `given ${shown(text)}, but there is no venue ${unknown}`);
    if (route !== undefined && route[0] === route[1])
      complain('opportunities.overrides', `given ${shown(text)}; a route has two venues`);
  }
}

function checkHost(config: Config, complain: Complain): void {
  const { host, token, tokenFile } = config.server;
  if (token !== null && tokenFile !== null) {
    complain('server.tokenFile', 'there is a token already: give server.token or server.tokenFile, not both');
  }
  if (isLoopback(host) || token !== null || tokenFile !== null) return;
  complain(
    'server.host',
    `given ${shown(host)}, allowed without a token a loopback address (127.0.0.1, ::1, localhost); to be reached from elsewhere set SPREADSCOPE_TOKEN, server.tokenFile or server.token`,
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function checkVenues(config: Config, complain: Complain): void {
  const enabled = VENUE_IDS.filter((id) => config.venues[id].enabled).length;
  if (enabled === 0) complain('venues', 'every venue is disabled; enable at least one, better two');
  const wanted = enabled * config.symbolsPerVenue;
  if (wanted > config.limits.instruments) {
    complain(
      'limits.instruments',
      `given ${config.limits.instruments}, but ${enabled} venues × ${config.symbolsPerVenue} symbolsPerVenue need ${wanted}; raise it or lower symbolsPerVenue`,
    );
  }
}

function checkVolumes(config: Config, complain: Complain): void {
  const check = (path: string, least: number, most: number | null): void => {
    if (most !== null && most < least)
      complain(path, `minUsdVolume ${least} is over maxUsdVolume ${most}: nothing would be left`);
  };
  check('maxUsdVolume', config.minUsdVolume, config.maxUsdVolume);
  for (const id of VENUE_IDS) {
    const venue = config.venues[id];
    if (venue.minUsdVolume === null && venue.maxUsdVolume === null) continue;
    const path = venue.maxUsdVolume === null ? `venues.${id}.minUsdVolume` : `venues.${id}.maxUsdVolume`;
    check(path, venue.minUsdVolume ?? config.minUsdVolume, venue.maxUsdVolume ?? config.maxUsdVolume);
  }
}

const UNITS: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };

/** `512MB` in bytes. The text has passed the schema's pattern. */
export function bytesOf(size: string): number {
  const unit = size.replace(/^[\d. ]+/, '');
  return Math.round(Number.parseFloat(size) * (UNITS[unit] ?? Number.NaN));
}

/** Rules that could never be fulfilled, and sinks that nobody set up. */
function checkAlerts({ alerts, opportunities }: Config, complain: Complain): void {
  const names = new Set<string>();
  const { webhook, telegram } = alerts;
  if ((telegram.token === null) !== (telegram.chat === null))
    complain('alerts.telegram.chat', 'given without the other, allowed token and chat together');
  for (const {
    name,
    on = 'route',
    minNetBps,
    verdicts,
    minNotional,
    symbols,
    lagMs,
    sinks,
  } of alerts.rules) {
    const wrong = (text: string): void => complain('alerts.rules', `${name}: ${text}`);
    if (names.has(name)) wrong('another rule has this name, allowed once');
    names.add(name);
    if (on === 'route' && minNetBps !== undefined && minNetBps < opportunities.openNetBps)
      wrong(
        `minNetBps ${minNetBps} is below opportunities.openNetBps, ${opportunities.openNetBps}, and what is no opportunity raises no alert; lower openNetBps`,
      );
    const ofRoutes = [minNetBps, verdicts, minNotional, symbols].some((part) => part !== undefined);
    if (on !== 'route' && ofRoutes)
      wrong(`minNetBps, minNotional, symbols and verdicts are of routes, not of ${on}`);
    if (on !== 'venue-lagging' && lagMs !== undefined) wrong('lagMs is of venue-lagging alone');
    if (sinks?.includes('webhook') === true && webhook.url === null) wrong('alerts.webhook.url is not set');
    if (sinks?.includes('telegram') === true && telegram.token === null)
      wrong('alerts.telegram.token is not set');
  }
  for (const network of webhook.allow) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address);
    if (family === 0 || (bits !== undefined && Number(bits) > (family === 4 ? 32 : 128)))
      complain(
        'alerts.webhook.allow',
        `given ${shown(network)}, allowed an address or network such as 10.1.0.0/16`,
      );
  }
}

function checkMultipliers({ identity }: Config, complain: Complain): void {
  for (const text of identity.multipliers) {
    const { venue, units } = readMultiplier(text);
    const wrong = (what: string): void => complain('identity.multipliers', `given ${shown(text)}, ${what}`);
    if (!isVenueId(venue)) wrong(`allowed one of ${VENUE_IDS.join(', ')} before the colon`);
    if (!(units > 0)) wrong('allowed more than 0 units');
  }
}
