import type { VenueId } from '../core/venue-ids.ts';
import type { Connection, Subscription } from './connection.ts';
import type { Encoder } from './encoder.ts';
import type { MarketModel } from './market-model.ts';
import type { SimInstrument } from './universe.ts';

/** Where a venue's market data goes: kept by the pump. */
export interface Audience {
  add(subscription: Subscription): void;
  remove(subscription: Subscription): void;
}

export interface ExchangeSettings {
  /** Whether limits that some third-party clients break are held against them too. */
  readonly strict: boolean;
  readonly lifetimeMs: number | undefined;
  /** ws://host:port of the simulator, known once it listens. */
  readonly wsUrl: () => string;
}

/** One simulated venue: its instruments, its connections and what they are subscribed to. */
export class Exchange {
  readonly venue: VenueId;
  readonly market: MarketModel;
  readonly settings: ExchangeSettings;
  readonly connections = new Set<Connection>();
  /** KuCoin's tokens that were given out and not used yet, with when. */
  readonly tokens = new Map<string, number>();
  /** Limits that clients broke, by name. */
  readonly violations = new Map<string, number>();
  #instruments: SimInstrument[];
  readonly #byNativeId = new Map<string, SimInstrument>();
  readonly #audience: Audience;

  constructor(
    venue: VenueId,
    instruments: SimInstrument[],
    market: MarketModel,
    audience: Audience,
    settings: ExchangeSettings,
  ) {
    this.venue = venue;
    this.market = market;
    this.settings = settings;
    this.#audience = audience;
    this.#instruments = instruments;
    for (const each of instruments) this.#byNativeId.set(each.nativeId, each);
  }

  /** The instruments that are in the list now. */
  listed(): SimInstrument[] {
    return this.#instruments.filter((each) => each.listed);
  }

  all(): readonly SimInstrument[] {
    return this.#instruments;
  }

  /** A listed instrument that trades or is halted; undefined when there is none of that id. */
  find(nativeId: string): SimInstrument | undefined {
    const found = this.#byNativeId.get(nativeId);
    return found?.listed === true ? found : undefined;
  }

  /** Adds the topic unless the connection has it already; false in that case. */
  subscribe(
    connection: Connection,
    topic: string,
    instrument: SimInstrument,
    kind: 'quote' | 'trade',
    encoder: Encoder,
  ): boolean {
    if (connection.topics.has(topic)) return false;
    const subscription: Subscription = { outbox: connection.outbox, slot: instrument.slot, kind, encoder };
    connection.topics.set(topic, subscription);
    connection.topicBytes += topic.length;
    // A halted market is accepted and stays silent, as on the real venues.
    if (!instrument.halted) this.#audience.add(subscription);
    return true;
  }

  unsubscribe(connection: Connection, topic: string): boolean {
    const subscription = connection.topics.get(topic);
    if (subscription === undefined) return false;
    connection.topics.delete(topic);
    connection.topicBytes -= topic.length;
    this.#audience.remove(subscription);
    return true;
  }

  /** Takes the instrument from the lists and silences it. */
  delist(instrument: SimInstrument): void {
    instrument.listed = false;
    for (const connection of this.connections) {
      for (const [topic, each] of connection.topics) {
        if (each.slot === instrument.slot) this.unsubscribe(connection, topic);
      }
    }
  }

  left(connection: Connection): void {
    this.connections.delete(connection);
    for (const each of connection.topics.values()) this.#audience.remove(each);
    connection.topics.clear();
  }

  violated(limit: string): void {
    this.violations.set(limit, (this.violations.get(limit) ?? 0) + 1);
  }
}
