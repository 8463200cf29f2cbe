import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { BoundReading } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { CLOSE_CODES, type ServerMessage } from '../wire/stream.ts';
import { Client } from './client.ts';
import { readCommand, type TopicCommand } from './commands.ts';
import { FanOut } from './fan-out.ts';
import { textFrame } from './frame.ts';
import { hubBounds } from './hub-bounds.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewaySources } from './sources.ts';
import { StreamPool } from './stream-pool.ts';
import type { TokenGate } from './token.ts';
import { openTopic, type TopicReader } from './topics.ts';

export interface HubOptions {
  readonly sources: GatewaySources;
  /** µs since the epoch. */
  readonly clock: () => number;
  readonly limits: GatewayLimits;
  readonly token: TokenGate;
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
  readonly #streams: StreamPool;
  readonly #counts = {
    ...{ refusedClients: 0, conflated: 0, cutOff: 0 },
    // The most that were there at once.
    ...{ clients: 0, underWay: 0, topics: 0 },
  };
  readonly #fanOut: FanOut;
  readonly #closed = new Map<keyof typeof CLOSE_CODES, number>();
  #shut = false;
  #checker: NodeJS.Timeout | undefined;
  #checkedMs = 0;
  #stopping = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#limits = options.limits;
    const { clock, limits, log } = options;
    this.#streams = new StreamPool(limits);
    this.#fanOut = new FanOut({ streams: this.#streams.all, clients: this.#clients, clock, limits, log });
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Whether one more connection is not worth a handshake: so many are being turned away already, or memory is short. */
  get isCrowded(): boolean {
    return this.#shut || this.#connections.size >= this.#limits.clients + TURNED_AWAY;
  }

  /** Takes a connection over after its handshake; `socket` is the one beneath `ws`. @param trusted whether it has said the token already */
  admit(ws: WebSocket, socket: Duplex, trusted: boolean): void {
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
    this.#listen(client, ws);
    if (trusted) client.trusted = true;
    else this.#awaitToken(client, ws);
    if (this.#checker !== undefined) return;
    this.#checkedMs = performance.now();
    this.#checker = setInterval(() => this.#check(), this.#checkMs);
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
    return hubBounds(this.#limits, this.#clients, this.#streams.use, this.#counts);
  }

  /** How many clients were closed, by reason. */
  closed(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#closed);
  }

  /** What is left when memory is short: every second message of a topic, and new clients. */
  press({ halved, shut }: { readonly halved: boolean; readonly shut: boolean }): void {
    this.#fanOut.halved = halved;
    this.#shut = shut;
  }

  get #checkMs(): number {
    const { slowMs, busyPingMs, pongMs } = this.#limits;
    return Math.max(10, Math.min(500, slowMs / 4, busyPingMs / 2, pongMs / 4));
  }

  #refusal(): 'shutdown' | 'tooManyClients' | undefined {
    if (this.#stopping) return 'shutdown';
    if (this.#clients.size < this.#limits.clients) return undefined;
    this.#counts.refusedClients++;
    return 'tooManyClients';
  }

  #listen(client: Client, ws: WebSocket): void {
    ws.on('message', (data, isBinary) => this.#hear(client, data, isBinary));
    ws.on('pong', (payload) => {
      if (!client.pong(payload, performance.now())) this.#count(client);
    });
    ws.on('ping', (payload) => {
      if (this.#count(client)) client.answerPing(payload);
    });
  }

  /** The connection of a client that has not said the token is not kept. */
  #awaitToken(client: Client, ws: WebSocket): void {
    const timer = setTimeout(() => {
      if (!client.trusted) this.#dismiss(client, 'tokenTimeout');
    }, this.#limits.tokenMs);
    ws.once('close', () => clearTimeout(timer));
  }

  /** Counts whatever a client sends; one that sends too much is closed, and the answer is false. */
  #count(client: Client): boolean {
    if (!client.isOpen) return false;
    if (client.mayCommand(performance.now())) return true;
    this.#dismiss(client, 'tooManyCommands');
    return false;
  }

  #hear(client: Client, data: RawData, isBinary: boolean): void {
    if (!this.#count(client)) return;
    const command = isBinary ? undefined : readCommand(data.toString());
    if (command === undefined) this.#dismiss(client, 'badRequest');
    else if (command.op === 'connect') this.#connect(client, command.token);
    else if (!client.trusted) this.#dismiss(client, 'unauthorized');
    else if (command.op === 'unsubscribe') this.#unsubscribe(client, command.topic);
    else this.#subscribe(client, command);
  }

  #connect(client: Client, token: string): void {
    if (client.trusted) return;
    if (this.#options.token.knows(token)) client.trusted = true;
    else this.#dismiss(client, 'unauthorized');
  }

  #subscribe(client: Client, command: TopicCommand): void {
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
    const before = client.topics.get(reader.topic);
    // What the client has is left only when it gets what it asks for instead.
    const stream = this.#streams.change(before?.stream, reader);
    if (before !== undefined) client.forget(before);
    client.topics.set(reader.topic, { stream, fresh: false, seq: Number.NaN, needs: 1 });
    this.#fanOut.start();
  }

  #unsubscribe(client: Client, topic: string): void {
    const subscription = client.topics.get(topic);
    if (subscription === undefined) return;
    client.topics.delete(topic);
    client.forget(subscription);
    this.#streams.leave(subscription.stream);
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
    client.say(textFrame(JSON.stringify(message)));
  }

  #check(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#checkedMs - this.#checkMs;
    this.#checkedMs = nowMs;
    // When this thread stood still the pongs wait to be read, which is not the clients' fault: it happens before the next look.
    if (lateMs >= this.#limits.slowMs / 4) return;
    for (const client of this.#clients) {
      const ended = client.check(nowMs);
      if (ended === undefined) continue;
      this.#counts.cutOff++;
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
    this.#checker = undefined;
    this.#fanOut.stop();
  }
}
