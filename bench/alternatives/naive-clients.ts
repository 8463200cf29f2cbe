import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RouteRow } from '../../src/wire/api.ts';
import type { RoutesParams } from '../../src/wire/stream.ts';
import type { NaiveMarket } from './naive-market.ts';

interface Topic {
  readonly topic: string;
  readonly params?: RoutesParams;
  seq: number;
}

const SORT_KEYS = { net: 'netBps', gross: 'grossBps', notional: 'notional', size: 'size' } as const;

/** Browsers: each gets JSON of its own, and a broadcast ends when the last of them has taken it. */
export class NaiveClients {
  readonly #market: NaiveMarket;
  readonly #clients = new Map<WebSocket, Map<string, Topic>>();

  constructor(server: Server, market: NaiveMarket) {
    this.#market = market;
    new WebSocketServer({ server, path: '/api/v1/stream', perMessageDeflate: false }).on(
      'connection',
      (ws) => {
        const topics = new Map<string, Topic>();
        this.#clients.set(ws, topics);
        ws.on('error', () => ws.terminate());
        ws.on('close', () => this.#clients.delete(ws));
        ws.on('message', (data: Buffer) => {
          const { topic, params } = JSON.parse(data.toString()) as { topic: string; params?: RoutesParams };
          topics.set(topic, { topic, ...(params === undefined ? {} : { params }), seq: 0 });
        });
      },
    );
  }

  /** Sends every client all of its topics and waits for each socket in turn. */
  async broadcast(now: number): Promise<void> {
    if (this.#clients.size === 0) return;
    const routes = this.#market.routes(now);
    for (const [ws, topics] of this.#clients) {
      for (const topic of topics.values()) {
        topic.seq += 1;
        const type = topic.seq === 1 ? 'snapshot' : 'update';
        const head = { topic: topic.topic, seq: topic.seq, type };
        const text = JSON.stringify({ ...head, ...this.#read(topic, routes, now), time: now });
        // A socket that is closed answers with an error, which is as good as taken.
        await new Promise<void>((resolve) => ws.send(text, () => resolve()));
      }
    }
  }

  #read({ topic, params }: Topic, routes: readonly RouteRow[], now: number): object {
    const [kind, rest = ''] = topic.split('/');
    if (kind === 'routes') return { routes: pick(routes, params), total: routes.length };
    if (kind === 'quotes') return { symbol: rest, quotes: this.#market.quotes(rest, now) };
    if (kind !== 'route') return { venues: [] };
    const [symbol = '', buy, sell] = rest.split(':');
    const quotes = this.#market.quotes(symbol, now);
    const leg = (venue: string | undefined) =>
      quotes.find((quote) => quote.venue === venue) ?? { venueTime: null };
    const route = routes.find(({ id }) => id === rest);
    return { route: { ...route, id: rest, legs: { buy: leg(buy), sell: leg(sell) } } };
  }
}

function pick(routes: readonly RouteRow[], params: RoutesParams | undefined): RouteRow[] {
  const sort = params?.sort ?? 'net';
  const known = sort === 'net' || sort === 'gross' || sort === 'notional' || sort === 'size';
  const key = known ? SORT_KEYS[sort] : 'netBps';
  const sorted = key === 'netBps' ? routes : [...routes].sort((a, b) => b[key] - a[key]);
  return sorted.slice(0, params?.limit ?? 50);
}
