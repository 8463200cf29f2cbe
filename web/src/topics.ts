import type { ClientMessage, RoutesParams, ServerMessage } from '../../src/wire/stream.ts';

export type TopicMessage = Exclude<ServerMessage, { readonly type: 'error' }>;

export interface TopicListener {
  /** `asked`: the parameters that the server was asked with. */
  data(message: TopicMessage, asked: RoutesParams | undefined): void;
  error?(code: string, message: string): void;
}

interface Entry {
  readonly topic: string;
  heavy: boolean;
  params: RoutesParams | undefined;
  readonly listeners: Set<TopicListener>;
  /** The parameters the server was last asked with, as text; null = not subscribed there. */
  sent: string | null;
  asked: RoutesParams | undefined;
  /** The server refused it; it is asked again when `retryRefused` says so or the parameters change. */
  refused: boolean;
  /** Asked anew: what still comes for the old parameters is passed over until the snapshot. */
  awaiting: boolean;
}

/** What the page wants to hear against what the server was asked for. As many entries as the page shows topics: a handful. */
export class Topics {
  /** While true, heavy topics are not wanted. */
  paused = false;
  readonly #entries = new Map<string, Entry>();

  add(topic: string, listener: TopicListener, heavy: boolean, params: RoutesParams | undefined): void {
    let entry = this.#entries.get(topic);
    if (entry === undefined) {
      const none = { sent: null, asked: undefined, refused: false, awaiting: false };
      entry = { topic, heavy, params, listeners: new Set(), ...none };
      this.#entries.set(topic, entry);
    }
    entry.heavy = heavy;
    entry.params = params;
    entry.listeners.add(listener);
  }

  remove(topic: string, listener: TopicListener): void {
    this.#entries.get(topic)?.listeners.delete(listener);
  }

  setParams(topic: string, params: RoutesParams): void {
    const entry = this.#entries.get(topic);
    if (entry === undefined) return;
    entry.params = params;
    entry.refused = false;
  }

  /** A new connection knows nothing of what an old one was asked. */
  forgetSent(): void {
    for (const entry of this.#entries.values()) {
      entry.sent = null;
      entry.refused = false;
    }
  }

  /** Wants again what was refused: a symbol nobody lists yet may be listed soon. Answers whether there is any. */
  retryRefused(): boolean {
    let any = false;
    for (const entry of this.#entries.values()) {
      any ||= entry.refused;
      entry.refused = false;
    }
    return any;
  }

  /** The commands that turn what the server was asked for into what is wanted now; they count as sent. */
  commands(): ClientMessage[] {
    const commands: ClientMessage[] = [];
    for (const entry of this.#entries.values()) {
      const wanted = entry.listeners.size > 0 && !(this.paused && entry.heavy);
      const key = JSON.stringify(entry.params ?? {});
      if (entry.sent !== null && !wanted) {
        commands.push({ op: 'unsubscribe', topic: entry.topic });
        entry.sent = null;
      }
      if (wanted && entry.sent !== key && !entry.refused) {
        commands.push(subscribe(entry));
        entry.sent = key;
        entry.asked = entry.params;
        entry.awaiting = true;
      }
      if (entry.listeners.size === 0) this.#entries.delete(entry.topic);
    }
    return commands;
  }

  deliver(message: ServerMessage): void {
    const entry = this.#entries.get(message.topic ?? '');
    if (entry === undefined) return;
    if (message.type === 'error') {
      entry.sent = null;
      entry.refused = true;
      for (const listener of entry.listeners) listener.error?.(message.code, message.message);
      return;
    }
    if (message.type === 'snapshot') entry.awaiting = false;
    if (entry.awaiting) return;
    for (const listener of entry.listeners) listener.data(message, entry.asked);
  }
}

function subscribe(entry: Entry): ClientMessage {
  if (entry.params === undefined) return { op: 'subscribe', topic: entry.topic };
  return { op: 'subscribe', topic: entry.topic, params: entry.params };
}
