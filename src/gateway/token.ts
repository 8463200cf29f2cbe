import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';

const TICKETS = 256;
const TICKET_MS = 30_000;
const TICKET_BYTES = 24;
/** A ticket with its key, its time and its place in the table. */
const ENTRY_BYTES = 256;

/** What tickets may take, by their line in the ledger. */
export function ticketFacts(): BoundFacts {
  return {
    ...{ name: 'gateway.tickets', policy: 'drop-oldest', capacity: TICKETS },
    ...{ capacityBytes: TICKETS * ENTRY_BYTES, cleanedBy: 'its use, or 30 s' },
  };
}

/**
 * Who knows the token. Browsers cannot send headers with a WebSocket, so whoever knows the token may also have a ticket: good for one stream, within 30 s. A ticket may
 * stand in a URL, where it can land in a log; the token must not. Both are compared as hashes, in a time that tells nothing.
 */
export class TokenGate {
  readonly #hash: Buffer | undefined;
  readonly #clockMs: () => number;
  /** Hashes of tickets and when they end, oldest first. */
  readonly #tickets = new Map<string, number>();
  #peak = 0;
  #evicted = 0;

  /** @param token undefined = everybody is let in; @param clockMs monotonic */
  constructor(token: string | undefined, clockMs: () => number) {
    this.#hash = token === undefined ? undefined : sha256(token);
    this.#clockMs = clockMs;
  }

  /** Whether a token must be known at all. */
  get isShut(): boolean {
    return this.#hash !== undefined;
  }

  knows(token: string): boolean {
    return this.#hash === undefined || timingSafeEqual(sha256(token), this.#hash);
  }

  /** An `Authorization` header. */
  knowsHeader(header: string | undefined): boolean {
    const token = /^Bearer ([\x21-\x7e]{1,1024})$/i.exec(header ?? '')?.[1];
    return this.#hash === undefined || (token !== undefined && this.knows(token));
  }

  /** A new ticket. The table is bounded: the oldest goes when it is full. */
  issue(): string {
    this.#expire();
    for (const oldest of this.#tickets.keys()) {
      if (this.#tickets.size < TICKETS) break;
      this.#tickets.delete(oldest);
      this.#evicted++;
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    this.#tickets.set(sha256(ticket).toString('base64'), this.#clockMs() + TICKET_MS);
    this.#peak = Math.max(this.#peak, this.#tickets.size);
    return ticket;
  }

  /** Takes a ticket, which is void from then on; false if it is none. */
  redeem(ticket: string): boolean {
    this.#expire();
    return this.#tickets.delete(sha256(ticket).toString('base64'));
  }

  bound(): BoundReading {
    return boundOf(ticketFacts(), { used: this.#tickets.size, peak: this.#peak, evicted: this.#evicted });
  }

  #expire(): void {
    const nowMs = this.#clockMs();
    for (const [hash, endMs] of this.#tickets) {
      if (endMs > nowMs) return;
      this.#tickets.delete(hash);
    }
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
