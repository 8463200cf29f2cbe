import { type Signal, signal } from '@preact/signals';
import { CLOSE_CODES, type RoutesParams, type ServerMessage } from '../../src/wire/stream.ts';
import { retryDelay } from './backoff.ts';
import { askForToken, token, tokenNeeded } from './token.ts';
import { type TopicListener, Topics } from './topics.ts';

/** What the page knows about its one socket. Times are ms since the epoch. */
export interface Connection {
  readonly phase: 'connecting' | 'open' | 'lost' | 'refused';
  /** When data stopped, while it is stopped. */
  readonly lostAt: number | null;
  /** When the next try starts; null while one is under way. */
  readonly retryAt: number | null;
  /** Why it is not open, for people. */
  readonly why: string;
}

/** A connection that says nothing for this long is taken for dead: the topic `venues` alone speaks every second. */
const SILENCE_MS = 15_000;
const DIAL_TIMEOUT_MS = 10_000;
const WATCH_MS = 1_000;
/** The server takes 20 commands a second from one client; changes in between are folded into one. */
const FLUSH_GAP_MS = 150;
/** How often a refused topic is asked for again. */
const REFUSED_MS = 2_000;

/** One socket to the gateway: topics with counted listeners, reconnects with backoff, pauses heavy topics while the tab is hidden. */
export class Stream {
  readonly connection: Signal<Connection> = signal({
    phase: 'connecting',
    lostAt: null,
    retryAt: null,
    why: '',
  });
  readonly #url: string;
  readonly #topics = new Topics();
  #socket: WebSocket | null = null;
  #attempt = 0;
  #heardAt = 0;
  #flushedAt = 0;
  #flushTimer = 0;
  #retryTimer = 0;

  constructor(url: string) {
    this.#url = url;
  }

  start(): void {
    window.setInterval(() => this.#watch(), WATCH_MS);
    window.setInterval(() => {
      if (this.#topics.retryRefused()) this.#flush();
    }, REFUSED_MS);
    document.addEventListener('visibilitychange', () => this.#visibility());
    window.addEventListener('online', () => this.retryNow());
    this.#topics.paused = document.hidden;
    this.#dial();
  }

  /**
   * Listens to a topic until the answered function is called. A second listener of a topic shares the first one's subscription; `params` of the newest win.
   * A heavy topic is given up while the tab is hidden and starts again with a snapshot.
   */
  listen(topic: string, listener: TopicListener, heavy: boolean, params?: RoutesParams): () => void {
    this.#topics.add(topic, listener, heavy, params);
    this.#flush();
    return () => {
      this.#topics.remove(topic, listener);
      this.#flush();
    };
  }

  /** Other parameters for a topic that is listened to; its next message is a snapshot for them. */
  setParams(topic: string, params: RoutesParams): void {
    this.#topics.setParams(topic, params);
    this.#flush();
  }

  /** Tries at once instead of when the backoff says. */
  retryNow(): void {
    if (this.#socket !== null) return;
    window.clearTimeout(this.#retryTimer);
    this.#dial();
  }

  #dial(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#heardAt = Date.now();
    this.connection.value = { ...this.connection.value, retryAt: null };
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#heard(event.data);
    socket.onclose = (event) => this.#closed(event.code, event.reason);
  }

  #opened(): void {
    this.#attempt = 0;
    this.#heardAt = Date.now();
    this.#topics.forgetSent();
    this.connection.value = { phase: 'open', lostAt: null, retryAt: null, why: '' };
    const known = token();
    if (known !== null) this.#socket?.send(JSON.stringify({ op: 'connect', token: known }));
    this.#flush();
  }

  #heard(data: unknown): void {
    this.#heardAt = Date.now();
    const message = parseMessage(data);
    if (message === null) this.#abandon('the server sent something this page does not understand');
    else this.#topics.deliver(message);
  }

  #closed(code: number, reason: string): void {
    this.#socket = null;
    const known = Object.values(CLOSE_CODES).find((entry) => entry.code === code);
    if (known === CLOSE_CODES.unauthorized && !tokenNeeded.peek()) askForToken();
    const why = known?.meaning ?? (reason === '' ? 'the server cannot be reached' : reason);
    const comeBack = known?.reconnect ?? code < 4500;
    const lostAt = this.connection.value.lostAt ?? Date.now();
    if (!comeBack) {
      this.connection.value = { phase: 'refused', lostAt, retryAt: null, why };
      return;
    }
    const delay = retryDelay(this.#attempt++, Math.random());
    this.connection.value = { phase: 'lost', lostAt, retryAt: Date.now() + delay, why };
    this.#retryTimer = window.setTimeout(() => this.#dial(), delay);
  }

  /** Gives a socket up without waiting for its closing handshake, which a dead peer never answers. */
  #abandon(why: string): void {
    const socket = this.#socket;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    this.#closed(1006, why);
  }

  #watch(): void {
    if (this.#socket === null) return;
    const quiet = Date.now() - this.#heardAt;
    if (this.connection.value.phase === 'open') {
      if (quiet > SILENCE_MS) this.#abandon('the server went silent');
    } else if (quiet > DIAL_TIMEOUT_MS) {
      this.#abandon('the server does not answer');
    }
  }

  #visibility(): void {
    this.#topics.paused = document.hidden;
    if (!document.hidden && this.connection.value.phase === 'lost') this.retryNow();
    this.#flush();
  }

  #flush(): void {
    const wait = this.#flushedAt + FLUSH_GAP_MS - Date.now();
    if (wait <= 0) this.#send();
    else if (this.#flushTimer === 0) this.#flushTimer = window.setTimeout(() => this.#send(), wait);
  }

  #send(): void {
    window.clearTimeout(this.#flushTimer);
    this.#flushTimer = 0;
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN) return;
    this.#flushedAt = Date.now();
    for (const command of this.#topics.commands()) socket.send(JSON.stringify(command));
  }
}

/** A message of the protocol, or null for anything else. */
function parseMessage(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return isServerMessage(value) ? value : null;
  } catch {
    // Not JSON: the caller gives the connection up and says so.
    return null;
  }
}

function isServerMessage(value: unknown): value is ServerMessage {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('topic' in value)) return false;
  return value.type === 'error' || value.type === 'snapshot' || value.type === 'update';
}
