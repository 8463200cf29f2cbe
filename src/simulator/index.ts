import type { VenueId } from '../core/venue-ids.ts';
import { statusOf, type TrueQuote, trueQuotes } from './control.ts';
import { Exchange } from './exchange.ts';
import { type Fault, Faults, parseFault } from './faults.ts';
import { Journal } from './journal.ts';
import { MarketModel } from './market-model.ts';
import { checkOptions, type SimulatorOptions } from './options.ts';
import { PROTOCOLS } from './protocols/index.ts';
import { Pump } from './pump.ts';
import { playScenario } from './scenarios.ts';
import { SimulatorServer } from './server.ts';
import { buildUniverse, type SimInstrument } from './universe.ts';

export type { TrueQuote } from './control.ts';
export { FAULT_KINDS, type Fault, type FaultKind } from './faults.ts';
export { SCENARIOS, type ScenarioName, type SimulatorOptions } from './options.ts';

// Each run costs a write per busy connection, which at ordinary rates is most of the work.
const RUN_EVERY_MS = 10;

/** The eight venues on loopback, running. */
export interface Simulator {
  /** http://host:port; a venue's REST and WebSocket are beneath `<url>/<venue>`. */
  readonly url: string;
  readonly port: number;
  readonly published: { readonly quotes: number; readonly trades: number };
  /** Ends everything and writes the rest of the journal. Throws FILE_UNWRITABLE when the journal is not complete. */
  stop(): Promise<void>;
  /** Throws UNKNOWN_VENUE, UNKNOWN_SYMBOL or BAD_REQUEST. */
  fault(fault: Fault): void;
  /** The last published quote of each market. */
  quotes(): TrueQuote[];
  /** What `GET /_sim/status` says. */
  status(): unknown;
}

/** Starts the simulator. Throws USAGE, UNKNOWN_VENUE, FILE_UNREADABLE, FILE_UNWRITABLE, PORT_IN_USE or LISTEN_FAILED. */
export async function startSimulator(given: SimulatorOptions): Promise<Simulator> {
  const options = checkOptions(given);
  const host = options.host ?? '127.0.0.1';
  const { symbols, venues, captures, seed, rate } = options;
  const universe = buildUniverse({ symbols, venues, captures }, (venue, base, quote) =>
    PROTOCOLS[venue].nativeId(base, quote),
  );
  const { instruments } = universe;
  const protocolOf = (each: SimInstrument) => PROTOCOLS[each.venue];
  const market = new MarketModel(universe, seed);
  const journal =
    options.journal === undefined
      ? undefined
      : await Journal.create(options.journal, instruments, protocolOf);
  const pump = new Pump(instruments, market, protocolOf, { rate, seed, journal, nowMs: Date.now() });
  let port = 0;
  const settings = {
    strict: options.strict ?? true,
    lifetimeMs: options.lifetimeMs,
    wsUrl: () => `ws://${host}:${port}`,
  };
  const exchanges = new Map<VenueId, Exchange>();
  for (const venue of venues) {
    const own = instruments.filter((each) => each.venue === venue);
    exchanges.set(venue, new Exchange(venue, own, market, pump, settings));
  }
  const faults = new Faults(exchanges, pump);
  const quotes = (): TrueQuote[] => trueQuotes(exchanges.values(), pump, (venue) => PROTOCOLS[venue]);
  const status = (): unknown => statusOf(exchanges.values(), pump);
  const control = (method: string, path: string, body: unknown): unknown => {
    if (method === 'GET' && path === '/quotes') return { quotes: quotes() };
    if (method === 'GET' && path === '/status') return status();
    if (method !== 'POST' || path !== '/fault') return undefined;
    faults.apply(parseFault(body));
    return { ok: true };
  };
  const server = new SimulatorServer({ exchanges, protocols: PROTOCOLS, faults, control });
  try {
    port = await server.listen(host, options.port);
  } catch (error) {
    await server.close();
    await journal?.close();
    throw error;
  }
  const endScenario = playScenario(options.scenario, (fault) => faults.apply(fault));
  const timer = setInterval(() => pump.run(Date.now), RUN_EVERY_MS);
  return {
    url: `http://${host}:${port}`,
    port,
    get published() {
      return { quotes: pump.counters.quotes, trades: pump.counters.trades };
    },
    stop: async () => {
      clearInterval(timer);
      endScenario();
      faults.stop();
      await server.close();
      await journal?.close();
    },
    fault: (fault) => faults.apply(parseFault(fault)),
    quotes,
    status,
  };
}
