import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { type BoundReading, boundOf } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { CLOSE_CODES, type ServerMessage } from '../wire/stream.ts';
import { Client } from './client.ts';
import { type Command, readCommand } from './commands.ts';
import { textFrame } from './frame.ts';
import { hubFacts } from './hub-facts.ts';
import { type GatewayLimits, MAX_UPDATES_PER_SECOND } from './limits.ts';
import type { GatewaySources } from './sources.ts';
import { Stream } from './stream.ts';
import { openTopic, type TopicReader } from './topics.ts';

export interface HubOptions {
  readonly sources: GatewaySources;
  /** µs since the epoch. */
  readonly clock: () => number;
  readonly limits: GatewayLimits;
  readonly log: Log;
}

const STOP_MS = 500;
/** Connections over the limit that may be on their way out, each with a close code that says why. */
const TURNED_AWAY = 32;
/** All clients and all streams. Timers run only while there is somebody to serve. */
export class Hub {
  readonly #options: HubOptions;
  readonly #limits: GatewayLimits;
  readonly #clients = new Set<Client>();
  /** Every connection that is not closed yet, the turned away and the closing too. */
  readonly #connections = new Set<WebSocket>();
  readonly #streams = new Map<string, Stream>();
  readonly #counts = {
    ...{ refusedClients: 0, refusedTopics: 0, conflated: 0, slow: 0 },
    // The most that were there at once.
    ...{ clients: 0, waiting: 0, topics: 0, streams: 0 },
  };
  readonly #closed = new Map<keyof typeof CLOSE_CODES, number>();
  #halved = false;
  #shut = false;
  #ticker: NodeJS.Timeout | undefined;
  #checker: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#limits = options.limits;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Whether one more connection is not worth a handshake: so many are being turned away already, or memory is short. */
  get isCrowded(): boolean {
    return this.#shut || this.#connections.size >= this.#limits.clients + TURNED_AWAY;
  }

  /** Takes a connection over after its handshake; `socket` is the one beneath `ws`. */
  admit(ws: WebSocket, socket: Duplex): void {
    const client = new Client(ws, socket, this.#limits, performance.now());
    this.#connections.add(ws);
    // A broken frame or a reset: ws closes the connection, and 'close' follows.
    ws.on('error', (error) => this.#options.log.info('a stream client broke off', { error: error.message }));
    ws.once('close', () => {
      this.#connections.delete(ws);
      this.#drop(client);
    });
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      client.close(refusal);
      this.#countClosed(refusal);
      return;
    }
    this.#clients.add(client);
    this.#counts.clients = Math.max(this.#counts.clients, this.#clients.size);
    ws.on('message', (data, isBinary) => this.#hear(client, data, isBinary));
    this.#checker ??= setInterval(() => this.#check(), this.#checkMs);
  }

  /** Says goodbye to all and waits for them, half a second at most. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const client of [...this.#clients]) this.#dismiss(client, 'shutdown');
    const cut = setTimeout(() => {
      for (const ws of this.#connections) ws.terminate();
    }, STOP_MS);
    const closed = [...this.#connections].map(
      (ws) => new Promise<void>((done) => ws.once('close', () => done())),
    );
    await Promise.all(closed);
    clearTimeout(cut);
  }

  bounds(): BoundReading[] {
    const counts = this.#counts;
    let topics = 0;
    let waiting = 0;
    let backed = 0;
    let conflated = counts.conflated;
    for (const client of this.#clients) {
      topics += client.topics.size;
      waiting += client.waiting;
      backed += client.waiting > 0 ? 1 : 0;
      conflated += client.conflated;
    }
    counts.waiting = Math.max(counts.waiting, backed);
    counts.topics = Math.max(counts.topics, topics);
    const facts = hubFacts(this.#limits);
    return [
      boundOf(facts.clients, {
        ...{ used: this.#clients.size, peak: counts.clients },
        refused: counts.refusedClients,
      }),
      boundOf(facts.subscriptions, { used: topics, peak: counts.topics }),
      boundOf(facts.streams, {
        ...{ used: this.#streams.size, peak: counts.streams },
        refused: counts.refusedTopics,
      }),
      boundOf(facts.outboxes, {
        ...{ used: backed, usedBytes: waiting, peak: counts.waiting },
        ...{ replaced: conflated, evicted: counts.slow },
      }),
    ];
  }

  /** How many clients were closed, by reason. */
  closed(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#closed);
  }

  /** What is left when memory is short: every second message of a topic, and new clients. */
  press({ halved, shut }: { readonly halved: boolean; readonly shut: boolean }): void {
    this.#halved = halved;
    this.#shut = shut;
  }

  get #checkMs(): number {
    const { slowMs, pingMs, pongMs } = this.#limits;
    return Math.max(10, Math.min(1000, slowMs / 4, pingMs / 4, pongMs / 4));
  }

  #refusal(): 'shutdown' | 'tooManyClients' | undefined {
    if (this.#stopping) return 'shutdown';
    if (this.#clients.size < this.#limits.clients) return undefined;
    this.#counts.refusedClients++;
    return 'tooManyClients';
  }

  #hear(client: Client, data: RawData, isBinary: boolean): void {
    if (!client.isOpen) return;
    if (!client.mayCommand(performance.now())) {
      this.#dismiss(client, 'tooManyCommands');
      return;
    }
    const command = isBinary ? undefined : readCommand(data.toString());
    if (command === undefined) this.#dismiss(client, 'badRequest');
    else if (command.op === 'unsubscribe') this.#unsubscribe(client, command.topic);
    else this.#subscribe(client, command);
  }

  #subscribe(client: Client, command: Command): void {
    if (!client.topics.has(command.topic) && client.topics.size >= this.#limits.subscriptions) {
      this.#dismiss(client, 'tooManySubscriptions');
      return;
    }
    try {
      this.#join(client, openTopic(this.#options.sources, command.topic, command.params));
    } catch (error) {
      this.#answer(client, command.topic, error);
    }
  }

  #join(client: Client, reader: TopicReader): void {
    this.#unsubscribe(client, reader.topic);
    const stream = this.#streamOf(reader);
    const subscription = { stream, fresh: false, send: (frame: Buffer) => client.send(frame) };
    stream.add(subscription);
    client.topics.set(reader.topic, subscription);
    this.#ticker ??= setTimeout(() => this.#tick(), 0);
  }

  #streamOf(reader: TopicReader): Stream {
    const known = this.#streams.get(reader.key);
    if (known !== undefined) return known;
    if (this.#streams.size >= this.#limits.streams) {
      this.#counts.refusedTopics++;
      throw new SpreadscopeError(
        'TOO_MANY_SUBSCRIPTIONS',
        `all clients together look at ${this.#limits.streams} different topics; try again when some have left`,
      );
    }
    const stream = new Stream(reader);
    this.#streams.set(reader.key, stream);
    this.#counts.streams = Math.max(this.#counts.streams, this.#streams.size);
    return stream;
  }

  #unsubscribe(client: Client, topic: string): void {
    const subscription = client.topics.get(topic);
    if (subscription === undefined) return;
    client.topics.delete(topic);
    subscription.stream.remove(subscription);
    if (subscription.stream.size === 0) this.#streams.delete(subscription.stream.key);
  }

  #answer(client: Client, topic: string, error: unknown): void {
    const known = error instanceof SpreadscopeError;
    if (!known) this.#options.log.error('a subscription failed', { error: String(error) });
    const message: ServerMessage = {
      type: 'error',
      topic: topic.slice(0, 200),
      code: known ? error.code : 'INTERNAL',
      message: known ? error.message : 'a fault in spreadscope itself; please report it',
    };
    client.send(textFrame(JSON.stringify(message)));
  }

  /** One round over all streams. A round that took long is followed by as long a pause, so that sending never takes more than half of the thread. */
  #tick(): void {
    const start = performance.now();
    const perSecond = Math.min(this.#limits.updatesPerSecond, MAX_UPDATES_PER_SECOND);
    const intervalMs = (this.#halved ? 2000 : 1000) / perSecond;
    const now = this.#options.clock();
    for (const stream of this.#streams.values()) {
      try {
        stream.tick(now, start, intervalMs / 2);
      } catch (error) {
        this.#options.log.error('a topic could not be read', { topic: stream.key, error: String(error) });
      }
    }
    const took = performance.now() - start;
    const pause = Math.max(intervalMs - took, took);
    this.#ticker = this.#streams.size > 0 ? setTimeout(() => this.#tick(), pause) : undefined;
  }

  #check(): void {
    const nowMs = performance.now();
    for (const client of this.#clients) {
      const ended = client.check(nowMs);
      if (ended === undefined) continue;
      if (ended === 'slow') this.#counts.slow++;
      this.#countClosed(ended);
      this.#options.log.info('a stream client was closed', { code: CLOSE_CODES[ended].code, reason: ended });
      this.#drop(client);
    }
  }

  #dismiss(client: Client, reason: keyof typeof CLOSE_CODES): void {
    client.close(reason);
    this.#countClosed(reason);
    this.#drop(client);
  }

  #countClosed(reason: keyof typeof CLOSE_CODES): void {
    this.#closed.set(reason, (this.#closed.get(reason) ?? 0) + 1);
  }

  /** Forgets a client that is gone or going. */
  #drop(client: Client): void {
    if (!this.#clients.delete(client)) return;
    this.#counts.conflated += client.conflated;
    for (const topic of [...client.topics.keys()]) this.#unsubscribe(client, topic);
    if (this.#clients.size > 0) return;
    clearInterval(this.#checker);
    clearTimeout(this.#ticker);
    this.#checker = undefined;
    this.#ticker = undefined;
  }
}
