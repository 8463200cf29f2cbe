import type { Socket } from 'node:net';
import { CloseCode } from './close-code.ts';
import { dial } from './dial.ts';
import { type FrameHandler, FrameReader } from './frame-reader.ts';
import { closeFrame, pingFrame, pongFrame, textFrame } from './frame-writer.ts';
import { destroyWithin } from './socket-end.ts';
import type { SocketReader, SocketReads } from './socket-reads.ts';
import type { OpenTransport, Transport, TransportHandler, TransportOptions } from './transport.ts';

const CLOSE_GRACE_MS = 250;
const EMPTY = new Uint8Array(0);

/** Our own receiving half on the socket that `dial` opened. */
export const openRawTransport: OpenTransport = async (options) => {
  const { socket, reads } = await dial(options.url, options);
  return new RawTransport(socket, reads, options);
};

class RawTransport implements Transport, FrameHandler, SocketReader {
  readonly #socket: Socket;
  readonly #reads: SocketReads;
  readonly #handler: TransportHandler;
  readonly #reader: FrameReader;
  #over = false;
  #saidGoodbye = false;

  constructor(socket: Socket, reads: SocketReads, options: TransportOptions) {
    this.#socket = socket;
    this.#reads = reads;
    this.#handler = options.handler;
    this.#reader = new FrameReader(this, options.maxMessageBytes, options.budget);
    socket.setTimeout(0);
    socket.on('error', (error) => this.#end(CloseCode.abnormal, error.message));
    socket.on('close', () => this.#end(CloseCode.abnormal, 'the socket closed'));
  }

  start(): void {
    if (this.#socket.destroyed) this.#end(CloseCode.abnormal, 'the socket closed');
    else this.#reads.start(this);
  }

  pause(): void {
    if (!this.#over) this.#reads.pause();
  }

  resume(): void {
    if (!this.#over) this.#reads.resume();
  }

  sendText(text: string): void {
    this.#write(textFrame(text));
  }

  sendPing(): void {
    this.#write(pingFrame(EMPTY));
  }

  sendPong(payload: Uint8Array): void {
    this.#write(pongFrame(payload));
  }

  farewell(code: number): void {
    this.resume();
    this.#sayGoodbye(code);
  }

  close(code: number, graceMs: number): Promise<void> {
    this.#sayGoodbye(code);
    this.#silence();
    return destroyWithin(this.#socket, graceMs);
  }

  terminate(): void {
    this.#silence();
    this.#socket.destroy();
  }

  receive(bytes: Uint8Array, length: number): void {
    if (this.#over) return;
    this.#handler.received();
    this.#reader.push(bytes, length);
    // Whoever ended the connection inside the chunk has closed its books already.
    if (!this.#over) this.#handler.batchEnd();
  }

  ended(): void {
    this.#end(CloseCode.abnormal, 'the peer closed the socket');
  }

  message(bytes: Uint8Array, start: number, end: number, binary: boolean): void {
    this.#handler.message(bytes, start, end, binary);
  }

  pinged(payload: Uint8Array): void {
    this.#handler.pinged(payload);
  }

  ponged(): void {
    this.#handler.ponged();
  }

  closed(code: number, reason: string): void {
    this.#sayGoodbye(code);
    this.#end(code, reason);
  }

  violated(code: number, reason: string): void {
    this.#sayGoodbye(code);
    this.#end(code, reason);
  }

  /** One close frame, whoever began. */
  #sayGoodbye(code: number): void {
    if (this.#saidGoodbye) return;
    this.#write(closeFrame(code));
    this.#saidGoodbye = true;
  }

  #write(frame: Buffer): void {
    if (!this.#over && this.#socket.writable) this.#socket.write(frame);
  }

  #end(code: number, reason: string): void {
    if (this.#over) return;
    this.#silence();
    // Time for a close frame of ours to leave.
    void destroyWithin(this.#socket, CLOSE_GRACE_MS);
    this.#handler.closed(code, reason);
  }

  #silence(): void {
    this.#over = true;
    this.#reader.stop();
    this.#reads.drop();
  }
}
