import type { VenueId } from '../../core/venue-ids.ts';
import type { Connection, Dialled } from '../connection.ts';
import type { Exchange } from '../exchange.ts';
import type { RestRequest } from '../rest/rest.ts';
import type { Tick } from '../tick.ts';

/** Why a dial is refused: an HTTP status and a body. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
}

/** How one venue speaks. Written from its documents; shares nothing with our decoders. */
export interface Protocol {
  readonly venue: VenueId;
  nativeId(base: string, quote: string): string;
  /** What the digits of a trade's number are preceded by in its id. */
  readonly tradeIdPrefix: string;
  /** Whether its quotes carry an event time and an update id. */
  readonly quoteTime: boolean;
  readonly quoteSequence: boolean;
  /** Whether trade times carry microseconds. */
  readonly tradeMicros?: boolean;
  /** Whether a trade's size is written with 19 decimals. */
  longSize?(tick: Tick): boolean;
  /** undefined = the dial is accepted. */
  admit(exchange: Exchange, dialled: Dialled, nowMs: number): Refusal | undefined;
  opened?(exchange: Exchange, connection: Connection): void;
  /** A text message of the client. */
  message(exchange: Exchange, connection: Connection, text: string, nowMs: number): void;
  /** A WebSocket ping or pong of the client. */
  controlFrame?(exchange: Exchange, connection: Connection, nowMs: number): void;
  /** Called for each connection a few times a second. */
  beat(exchange: Exchange, connection: Connection, nowMs: number): void;
  /** The JSON of an HTTP reply; undefined = there is nothing at that path. */
  rest(exchange: Exchange, request: RestRequest): unknown;
}

const NOT_FOUND: Refusal = { status: 404, body: 'not found' };

/** Refuses every path but those that match. */
export function onlyPath(pattern: RegExp, dialled: Dialled): Refusal | undefined {
  return pattern.test(dialled.path) ? undefined : NOT_FOUND;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON object that a text is, or undefined. */
export function parseObject(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // what the venue says to bad JSON is the caller's business
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Cuts the connection without a close frame, as a server does that has given up on it. */
export function cut(exchange: Exchange, connection: Connection, limit: string): void {
  exchange.violated(limit);
  connection.ws.terminate();
}
