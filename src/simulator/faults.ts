import type { Socket } from 'node:net';
import { SpreadscopeError } from '../core/errors.ts';
import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import type { Exchange } from './exchange.ts';
import type { Pump } from './pump.ts';
import { Random } from './random.ts';
import type { SimInstrument } from './universe.ts';

export const FAULT_KINDS = [
  'drop',
  'refuse',
  'silent',
  'half-open',
  'malformed',
  'gap',
  'delist',
  'rename',
  'crossed',
  'reprice',
  'overload',
  'heal',
] as const;
/** How many times the price of its namesake a coin has by default. */
const OTHER_COIN = 7.3;
export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * A fault of one venue or of all (`*`). With `ms` it ends by itself.
 * - `drop`: destroys the venue's connections; refuses dials and requests for `ms`.
 * - `refuse`: refuses dials and requests, connections stay.
 * - `silent`: connections stay and pings are answered, but no market data comes.
 * - `half-open`: nothing is read or written any more, TCP stays up, new dials hang.
 * - `malformed`: the share `share` (default 0.2) of frames is broken.
 * - `gap`: `count` (default 1000) updates of each subscribed market are lost.
 * - `delist`: `symbol` (default: one of the middle) vanishes from the lists and falls silent.
 * - `rename`: the same, and another market appears.
 * - `crossed`: books whose bid is above their ask.
 * - `reprice`: `symbol` (default: one of the middle) is another coin: its prices are `factor` (default 7.3) times those elsewhere, or the inverse where that does not fit.
 * - `overload`: `factor` (default 8) times the rate, over all venues.
 * - `heal`: ends all of these but delistings.
 */
export interface Fault {
  readonly venue: VenueId | '*';
  readonly kind: FaultKind;
  readonly ms?: number | undefined;
  readonly share?: number | undefined;
  readonly count?: number | undefined;
  readonly factor?: number | undefined;
  readonly symbol?: string | undefined;
}

/** Reads a fault from outside; throws UNKNOWN_VENUE or BAD_REQUEST. */
export function parseFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SpreadscopeError(
      'BAD_REQUEST',
      'a fault is a JSON object such as {"venue":"okx","kind":"drop"}',
    );
  }
  const given = value as Readonly<Record<string, unknown>>;
  const { venue, kind } = given;
  if (typeof venue !== 'string' || (venue !== '*' && !isVenueId(venue))) {
    throw new SpreadscopeError('UNKNOWN_VENUE', `no venue "${String(venue)}"; name one, or * for all`);
  }
  const known = FAULT_KINDS.find((each) => each === kind);
  if (known === undefined) {
    throw new SpreadscopeError(
      'BAD_REQUEST',
      `no fault "${String(kind)}"; there are ${FAULT_KINDS.join(', ')}`,
    );
  }
  const number = (name: string, most: number): number | undefined => {
    const each = given[name];
    if (each === undefined) return undefined;
    if (typeof each === 'number' && each >= 0 && each <= most) return each;
    throw new SpreadscopeError('BAD_REQUEST', `${name} must be a number from 0 to ${most}`);
  };
  const { symbol } = given;
  if (symbol !== undefined && typeof symbol !== 'string') {
    throw new SpreadscopeError('BAD_REQUEST', 'symbol must be a text such as BTC-USDT');
  }
  return {
    venue,
    kind: known,
    ms: number('ms', 86_400_000),
    share: number('share', 1),
    count: number('count', 1e9),
    factor: number('factor', 1_000),
    symbol,
  };
}

/** Injects faults into the exchanges and ends them. */
export class Faults {
  /** Dials and requests that hang, of half-open venues. */
  readonly #held = new Map<VenueId, Set<Socket>>();
  readonly #refusing = new Set<VenueId>();
  readonly #halfOpen = new Set<VenueId>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #exchanges: ReadonlyMap<VenueId, Exchange>;
  readonly #pump: Pump;

  constructor(exchanges: ReadonlyMap<VenueId, Exchange>, pump: Pump) {
    this.#exchanges = exchanges;
    this.#pump = pump;
    const random = new Random(7);
    pump.breakPayload = (payload) => brokenPayload(payload, random);
  }

  refuses(venue: VenueId): boolean {
    return this.#refusing.has(venue);
  }

  isHalfOpen(venue: VenueId): boolean {
    return this.#halfOpen.has(venue);
  }

  /** Keeps a socket that gets no answer until the fault ends. */
  hold(venue: VenueId, socket: Socket): void {
    const held = this.#held.get(venue) ?? new Set();
    this.#held.set(venue, held);
    held.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => held.delete(socket));
  }

  apply(fault: Fault): void {
    // What was sent before a fault must not be sent again during it, nor after.
    this.#pump.repeats = false;
    const exchanges =
      fault.venue === '*' ? [...this.#exchanges.values()] : [this.#exchanges.get(fault.venue)];
    for (const exchange of exchanges) {
      if (exchange === undefined) {
        throw new SpreadscopeError('UNKNOWN_VENUE', `${fault.venue} is not simulated here`);
      }
      this.#applyTo(exchange, fault);
    }
  }

  /** Ends the timers of faults that end by themselves, and lets go of what hangs. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const held of this.#held.values()) for (const socket of held) socket.destroy();
  }

  #applyTo(exchange: Exchange, fault: Fault): void {
    const { venue } = exchange;
    switch (fault.kind) {
      case 'drop':
        for (const connection of exchange.connections) connection.socket.destroy();
        if (fault.ms !== undefined) this.#until(fault.ms, this.#refusing, venue);
        return;
      case 'refuse': {
        this.#until(fault.ms, this.#refusing, venue);
        return;
      }
      case 'silent':
        this.#fill(exchange, this.#pump.muted, 1);
        {
          this.#after(fault.ms, () => this.#fill(exchange, this.#pump.muted, 0));
          return;
        }
      case 'half-open':
        this.#halfOpen.add(venue);
        for (const connection of exchange.connections) freeze(connection, true);
        {
          this.#after(fault.ms, () => this.#resume(exchange));
          return;
        }
      case 'malformed':
        this.#fill(exchange, this.#pump.brokenShare, fault.share ?? 0.2);
        {
          this.#after(fault.ms, () => this.#fill(exchange, this.#pump.brokenShare, 0));
          return;
        }
      case 'gap':
        for (const { slot } of exchange.all()) exchange.market.leap(slot, fault.count ?? 1_000);
        return;
      case 'delist': {
        exchange.delist(chosen(exchange, fault.symbol));
        return;
      }
      case 'rename': {
        rename(exchange, fault.symbol);
        return;
      }
      case 'crossed':
        this.#fill(exchange, exchange.market.crossed, 1);
        {
          this.#after(fault.ms, () => this.#fill(exchange, exchange.market.crossed, 0));
          return;
        }
      case 'reprice': {
        const { slot } = chosen(exchange, fault.symbol);
        exchange.market.reprice(slot, fault.factor ?? OTHER_COIN);
        this.#after(fault.ms, () => exchange.market.reprice(slot, 1));
        return;
      }
      case 'overload':
        this.#pump.rateFactor = fault.factor ?? 8;
        {
          this.#after(fault.ms, () => {
            this.#pump.rateFactor = 1;
          });
          return;
        }
      case 'heal': {
        this.#heal(exchange);
        return;
      }
    }
  }

  #heal(exchange: Exchange): void {
    this.#refusing.delete(exchange.venue);
    this.#fill(exchange, this.#pump.muted, 0);
    this.#fill(exchange, this.#pump.brokenShare, 0);
    this.#fill(exchange, exchange.market.crossed, 0);
    for (const { slot } of exchange.all()) exchange.market.reprice(slot, 1);
    this.#pump.rateFactor = 1;
    this.#resume(exchange);
  }

  /** Connections of a half-open venue are read and written again; what hung is cut, as by a network that comes back. */
  #resume(exchange: Exchange): void {
    if (!this.#halfOpen.delete(exchange.venue)) return;
    for (const connection of exchange.connections) freeze(connection, false);
    for (const socket of this.#held.get(exchange.venue) ?? []) socket.destroy();
  }

  #fill(exchange: Exchange, column: Uint8Array | Float32Array, value: number): void {
    for (const { slot } of exchange.all()) column[slot] = value;
  }

  #until(ms: number | undefined, set: Set<VenueId>, venue: VenueId): void {
    set.add(venue);
    this.#after(ms, () => set.delete(venue));
  }

  #after(ms: number | undefined, end: () => void): void {
    if (ms === undefined) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      end();
    }, ms);
    this.#timers.add(timer);
  }
}

function freeze(
  connection: { outbox: { frozen: boolean }; ws: { pause(): void; resume(): void } },
  on: boolean,
): void {
  connection.outbox.frozen = on;
  if (on) connection.ws.pause();
  else connection.ws.resume();
}

/** The market of that symbol, or one of the middle of the list. */
function chosen(exchange: Exchange, symbol: string | undefined): SimInstrument {
  const listed = exchange.listed().filter((each) => each.quote === 'USDT' && !each.halted && !each.leveraged);
  const found =
    symbol === undefined
      ? listed[Math.floor(listed.length / 3)]
      : exchange.listed().find((each) => each.symbol === symbol);
  if (found === undefined) {
    throw new SpreadscopeError(
      'UNKNOWN_SYMBOL',
      `${exchange.venue} lists no ${symbol ?? 'market to take away'}`,
    );
  }
  return found;
}

function rename(exchange: Exchange, symbol: string | undefined): void {
  exchange.delist(chosen(exchange, symbol));
  const reserve = exchange.all().find((each) => each.reserve && !each.listed);
  if (reserve !== undefined) reserve.listed = true;
}

/** A payload that is not a valid message of any venue: cut short, rubbish, or well-formed nonsense. */
function brokenPayload(payload: Uint8Array, random: Random): Uint8Array {
  const binary = payload[0] !== 0x7b;
  switch (random.below(3)) {
    case 0:
      return payload.slice(0, 1 + random.below(Math.floor(payload.length * 0.4)));
    case 1:
      // ASCII for text, so that it is the message that is wrong and not the frame.
      return payload.map(() => (binary ? 0x80 + random.below(128) : 0x20 + random.below(95)));
    default:
      return Buffer.from(
        binary ? 'ff00ff00ff00ff00' : '{"wrong":[1,null,{"type":true}]}',
        binary ? 'hex' : 'utf8',
      );
  }
}
