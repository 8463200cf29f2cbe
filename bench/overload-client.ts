/** A process of stream clients; the harness starts it with `fork` and talks to it by messages (`overload-protocol.ts`). */
import type { QuoteRow, RouteReply } from '../src/wire/api.ts';
import { DelayHistogram } from './delay-histogram.ts';
import type { ClientOrder, ClientReply, SecondOfDelay, Subscribe } from './overload-protocol.ts';
import { quantile } from './slope.ts';
import { StreamSocket } from './stream-socket.ts';

const MOST_SECONDS = 7_200;
/** How all our messages begin; another order of keys costs a parse. */
const HEAD = /^\{"topic":"([^"]+)","seq":(\d+),"type":"(snapshot|update)"/;
const HEAD_BYTES = 160;
const LOOP_EVERY_MS = 20;

interface View {
  readonly client: number;
  readonly symbol: string;
  quotes: readonly QuoteRow[];
}

const phases = new Map<string, { exchange: DelayHistogram; delivery: DelayHistogram }>();
const seconds: SecondOfDelay[] = [];
const views = new Map<string, View>();
const closes: { client: number; code: number }[] = [];
const counts = { messages: 0, bytes: 0, silentGaps: 0, resyncs: 0, ownLoopMaxMs: 0 };
let current: { exchange: DelayHistogram; delivery: DelayHistogram } | undefined;
let ofSecond: number[] = [];

/** One client: its connection, and where each of its topics is. */
class StreamClient {
  readonly #number: number;
  readonly #topics: readonly Subscribe[];
  readonly #seq = new Map<string, number>();
  readonly #newest = new Map<string, number>();
  readonly #socket: StreamSocket;
  readonly #full: () => void;

  constructor(
    url: string,
    number: number,
    topics: readonly Subscribe[],
    rate: number | undefined,
    full: () => void,
  ) {
    this.#number = number;
    this.#topics = topics;
    this.#full = full;
    this.#socket = new StreamSocket(
      url,
      {
        opened: () => {
          for (const topic of topics) this.#socket.send({ op: 'subscribe', ...topic });
        },
        message: (payload) => this.#hear(payload),
        closed: (code) => {
          if (!this.quiet) closes.push({ client: number, code });
        },
      },
      rate,
    );
  }

  /** Its end is ours and not worth telling. */
  quiet = false;

  get port(): number {
    return this.#socket.localPort;
  }

  cut(): void {
    this.quiet = true;
    this.#socket.cut();
  }

  #hear(payload: Buffer): void {
    const now = (performance.timeOrigin + performance.now()) * 1000;
    counts.messages += 1;
    counts.bytes += payload.length;
    const head = HEAD.exec(payload.toString('latin1', 0, HEAD_BYTES));
    if (head === null) throw new Error(`not a message of the stream: ${payload.toString('utf8', 0, 200)}`);
    const [, topic = '', seq = '', type = ''] = head;
    this.#follow(topic, Number(seq), type === 'snapshot');
    if (topic.startsWith('quotes/') || topic.startsWith('route/')) this.#read(topic, payload, now);
  }

  #follow(topic: string, seq: number, snapshot: boolean): void {
    const before = this.#seq.get(topic);
    this.#seq.set(topic, seq);
    if (before === undefined) {
      if (!snapshot) counts.silentGaps += 1;
      if (this.#seq.size === this.#topics.length) this.#full();
    } else if (snapshot) counts.resyncs += 1;
    else if (seq !== before + 1) counts.silentGaps += 1;
  }

  #read(topic: string, payload: Buffer, now: number): void {
    const message = JSON.parse(payload.toString()) as {
      readonly time: number;
      readonly symbol?: string;
      readonly quotes?: readonly QuoteRow[];
      readonly route?: RouteReply;
    };
    const { symbol, quotes, route } = message;
    const legs = quotes ?? (route === undefined ? [] : [route.legs.buy, route.legs.sell]);
    if (symbol !== undefined && quotes !== undefined) {
      const key = `${this.#number} ${symbol}`;
      const view = views.get(key);
      if (view === undefined) views.set(key, { client: this.#number, symbol, quotes });
      else view.quotes = quotes;
    }
    this.#measure(topic, legs, message.time, now);
  }

  /** A message that brings no newer quote says nothing about delay: the market was quiet. */
  #measure(topic: string, legs: readonly QuoteRow[], read: number, now: number): void {
    let newest = this.#newest.get(topic) ?? 0;
    let isNew = false;
    for (const { venueTime } of legs) {
      if (venueTime === null || venueTime <= newest) continue;
      newest = venueTime;
      isNew = true;
    }
    if (!isNew) return;
    this.#newest.set(topic, newest);
    ofSecond.push(now - newest);
    current?.exchange.add(now - newest);
    current?.delivery.add(now - read);
  }
}

let clients: StreamClient[] = [];
let opening: Extract<ClientOrder, { is: 'open' }> | undefined;

function tell(reply: ClientReply): void {
  process.send?.(reply);
}

function open(order: Extract<ClientOrder, { is: 'open' }>): void {
  const from = performance.now();
  opening = order;
  let left = order.clients.length;
  const full = (): void => {
    left -= 1;
    if (left === 0) tell({ is: 'full', ms: performance.now() - from });
  };
  clients = order.clients.map(
    (topics, i) => new StreamClient(order.url, i, topics, order.bytesPerSecond, full),
  );
}

function obey(order: ClientOrder): void {
  if (order.is === 'open') open(order);
  else if (order.is === 'storm') {
    for (const client of clients) client.cut();
    if (opening !== undefined) open(opening);
  } else if (order.is === 'phase') enter(order.name);
  else report();
}

function enter(name: string): void {
  current = undefined;
  if (name === '') return;
  current = phases.get(name) ?? { exchange: new DelayHistogram(), delivery: new DelayHistogram() };
  phases.set(name, current);
}

function report(): void {
  tell({
    is: 'report',
    phases: [...phases].map(([name, { exchange, delivery }]) => ({
      name,
      exchange: exchange.counts(),
      delivery: delivery.counts(),
    })),
    seconds,
    views: [...views.values()],
    closes,
    ...counts,
    ports: clients.map((client) => client.port),
  });
}

setInterval(() => {
  const sorted = ofSecond.map((micros) => micros / 1000).sort((a, b) => a - b);
  ofSecond = [];
  if (sorted.length === 0 || seconds.length >= MOST_SECONDS) return;
  seconds.push({ time: Date.now(), p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) });
}, 1000);

let lookedAt = performance.now();
setInterval(() => {
  const now = performance.now();
  if (current !== undefined)
    counts.ownLoopMaxMs = Math.max(counts.ownLoopMaxMs, now - lookedAt - LOOP_EVERY_MS);
  lookedAt = now;
}, LOOP_EVERY_MS);

process.on('message', (order) => obey(order as ClientOrder));
process.on('disconnect', () => process.exit(0));
