import { isUtf8 } from 'node:buffer';
import type { ByteBudget } from './byte-budget.ts';
import { CloseCode, isSendableCloseCode } from './close-code.ts';
import { SpillBuffer } from './spill-buffer.ts';

/** What a FrameReader finds. `bytes` is valid only during the call; nobody may call `push` from inside one. */
export interface FrameHandler {
  /** A whole text or binary message, `bytes[start, end)`. Text is not checked for UTF-8: the decoder reads bytes and counts what is malformed. */
  message(bytes: Uint8Array, start: number, end: number, binary: boolean): void;
  pinged(payload: Uint8Array): void;
  ponged(payload: Uint8Array): void;
  /** The peer's close frame; code 1005 = it gave none. Nothing follows. */
  closed(code: number, reason: string): void;
  /** The peer broke the rules (1002, 1007) or a limit (1009). Nothing follows. */
  violated(code: number, reason: string): void;
}

const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;
const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const MAX_CONTROL = 125;
const MAX_HEADER = 10;
const RESIDENT_BYTES = 2048;
/** A frame that is not whole yet. */
const INCOMPLETE = -1;

/**
 * The receiving half of a WebSocket client (RFC 6455 §5): walks server frames in the socket's own chunks. A frame that lies whole in a chunk is handed
 * over in place; one that spans chunks, or comes in fragments, is put together in a bounded buffer. The walk makes no object per frame; bench/wire guards its speed
 * against `ws`.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #maxMessageBytes: number;
  /** The beginning of a frame whose end has not come. */
  readonly #carry: SpillBuffer;
  /** Bytes that the carried frame must have before it can be looked at again. */
  #need = 0;
  readonly #fragments: SpillBuffer;
  #fragmented = false;
  #fragmentsBinary = false;
  #stopped = false;

  /** @param maxMessageBytes the largest message accepted, at least 125 */
  constructor(handler: FrameHandler, maxMessageBytes: number, budget: ByteBudget) {
    if (maxMessageBytes < MAX_CONTROL) throw new RangeError(`maxMessageBytes must be ≥ ${MAX_CONTROL}`);
    this.#handler = handler;
    this.#maxMessageBytes = maxMessageBytes;
    this.#carry = new SpillBuffer(RESIDENT_BYTES, maxMessageBytes + MAX_HEADER, budget);
    this.#fragments = new SpillBuffer(0, maxMessageBytes, budget);
  }

  /** Reads no further and gives borrowed memory back. */
  stop(): void {
    this.#stopped = true;
    this.#carry.reset();
    this.#fragments.reset();
  }

  /** Walks one chunk as it came from the socket, `chunk[0, end)`. */
  push(chunk: Uint8Array, end: number = chunk.length): void {
    if (this.#stopped) return;
    let at = 0;
    if (this.#carry.length > 0) at = this.#resume(chunk, end);
    at = this.#walk(chunk, at, end);
    if (at < end && !this.#stopped && !this.#carry.append(chunk, at, end)) this.#outOfMemory();
  }

  /** Hands over every whole frame of `bytes[at, end)`; answers where the incomplete one begins. */
  #walk(bytes: Uint8Array, from: number, end: number): number {
    const handler = this.#handler;
    const max = this.#maxMessageBytes;
    let at = from;
    while (at < end && !this.#stopped) {
      const first = bytes[at] as number;
      if ((first === FIN_TEXT || first === FIN_BINARY) && !this.#fragmented && at + 4 <= end) {
        let start = at + 2;
        let length = bytes[at + 1] as number;
        if (length === 126) {
          start = at + 4;
          length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
          if (length < 126) length = max + 1;
        } else if (length > 126) {
          length = max + 1;
        }
        if (length <= max && start + length <= end) {
          at = start + length;
          handler.message(bytes, start, at, first === FIN_BINARY);
          continue;
        }
      }
      const next = this.#frame(bytes, at, end);
      if (next === INCOMPLETE) return at;
      at = next;
    }
    return at;
  }

  /** Completes the carried frame with the beginning of this chunk; answers how much of the chunk that took. */
  #resume(chunk: Uint8Array, end: number): number {
    const carry = this.#carry;
    let at = 0;
    while (carry.length > 0 && at < end && !this.#stopped) {
      const take = Math.min(this.#need - carry.length, end - at);
      if (!carry.append(chunk, at, at + take)) {
        this.#outOfMemory();
        return at;
      }
      at += take;
      if (carry.length < this.#need) continue;
      if (this.#frame(carry.bytes, 0, carry.length) !== INCOMPLETE) carry.reset();
    }
    return at;
  }

  /**
   * Any frame, by all rules. Answers where the next one begins, or INCOMPLETE with `#need` set to the bytes that it must have to be looked at
   * again (or with the reader stopped).
   */
  #frame(bytes: Uint8Array, at: number, end: number): number {
    const room = end - at;
    if (room < 2) return this.#wait(2);
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const fault = headerFault(first, second, this.#fragmented);
    if (fault !== undefined) return this.#violate(CloseCode.protocolError, fault);
    const headerBytes = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (room < headerBytes) return this.#wait(headerBytes);
    const length = payloadLength(bytes, at, second);
    if (length < 0) return this.#violate(CloseCode.protocolError, 'payload length not in its shortest form');
    if ((first & 0x08) === 0 && length + this.#fragments.length > this.#maxMessageBytes) {
      return this.#violate(CloseCode.tooBig, `message over ${this.#maxMessageBytes} bytes`);
    }
    if (room < headerBytes + length) return this.#wait(headerBytes + length);
    const start = at + headerBytes;
    this.#dispatch(first, bytes, start, start + length);
    return start + length;
  }

  #dispatch(first: number, bytes: Uint8Array, start: number, end: number): void {
    const opcode = first & 0x0f;
    if (opcode <= Opcode.binary) this.#data(opcode, (first & FIN) !== 0, bytes, start, end);
    else if (opcode === Opcode.ping) this.#handler.pinged(Uint8Array.prototype.slice.call(bytes, start, end));
    else if (opcode === Opcode.pong) this.#handler.ponged(Uint8Array.prototype.slice.call(bytes, start, end));
    else this.#close(bytes, start, end);
  }

  #data(opcode: number, fin: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (opcode !== Opcode.continuation) {
      if (fin) {
        this.#handler.message(bytes, start, end, opcode === Opcode.binary);
        return;
      }
      this.#fragmentsBinary = opcode === Opcode.binary;
      this.#fragmented = true;
    }
    const fragments = this.#fragments;
    if (!fragments.append(bytes, start, end)) {
      this.#outOfMemory();
      return;
    }
    if (!fin) return;
    this.#fragmented = false;
    this.#handler.message(fragments.bytes, 0, fragments.length, this.#fragmentsBinary);
    fragments.reset();
  }

  #close(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) {
      this.stop();
      this.#handler.closed(CloseCode.noneGiven, '');
      return;
    }
    const code = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
    if (!isSendableCloseCode(code)) {
      this.#violate(CloseCode.protocolError, `close code ${code}`);
      return;
    }
    const reason = Buffer.from(bytes.subarray(start + 2, end));
    if (!isUtf8(reason)) {
      this.#violate(CloseCode.invalidUtf8, 'close reason is not UTF-8');
      return;
    }
    this.stop();
    this.#handler.closed(code, reason.toString());
  }

  #wait(bytes: number): number {
    this.#need = bytes;
    return INCOMPLETE;
  }

  #violate(code: number, reason: string): number {
    this.stop();
    this.#handler.violated(code, reason);
    return INCOMPLETE;
  }

  #outOfMemory(): void {
    this.#violate(CloseCode.tooBig, 'no memory left for large messages');
  }
}

/** What is wrong with a frame's first two bytes, if anything. */
function headerFault(first: number, second: number, fragmented: boolean): string | undefined {
  if ((first & RESERVED) !== 0) return 'reserved bits set';
  const opcode = first & 0x0f;
  if (opcode === Opcode.continuation && !fragmented) return 'continuation of nothing';
  if ((opcode === Opcode.text || opcode === Opcode.binary) && fragmented) return 'new message inside another';
  if ((opcode > Opcode.binary && opcode < Opcode.close) || opcode > Opcode.pong) return `opcode ${opcode}`;
  if ((second & MASKED) !== 0) return 'masked frame from a server';
  if (opcode < Opcode.close) return undefined;
  if ((first & FIN) === 0) return 'fragmented control frame';
  if (second > MAX_CONTROL) return 'control frame over 125 bytes';
  if (opcode === Opcode.close && second === 1) return 'close frame of one byte';
  return undefined;
}

/** The payload's length in bytes, or −1 when it is not encoded in the shortest form or has its top bit set. */
function payloadLength(bytes: Uint8Array, at: number, second: number): number {
  if (second < 126) return second;
  if (second === 126) {
    const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    return length < 126 ? -1 : length;
  }
  const high = uint32(bytes, at + 2);
  const length = high * 2 ** 32 + uint32(bytes, at + 6);
  return high >= 2 ** 31 || length < 65_536 ? -1 : length;
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
