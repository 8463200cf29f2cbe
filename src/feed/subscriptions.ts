import type { Instrument } from '../core/instruments.ts';
import type { Channel, ControlEvent, SubscribeMessage, Topic, Venue } from '../venues/venue.ts';

export type SubscriptionState = 'unsent' | 'pending' | 'accepted' | 'refused';

interface Subscription {
  readonly instrument: Instrument;
  readonly channel: Channel;
  state: SubscriptionState;
  reason: string;
  request: Request | undefined;
  /** Times it was asked for since it was last given up. */
  tries: number;
  /** Times it was given up. */
  refusals: number;
  retryAt: number;
}

interface Request {
  readonly message: SubscribeMessage;
  readonly subscriptions: readonly Subscription[];
  sentAt: number;
}

/** Splitting refused requests needs at most log2(topics) rounds; a topic that was asked for this often is given up. */
const MAX_TRIES = 16;
/** A refusal may be of the moment (a rate limit, a halt): it is asked for again after this, then after four times as long, and so on. */
const RETRY_MS = 15_000;
const MAX_RETRY_MS = 3_600_000;

/**
 * What one connection has asked for and what became of it, topic by topic. Its size is instruments × channels. A refusal that names its topics refuses
 * those; one that voids its request makes the others be asked for again; one that names none is narrowed down by asking for halves.
 */
export class Subscriptions {
  readonly #venue: Venue;
  readonly #channels: readonly Channel[];
  readonly #wallMs: () => number;
  readonly #byKey = new Map<string, Subscription>();
  readonly #byInstrument = new Map<number, Subscription[]>();
  readonly #requests = new Map<string, Request>();
  #unsent: Request[] = [];
  readonly #sent = new Set<Request>();
  readonly #refused = new Set<Subscription>();
  #nextId = 1;

  constructor(venue: Venue, channels: readonly Channel[], wallMs: () => number) {
    this.#venue = venue;
    this.#channels = channels;
    this.#wallMs = wallMs;
  }

  /** Nothing is left to send or to hear an answer for. */
  get settled(): boolean {
    return this.#unsent.length === 0 && this.#sent.size === 0;
  }

  add(instruments: readonly Instrument[]): void {
    const byId = new Map<string, Instrument>();
    for (const instrument of instruments) {
      if (this.#byInstrument.has(instrument.instrument)) continue;
      byId.set(instrument.nativeId, instrument);
      this.#byInstrument.set(instrument.instrument, []);
    }
    if (byId.size > 0) this.#ask([...byId.keys()], this.#channels, (topic) => this.#create(topic, byId));
  }

  /** Forgets an instrument; what the venue goes on sending for it finds no owner. */
  remove(instrument: number): void {
    for (const subscription of this.#byInstrument.get(instrument) ?? []) {
      subscription.state = 'refused';
      subscription.reason = 'not wanted any more';
      this.#refused.delete(subscription);
    }
    this.#byInstrument.delete(instrument);
    this.#settle();
  }

  /** The text to send next; undefined when there is none. Follow with `sent` once it has left. */
  next(): string | undefined {
    return this.#unsent[0]?.message.text;
  }

  sent(nowMs: number): void {
    const request = this.#unsent.shift();
    if (request === undefined) return;
    request.sentAt = nowMs;
    this.#sent.add(request);
    if (request.message.requestId !== undefined) this.#requests.set(request.message.requestId, request);
    for (const subscription of request.subscriptions) {
      if (subscription.state === 'unsent') subscription.state = 'pending';
      subscription.tries += 1;
    }
  }

  /** Answers whether the event was about something that we asked for. */
  accepted(event: ControlEvent & { type: 'ack' }): boolean {
    const request = event.requestId === undefined ? undefined : this.#requests.get(event.requestId);
    const topic = event.topicKey === undefined ? undefined : this.#byKey.get(event.topicKey);
    const accepted = topic !== undefined ? [topic] : (request?.subscriptions ?? []);
    for (const subscription of accepted)
      if (subscription.state !== 'refused') subscription.state = 'accepted';
    this.#settle();
    return accepted.length > 0;
  }

  /** Answers whether the event was about something that we asked for. */
  refused(event: ControlEvent & { type: 'refusal' }, nowMs: number): boolean {
    const named = event.topicKeys.flatMap((key) => this.#byKey.get(key) ?? []);
    const request = this.#requestOf(event.requestId, named);
    for (const subscription of named) this.#refuse(subscription, event.reason, nowMs);
    if (request !== undefined) {
      const others = request.subscriptions.filter((s) => s.state === 'pending');
      if (named.length === 0) this.#narrow(others, event.reason, nowMs);
      else if (event.voidsRequest) this.#again(others, event.reason, nowMs);
    }
    this.#settle();
    return request !== undefined || named.length > 0;
  }

  /** Asks again for what got no answer in time, and now and then for what was refused; instruments that are `heard` count as accepted. */
  expire(nowMs: number, timeoutMs: number, tries: number, heard: (instrument: number) => boolean): void {
    this.#retryRefused(nowMs);
    for (const request of this.#sent) {
      if (nowMs - request.sentAt < timeoutMs) continue;
      const open = request.subscriptions.filter((s) => s.state === 'pending');
      this.#forget(request);
      for (const s of open) if (heard(s.instrument.instrument)) s.state = 'accepted';
      const unanswered = open.filter((s) => s.state === 'pending');
      for (const s of unanswered) if (s.tries >= tries) this.#refuse(s, 'the venue never answered', nowMs);
      this.#again(
        unanswered.filter((s) => s.state === 'pending'),
        'the venue never answered',
        nowMs,
      );
    }
  }

  /** What became of the instrument: its quotes' subscription, or the only one it has. */
  stateOf(instrument: number): { readonly state: SubscriptionState; readonly reason: string } {
    const all = this.#byInstrument.get(instrument) ?? [];
    const main = all.find((s) => s.channel === 'quote') ?? all[0];
    return main ?? { state: 'unsent', reason: '' };
  }

  #create(topic: Topic, byId: ReadonlyMap<string, Instrument>): Subscription | undefined {
    const instrument = byId.get(topic.nativeId);
    if (instrument === undefined) return undefined;
    const subscription: Subscription = {
      instrument,
      channel: topic.channel,
      state: 'unsent',
      reason: '',
      request: undefined,
      tries: 0,
      refusals: 0,
      retryAt: Number.NaN,
    };
    this.#byKey.set(topic.key, subscription);
    this.#byInstrument.get(instrument.instrument)?.push(subscription);
    return subscription;
  }

  #ask(
    nativeIds: readonly string[],
    channels: readonly Channel[],
    subscriptionOf: (topic: Topic) => Subscription | undefined,
  ): void {
    const messages = this.#venue.subscribe(nativeIds, channels, this.#nextId, this.#wallMs());
    this.#nextId += messages.length;
    for (const message of messages) {
      const subscriptions = message.topics.flatMap((topic) => subscriptionOf(topic) ?? []);
      const request: Request = { message, subscriptions, sentAt: Number.NaN };
      for (const subscription of subscriptions) subscription.request = request;
      this.#unsent.push(request);
    }
  }

  /** Asks for these anew, in requests of their own. */
  #again(subscriptions: readonly Subscription[], reason: string, nowMs: number): void {
    const willing: Subscription[] = [];
    for (const s of subscriptions) {
      if (s.tries >= MAX_TRIES) this.#refuse(s, reason, nowMs);
      else {
        s.state = 'unsent';
        willing.push(s);
      }
    }
    for (const channel of this.#channels) {
      const ids = willing.filter((s) => s.channel === channel).map((s) => s.instrument.nativeId);
      if (ids.length > 0) this.#ask(ids, [channel], (topic) => this.#byKey.get(topic.key));
    }
  }

  #narrow(subscriptions: readonly Subscription[], reason: string, nowMs: number): void {
    const [only, second] = subscriptions;
    if (only === undefined) return;
    if (second === undefined) {
      this.#refuse(only, reason, nowMs);
      return;
    }
    const half = subscriptions.length >> 1;
    this.#again(subscriptions.slice(0, half), reason, nowMs);
    this.#again(subscriptions.slice(half), reason, nowMs);
  }

  #requestOf(requestId: string | undefined, named: readonly Subscription[]): Request | undefined {
    if (requestId !== undefined) return this.#requests.get(requestId);
    if (named.length > 0) return named[0]?.request;
    return this.#sent.size === 1 ? [...this.#sent][0] : undefined;
  }

  /** Lets go of requests that nobody waits for. */
  #settle(): void {
    for (const request of this.#sent) {
      if (request.subscriptions.every((s) => s.state !== 'pending' || s.request !== request))
        this.#forget(request);
    }
    this.#unsent = this.#unsent.filter((request) => request.subscriptions.some((s) => s.state === 'unsent'));
  }

  #forget(request: Request): void {
    this.#sent.delete(request);
    if (request.message.requestId !== undefined) this.#requests.delete(request.message.requestId);
  }

  #refuse(subscription: Subscription, reason: string, nowMs: number): void {
    subscription.state = 'refused';
    subscription.reason = reason.slice(0, 200);
    subscription.retryAt = nowMs + Math.min(MAX_RETRY_MS, RETRY_MS * 4 ** subscription.refusals);
    subscription.refusals += 1;
    subscription.tries = 0;
    this.#refused.add(subscription);
  }

  #retryRefused(nowMs: number): void {
    if (this.#refused.size === 0) return;
    const due = [...this.#refused].filter((s) => nowMs >= s.retryAt);
    for (const subscription of due) this.#refused.delete(subscription);
    if (due.length > 0) this.#again(due, '', nowMs);
  }
}
