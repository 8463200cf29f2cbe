import type { GatewayLimits } from './limits.ts';

/** What a client should have read of what is under way to it, at the latest. More than it reads in this time is not sent. */
const TARGET_MS = 500;
const FIRST_WINDOW_BYTES = 32 * 1024;
const LEAST_WINDOW_BYTES = 4 * 1024;

/**
 * What is on its way to one client: written, and not known to be read. Neither the socket's own buffer nor TCP's acknowledgements can tell: the two kernels swallow megabytes
 * for a peer that has stopped reading. So pings go between the frames. They are read in order: a pong proves that everything before its ping was read, and how long that took.
 * From this follow the age of the oldest byte, and a window: as many bytes as the client reads in half a second. What does not fit is left out, so a slow client gets
 * fewer messages, but new ones, and a stalled one costs a window of memory, in both kernels too.
 */
export class Outbox {
  readonly #limits: GatewayLimits;
  /** Positions in the bytes of all frames. */
  #sent = 0;
  #read = 0;
  #window: number;
  #busySince = Number.NaN;
  /** The ping under way: its number, its position and when it was sent; NaN = none is. */
  #ping = 0;
  #pingAt = 0;
  #pingedMs = Number.NaN;
  #lastPingMs: number;
  #lastPongMs: number;

  constructor(limits: GatewayLimits, nowMs: number) {
    this.#limits = limits;
    this.#window = Math.min(limits.outboxBytes, FIRST_WINDOW_BYTES);
    this.#lastPingMs = nowMs;
    this.#lastPongMs = nowMs;
  }

  /** Bytes written and not known to be read. */
  get underWay(): number {
    return this.#sent - this.#read;
  }

  /** Whether a frame may be sent; a single one always may when nothing is under way. */
  hasRoom(bytes: number): boolean {
    return this.underWay === 0 || this.underWay + bytes <= this.#window;
  }

  wrote(bytes: number, nowMs: number): void {
    if (this.underWay === 0) this.#busySince = nowMs;
    this.#sent += bytes;
  }

  /** The number of the ping to send now; undefined = none is due. Answering it counts as having sent it. */
  nextPing(nowMs: number): number | undefined {
    if (!Number.isNaN(this.#pingedMs)) return undefined;
    const sinceMs = nowMs - this.#lastPingMs;
    const busy =
      this.underWay > 0 && (sinceMs >= this.#limits.busyPingMs || this.underWay >= this.#window / 2);
    if (!busy && sinceMs < this.#limits.pingMs) return undefined;
    this.#ping = (this.#ping + 1) % 2 ** 32;
    this.#pingAt = this.#sent;
    this.#pingedMs = nowMs;
    this.#lastPingMs = nowMs;
    return this.#ping;
  }

  /** Takes a pong; false if it answers no ping that is under way. */
  pong(ping: number, nowMs: number): boolean {
    if (Number.isNaN(this.#pingedMs) || ping !== this.#ping) return false;
    this.#adapt(this.#pingAt - this.#read, nowMs - this.#pingedMs);
    this.#read = this.#pingAt;
    // What is still under way was written after that ping.
    if (this.underWay > 0) this.#busySince = this.#pingedMs;
    this.#pingedMs = Number.NaN;
    this.#lastPongMs = nowMs;
    return true;
  }

  /** How long the oldest byte has at least been waiting to be read, as far as a ping behind it can tell. */
  ageMs(nowMs: number): number {
    if (this.underWay === 0 || Number.isNaN(this.#pingedMs)) return 0;
    return nowMs - Math.max(this.#pingedMs, this.#busySince);
  }

  /** How long nothing was heard from a client that was asked; 0 = it was not. */
  silentMs(nowMs: number): number {
    return Number.isNaN(this.#pingedMs) ? 0 : nowMs - this.#lastPongMs;
  }

  /** @param bytes under way when the ping was sent; @param tookMs until its pong came */
  #adapt(bytes: number, tookMs: number): void {
    const most = this.#limits.outboxBytes;
    if (tookMs > TARGET_MS) {
      const readInTime = (bytes / tookMs) * TARGET_MS;
      this.#window = Math.min(this.#window, Math.max(LEAST_WINDOW_BYTES, readInTime));
    } else if (tookMs < TARGET_MS / 2 && bytes >= this.#window / 2) {
      this.#window = Math.min(most, this.#window * 2);
    }
  }
}
