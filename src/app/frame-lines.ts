import { frameStart } from './capture-line.ts';

/** One line of input as a frame, or why it is none. */
export interface FrameLine {
  /** 1 = the first. */
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly binary: boolean;
  readonly bad: 'malformed' | 'oversized' | undefined;
}

const NEWLINE = 0x0a;
const NOTHING = new Uint8Array(0);

/**
 * Cuts a byte stream into lines, each one frame: text as it is, binary as `base64:…` or `hex:…`. Memory is bounded: a line over `maxLineBytes` is passed over and
 * reported as oversized. Lines without a frame (blank ones, a recorder's own) are counted, not reported.
 */
export class LineSplitter {
  readonly #max: number;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  /** The beginning of a line whose end has not come yet. */
  #carry: Uint8Array[] = [];
  #carried = 0;
  #line = 0;

  constructor(maxLineBytes: number) {
    this.#max = maxLineBytes;
  }

  /** Lines met so far. */
  get lines(): number {
    return this.#line;
  }

  feed(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next frame that is complete in what was fed; undefined = feed more. */
  next(): FrameLine | undefined {
    for (;;) {
      const end = this.#chunk.indexOf(NEWLINE, this.#at);
      if (end < 0) {
        this.#keep(this.#chunk.subarray(this.#at));
        this.#chunk = NOTHING;
        this.#at = 0;
        return undefined;
      }
      this.#keep(this.#chunk.subarray(this.#at, end));
      this.#at = end + 1;
      const frame = this.#take();
      if (frame !== undefined) return frame;
    }
  }

  /** What stood behind the last line break. */
  end(): FrameLine | undefined {
    return this.#carried === 0 ? undefined : this.#take();
  }

  #keep(part: Uint8Array): void {
    this.#carried += part.length;
    if (this.#carried > this.#max) this.#carry = [];
    // A copy (a Buffer's `slice` would be none), because the stream may reuse the chunk's memory.
    else if (part.length > 0) this.#carry.push(new Uint8Array(part));
  }

  #take(): FrameLine | undefined {
    const carried = this.#carried;
    const bytes = carried > this.#max ? NOTHING : join(this.#carry, carried);
    this.#carry = [];
    this.#carried = 0;
    this.#line += 1;
    if (carried > this.#max) return { line: this.#line, bytes: NOTHING, binary: false, bad: 'oversized' };
    return readFrame(this.#line, trimmed(bytes, this.#line));
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Without the carriage return of a DOS line and the byte-order mark of a DOS file. */
function trimmed(bytes: Uint8Array, line: number): Uint8Array {
  const start = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
  return bytes.subarray(start, end);
}

function readFrame(line: number, recorded: Uint8Array): FrameLine | undefined {
  const start = frameStart(recorded);
  if (start < 0 || isBlank(recorded)) return undefined;
  const bytes = recorded.subarray(start);
  const prefix = String.fromCharCode(...bytes.subarray(0, 7));
  if (prefix.startsWith('base64:')) return binaryFrame(line, fromBase64(textOf(bytes, 7)));
  if (prefix.startsWith('hex:')) return binaryFrame(line, fromHex(textOf(bytes, 4)));
  return { line, bytes, binary: false, bad: undefined };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09);
}

function binaryFrame(line: number, bytes: Uint8Array | undefined): FrameLine {
  return { line, bytes: bytes ?? NOTHING, binary: true, bad: bytes === undefined ? 'malformed' : undefined };
}

function textOf(bytes: Uint8Array, from: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.length - from)
    .toString('latin1')
    .trim();
}

/** Node's reader skips what is not base64; here it is an error. */
function fromBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, '');
  const padded = digits.length !== text.length;
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1 || (padded && text.length % 4 !== 0))
    return undefined;
  return Buffer.from(digits, 'base64');
}

function fromHex(text: string): Uint8Array | undefined {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}
