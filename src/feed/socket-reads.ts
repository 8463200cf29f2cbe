import type { OnReadOpts, Socket } from 'node:net';

/** Twice what a `data` event takes, so that fewer messages are cut in two under load; larger was no better (bench/wire). */
export const READ_BYTES = 128 * 1024;

/**
 * What all sockets of this thread read into. A read is used up, or copied, before the next one begins, so one buffer serves any number of sockets. With `data` events
 * each read costs 64 KiB of fresh memory and the way through Node's streams; bench/wire and bench/path guard the difference.
 */
const BUFFER = Buffer.allocUnsafeSlow(READ_BYTES);

/** Whoever reads a socket once the handshake is over. */
export interface SocketReader {
  /** Takes `bytes[0, length)`, valid only during the call. */
  receive(bytes: Uint8Array, length: number): void;
  /** The peer ended the stream; told after its last byte. */
  ended(): void;
}

/** The bytes of one socket. HTTP gets them as `data` events during the handshake; then they go straight to a reader, while it lets them flow. */
export class SocketReads {
  /** For `net.connect` and `tls.connect`. */
  readonly onread: OnReadOpts = { buffer: BUFFER, callback: (length) => this.#read(length) };
  #socket: Socket | undefined;
  #reader: SocketReader | undefined;
  #upgraded = false;
  #flowing = false;
  #ended = false;
  /** What came while nothing flows: bytes behind the handshake, and what a TLS layer had taken in already; at most one read of the socket at a time. */
  readonly #waiting: Buffer[] = [];

  /** Takes the socket that was made with `onread`. */
  serve(socket: Socket): Socket {
    this.#socket = socket;
    return socket;
  }

  /** The handshake is over and `head` came right behind it. Nothing flows until `start`. */
  upgraded(head: Buffer): void {
    this.#upgraded = true;
    if (head.length > 0) this.#waiting.push(head);
    this.#socket?.pause();
    this.#socket?.on('end', () => {
      this.#ended = true;
      if (this.#waiting.length === 0) this.#reader?.ended();
    });
  }

  start(reader: SocketReader): void {
    this.#reader = reader;
    this.resume();
  }

  pause(): void {
    this.#flowing = false;
    this.#socket?.pause();
  }

  /** Lets bytes flow, from the next turn on. */
  resume(): void {
    this.#flowing = true;
    process.nextTick(() => this.#flow());
  }

  /** Nobody reads any more: what still comes is thrown away, so that the peer's end is seen. */
  drop(): void {
    this.#reader = undefined;
    this.#waiting.length = 0;
    this.#flowing = true;
  }

  #read(length: number): boolean {
    if (this.#flowing) {
      this.#reader?.receive(BUFFER, length);
      return true;
    }
    const copy = Buffer.from(BUFFER.subarray(0, length));
    if (this.#upgraded) this.#waiting.push(copy);
    else this.#socket?.emit('data', copy);
    return !this.#upgraded;
  }

  #flow(): void {
    while (this.#flowing && this.#waiting.length > 0) {
      const bytes = this.#waiting.shift() as Buffer;
      this.#reader?.receive(bytes, bytes.length);
    }
    if (!this.#flowing) return;
    if (this.#ended) this.#reader?.ended();
    else this.#socket?.resume();
  }
}
