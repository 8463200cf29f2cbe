import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const READ_EVERY_MS = 100;
const GONE = 1006;

export interface StreamSocketEvents {
  opened(): void;
  /** The payload of one text frame. */
  message(payload: Buffer): void;
  /** Told once; 1006 = without a close frame. */
  closed(code: number): void;
}

/** A WebSocket client of ours on a bare socket: cheaper than a library, so that the clients leave the machine to what is measured. */
export class StreamSocket {
  readonly #socket: Socket;
  readonly #events: StreamSocketEvents;
  readonly #reading: NodeJS.Timeout | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #open = false;
  #code = GONE;

  /** @param bytesPerSecond reads no faster than this (a token bucket of a tenth of a second) */
  constructor(url: string, events: StreamSocketEvents, bytesPerSecond?: number) {
    const { hostname, port, pathname } = new URL(url);
    this.#events = events;
    this.#socket = connect(Number(port), hostname, () =>
      this.#socket.write(handshake(hostname, port, pathname)),
    );
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.once('close', () => {
      clearInterval(this.#reading);
      events.closed(this.#code);
    });
    if (bytesPerSecond === undefined) {
      this.#socket.on('data', (chunk) => this.#take(chunk));
      return;
    }
    // The stream stays paused: what is not read stays in the kernel, as with a slow network.
    this.#socket.on('readable', () => undefined);
    this.#reading = setInterval(() => this.#sip((bytesPerSecond * READ_EVERY_MS) / 1000), READ_EVERY_MS);
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  send(message: unknown): void {
    this.#socket.write(maskedFrame(1, Buffer.from(JSON.stringify(message))));
  }

  /** Breaks off without a goodbye. */
  cut(): void {
    this.#socket.destroy();
  }

  #sip(bytes: number): void {
    const chunk = this.#socket.read(Math.min(Math.ceil(bytes), this.#socket.readableLength)) as Buffer | null;
    if (chunk !== null) this.#take(chunk);
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#open) {
      const end = bytes.indexOf('\r\n\r\n');
      this.#rest = bytes;
      if (end < 0) return;
      if (!bytes.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 101')) {
        this.#socket.destroy();
        return;
      }
      this.#open = true;
      bytes = bytes.subarray(end + 4);
      this.#events.opened();
    }
    this.#rest = this.#frames(bytes);
  }

  /** Handles whole frames; answers what is left. */
  #frames(bytes: Buffer): Buffer {
    let at = 0;
    while (bytes.length - at >= 2) {
      let length = (bytes[at + 1] as number) & 0x7f;
      let head = 2;
      if (length === 126) {
        if (bytes.length - at < 4) break;
        length = bytes.readUInt16BE(at + 2);
        head = 4;
      } else if (length === 127) {
        if (bytes.length - at < 10) break;
        length = Number(bytes.readBigUInt64BE(at + 2));
        head = 10;
      }
      if (bytes.length - at < head + length) break;
      this.#frame((bytes[at] as number) & 0x0f, bytes.subarray(at + head, at + head + length));
      at += head + length;
    }
    return bytes.subarray(at);
  }

  #frame(opcode: number, payload: Buffer): void {
    if (opcode === 1) this.#events.message(payload);
    else if (opcode === 9) this.#socket.write(maskedFrame(10, payload));
    else if (opcode === 8) {
      this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#socket.end(maskedFrame(8, payload.subarray(0, 2)));
    }
  }
}

function handshake(host: string, port: string, path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');
}

function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 8 : 6);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, payload]);
}
