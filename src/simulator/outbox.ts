import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { ByteWriter } from './byte-writer.ts';

const CHUNK_BYTES = 65_536;
/** Room that must be left before a frame is begun; every market-data frame is far smaller. */
const FRAME_ROOM = 2_048;

/**
 * Market data on its way to one socket: server frames written one after another into a chunk that goes out whole. At most one chunk waits in
 * the socket and one is being filled; when both are full the connection takes nothing more until the client has read.
 */
export class Outbox {
  readonly writer: ByteWriter;
  /** Frozen: nothing leaves (a half-open connection). */
  frozen = false;
  /** Kept by the pump: whether there is something to flush, and when data was last written. */
  dirty = false;
  lastDataMs = 0;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  #filling: Uint8Array = new Uint8Array(CHUNK_BYTES);
  #other: Uint8Array | undefined;
  #waiting = false;
  #frameStart = 0;
  #frames = 0;
  /** What the last flush sent and is still in the chunk. */
  #sentBytes = 0;
  #sentFrames = 0;
  #shortHeader = false;

  constructor(ws: WebSocket, socket: Socket) {
    this.#ws = ws;
    this.#socket = socket;
    this.writer = new ByteWriter(this.#filling);
  }

  /** Whether a frame can be begun; sends what is there if that makes room. */
  ready(): boolean {
    // After our close frame nothing counts any more, and a publication that nobody can get must not be made.
    if (this.frozen || this.#ws.readyState !== this.#ws.OPEN) return false;
    if (this.writer.at + FRAME_ROOM <= CHUNK_BYTES) return true;
    return this.flush();
  }

  begin(): void {
    this.#frameStart = this.writer.at;
    // The header is guessed to be as long as the last one's; a wrong guess costs a move.
    this.writer.at += this.#shortHeader ? 2 : 4;
  }

  /** Ends the frame. @param opcode 1 = text, 2 = binary */
  end(opcode: 1 | 2): void {
    const { writer } = this;
    const start = this.#frameStart;
    this.#frames += 1;
    const header = this.#shortHeader ? 2 : 4;
    const length = writer.at - start - header;
    const needed = length < 126 ? 2 : 4;
    if (needed !== header) {
      writer.bytes.copyWithin(start + needed, start + header, writer.at);
      writer.at += needed - header;
      this.#shortHeader = needed === 2;
    }
    writer.bytes[start] = 0x80 | opcode;
    if (needed === 2) {
      writer.bytes[start + 1] = length;
    } else {
      writer.bytes[start + 1] = 126;
      writer.bytes[start + 2] = length >>> 8;
      writer.bytes[start + 3] = length & 0xff;
    }
  }

  /** The payload of the frame that is open. */
  payload(): Uint8Array {
    const header = this.#shortHeader ? 2 : 4;
    return this.writer.bytes.subarray(this.#frameStart + header, this.writer.at);
  }

  /** Puts another payload in place of what was written of the open frame. */
  replace(payload: Uint8Array): void {
    this.writer.at = this.#frameStart + (this.#shortHeader ? 2 : 4);
    this.writer.bytes.set(payload, this.writer.at);
    this.writer.at += payload.length;
  }

  /** Hands what was written to the socket. False: the last chunk is still waiting there. */
  flush(): boolean {
    const { writer } = this;
    if (this.frozen || this.#socket.destroyed || this.#socket.writableEnded) return false;
    if (this.#waiting) {
      if (this.#socket.writableLength > 0) return false;
      this.#waiting = false;
    }
    if (writer.at === 0) return true;
    this.#sentBytes = writer.at;
    this.#sentFrames = this.#frames;
    this.#frames = 0;
    this.#socket.write(this.#filling.subarray(0, writer.at));
    writer.at = 0;
    if (this.#socket.writableLength === 0) return true;
    this.#swap();
    return true;
  }

  /** Sends what the last flush sent once more, and returns how many frames that were; 0 when the socket is full. */
  repeat(): number {
    const free = !this.frozen && !this.#waiting && !this.#socket.writableEnded && this.writer.at === 0;
    if (!free || this.#sentBytes === 0 || this.#socket.writableLength > 0) return 0;
    const frames = this.#sentFrames;
    this.#socket.write(this.#filling.subarray(0, this.#sentBytes));
    if (this.#socket.writableLength > 0) this.#swap();
    return frames;
  }

  /** The kernel did not take all of a chunk: it belongs to the socket until it has. */
  #swap(): void {
    this.#waiting = true;
    this.#sentBytes = 0;
    const free = this.#other ?? new Uint8Array(CHUNK_BYTES);
    this.#other = this.#filling;
    this.#filling = free;
    this.writer.bytes = free;
  }
}
