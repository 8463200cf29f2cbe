import { isIPv6 } from 'node:net';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import { isLoopback } from './access.ts';
import { type GatewayLimits, SPARE_CONNECTIONS } from './limits.ts';

interface Peer {
  open: number;
  /** Streams it may open now. */
  credit: number;
  creditMs: number;
}

/** Addresses remembered beside those that have a socket open, so that closing does not buy new credit. */
const REMEMBERED = 1024;
const ENTRY_BYTES = 160;

/** What may be known of addresses, by its line in the ledger. */
export function addressFacts(clients: number): BoundFacts {
  const capacity = REMEMBERED + clients + SPARE_CONNECTIONS;
  return {
    ...{ name: 'gateway.addresses', policy: 'refuse', capacity, capacityBytes: capacity * ENTRY_BYTES },
    cleanedBy: 'the end of its last socket, and time',
  };
}

/** How many sockets each address has, and how fast it opens streams. */
export class Addresses {
  readonly #limits: GatewayLimits;
  readonly #peers = new Map<string, Peer>();
  #refused = 0;
  #peak = 0;

  constructor(limits: GatewayLimits) {
    this.#limits = limits;
  }

  /** Counts a socket in; false if it is one too many and not counted. Whoever is counted must `leave`. */
  enter(address: string, nowMs: number): boolean {
    const peer = this.#peerOf(address, nowMs);
    if (peer.open >= this.#limits.connectionsPerAddress && !this.#isExempt(address)) {
      this.#refused++;
      return false;
    }
    peer.open++;
    return true;
  }

  leave(address: string): void {
    const peer = this.#peers.get(networkOf(address));
    if (peer !== undefined) peer.open--;
  }

  /** Whether the address may open one more stream now. */
  mayUpgrade(address: string, nowMs: number): boolean {
    if (this.#isExempt(address)) return true;
    const peer = this.#peerOf(address, nowMs);
    const { upgradesPerSecond } = this.#limits;
    const earned = ((nowMs - peer.creditMs) / 1000) * upgradesPerSecond;
    peer.credit = Math.min(upgradesPerSecond, peer.credit + earned);
    peer.creditMs = nowMs;
    if (peer.credit >= 1) {
      peer.credit--;
      return true;
    }
    this.#refused++;
    return false;
  }

  bound(): BoundReading {
    return boundOf(addressFacts(this.#limits.clients), {
      ...{ used: this.#peers.size, peak: this.#peak, refused: this.#refused },
    });
  }

  #isExempt(address: string): boolean {
    return this.#limits.exemptLoopback && isLoopback(withoutMapping(address));
  }

  #peerOf(address: string, nowMs: number): Peer {
    const network = networkOf(address);
    const known = this.#peers.get(network);
    // To the end of the order: the front is then whoever was not heard of for longest.
    if (known !== undefined) this.#peers.delete(network);
    const peer = known ?? { open: 0, credit: this.#limits.upgradesPerSecond, creditMs: nowMs };
    this.#peers.set(network, peer);
    if (known === undefined) this.#forgetOld();
    this.#peak = Math.max(this.#peak, this.#peers.size);
    return peer;
  }

  #forgetOld(): void {
    if (this.#peers.size <= REMEMBERED + this.#limits.connections) return;
    for (const [network, { open }] of this.#peers) {
      if (open > 0) continue;
      this.#peers.delete(network);
      return;
    }
  }
}

/** What counts as one address: IPv4 as it is, of IPv6 the /64 network, since every host has a whole one to choose from. */
export function networkOf(address: string): string {
  const plain = withoutMapping(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')];
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
