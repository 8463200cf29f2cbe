import { ALERT_SINKS, type Alert, type AlertSink, type SinkReport } from '../core/alert.ts';
import { type BoundReading, boundOf } from '../core/bounds.ts';
import type { Log } from '../core/log.ts';
import type { Market } from '../market/market.ts';
import type { OpportunityFollower } from '../market/opportunities.ts';
import type { AlertsReply, VenueRow } from '../wire/api.ts';
import { AlertRouteWatch } from './alert-route-watch.ts';
import { venueRules } from './alert-rules.ts';
import { telegramSink, webhookSink } from './alert-sinks.ts';
import { AlertVenueWatch } from './alert-venue-watch.ts';
import type { Config } from './config-schema.ts';
import { Delivery } from './delivery.ts';

const RECENT = 256;
const ALERT_BYTES = 1024;
/** What the last ones may take before the end. */
const GRACE_MS = 500;

/** The senders that the configuration sets up beside log and page. @param clock µs since the epoch */
export function sendersOf(
  { alerts }: Pick<Config, 'alerts'>,
  clock: () => number,
): ReadonlyMap<AlertSink, (alert: Alert) => Promise<void>> {
  const senders = new Map<AlertSink, (alert: Alert) => Promise<void>>();
  const { webhook, telegram } = alerts;
  const { allow } = webhook;
  if (webhook.url !== null)
    senders.set('webhook', webhookSink({ url: webhook.url, secret: webhook.secret, allow }, clock));
  if (telegram.token !== null && telegram.chat !== null) {
    const { api, token, chat } = telegram;
    senders.set('telegram', telegramSink({ api, token, chat, allow }));
  }
  return senders;
}

/** What was fulfilled on its way to people: the rules of routes and venues, the last alerts for the page, and the deliveries. */
export class Alerts {
  readonly #log: Log;
  readonly #routes: AlertRouteWatch;
  readonly #venues: AlertVenueWatch;
  readonly #names: AlertsReply['rules'];
  readonly #deliveries = new Map<AlertSink, Delivery>();
  /** The latest last. */
  readonly #recent: Alert[] = [];
  #count = 0;
  #logged = 0;
  #paged = 0;

  /**
   * @param log takes every alert: it must not leave any out
   * @param clock µs since the epoch
   */
  constructor(config: Config, log: Log, clock: () => number) {
    this.#log = log;
    const numberOf = (): number => this.#count + 1;
    const told = this.#tell.bind(this);
    this.#routes = new AlertRouteWatch(config, told, numberOf);
    this.#venues = new AlertVenueWatch(venueRules(config), told, numberOf);
    this.#names = config.alerts.rules.map(({ name, on = 'route' }) => ({ name, on }));
    if (config.alerts.rules.length === 0) return;
    for (const [sink, send] of sendersOf(config, clock))
      this.#deliveries.set(sink, new Delivery({ sink, send, log }));
  }

  get followers(): readonly OpportunityFollower[] {
    return this.#routes.followers;
  }

  /** How many were told. */
  get count(): number {
    return this.#count;
  }

  watch(market: Market): void {
    this.#routes.watch(market);
  }

  /** Called a few times a second, after the market has settled. @param now µs since the epoch */
  settle(venues: () => readonly VenueRow[], now: number): void {
    this.#routes.settle();
    if (this.#venues.watches) this.#venues.look(venues(), now);
  }

  read(): AlertsReply {
    return {
      alerts: [...this.#recent].reverse(),
      rules: this.#names,
      sinks: this.sinks(),
      counts: { told: this.#count, ...this.#routes.counts },
    };
  }

  sinks(): SinkReport[] {
    const plain = (sink: AlertSink, delivered: number): SinkReport => ({
      ...{ sink, delivered, undelivered: 0, waiting: 0, retries: 0, lastError: '' },
    });
    return ALERT_SINKS.flatMap((sink) => {
      if (sink === 'log') return [plain(sink, this.#logged)];
      if (sink === 'page') return [plain(sink, this.#paged)];
      const delivery = this.#deliveries.get(sink);
      return delivery === undefined ? [] : [delivery.report()];
    });
  }

  bounds(): BoundReading[] {
    if (this.#names.length === 0) return [];
    const facts = { name: 'alerts.recent', policy: 'drop-oldest', cleanedBy: 'newer ones' } as const;
    const evicted = Math.max(0, this.#paged - RECENT);
    return [
      ...this.#routes.bounds(),
      boundOf(
        { ...facts, capacity: RECENT, capacityBytes: RECENT * ALERT_BYTES },
        { used: this.#recent.length, evicted },
      ),
      ...[...this.#deliveries.values()].map((delivery) => delivery.bound()),
    ];
  }

  /** Delivers what it can within half a second; what is left is counted, and said. */
  async stop(): Promise<void> {
    this.#routes.leave();
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.stop(GRACE_MS)));
    for (const { sink, undelivered } of this.sinks())
      if (undelivered > 0) this.#log.warn('alerts were not delivered in this run', { sink, undelivered });
  }

  #tell(alert: Alert, sinks: ReadonlySet<AlertSink> | undefined): void {
    this.#count++;
    const goes = (sink: AlertSink): boolean => sinks?.has(sink) ?? true;
    if (goes('log')) {
      this.#logged++;
      this.#log.warn('alert', {
        rule: alert.rule,
        kind: alert.kind,
        text: alert.message,
        raised: alert.time,
      });
    }
    if (goes('page')) {
      this.#paged++;
      this.#recent.push(alert);
      if (this.#recent.length > RECENT) this.#recent.shift();
    }
    for (const [sink, delivery] of this.#deliveries) if (goes(sink)) delivery.add(alert);
  }
}
