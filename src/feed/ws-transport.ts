import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { CloseCode } from './close-code.ts';
import { DialError } from './dial.ts';
import { destroyWithin } from './socket-end.ts';
import type { OpenTransport, Transport, TransportHandler } from './transport.ts';

/** The `ws` library in the place of our own receiving half: the fallback, and the rival that benchmarks compare with. */
export const openWsTransport: OpenTransport = (options) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      // As in our own reader: decoders read bytes and count what is malformed.
      skipUTF8Validation: true,
      maxPayload: options.maxMessageBytes,
      handshakeTimeout: options.timeoutMs,
      followRedirects: false,
      autoPong: false,
    });
    const transport = new WsTransport(socket, options.handler);
    const abort = (): void => fail(new DialError('aborted'));
    const settle = (): void => {
      options.signal.removeEventListener('abort', abort);
      socket.off('error', failed);
    };
    const fail = (error: DialError): void => {
      settle();
      transport.terminate();
      reject(error);
    };
    const failed = (error: Error): void => fail(new DialError(error.message, undefined, { cause: error }));
    options.signal.addEventListener('abort', abort);
    socket.on('error', failed);
    socket.once('unexpected-response', (_request, response) => {
      fail(new DialError(`HTTP ${response.statusCode ?? '?'} instead of a WebSocket`, response.statusCode));
    });
    socket.once('upgrade', (response) => transport.upgraded(response.socket));
    socket.once('open', () => {
      settle();
      transport.open();
      resolve(transport);
    });
    if (options.signal.aborted) abort();
  });

class WsTransport implements Transport {
  readonly #ws: WebSocket;
  readonly #handler: TransportHandler;
  #socket: Duplex | undefined;
  #over = false;

  constructor(ws: WebSocket, handler: TransportHandler) {
    this.#ws = ws;
    this.#handler = handler;
    ws.binaryType = 'nodebuffer';
    ws.on('message', (data: Buffer, binary: boolean) => {
      if (!this.#over) this.#handler.message(data, 0, data.length, binary);
    });
    ws.on('ping', (payload: Buffer) => {
      if (!this.#over) this.#handler.pinged(payload);
    });
    ws.on('pong', () => {
      if (!this.#over) this.#handler.ponged();
    });
    ws.on('error', (error) => this.#end(codeOf(error), error.message));
    ws.on('close', (code, reason) => this.#end(code, reason.toString()));
  }

  upgraded(socket: Duplex): void {
    this.#socket = socket;
  }

  /**
   * The library listens to the socket now; ours go around its listener: the stamp comes first, the batch end last. Any earlier, a listener would set the
   * socket flowing, and what came with the handshake's reply (a greeting) would pass before the library listens.
   */
  open(): void {
    this.#ws.pause();
    this.#socket?.prependListener('data', () => {
      if (!this.#over) this.#handler.received();
    });
    this.#socket?.on('data', () => {
      if (!this.#over) this.#handler.batchEnd();
    });
  }

  start(): void {
    this.#ws.resume();
  }

  pause(): void {
    if (!this.#over) this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  sendText(text: string): void {
    if (this.#sendable()) this.#ws.send(text);
  }

  sendPing(): void {
    if (this.#sendable()) this.#ws.ping();
  }

  sendPong(payload: Uint8Array): void {
    if (this.#sendable()) this.#ws.pong(payload);
  }

  farewell(code: number): void {
    this.#ws.resume();
    this.#ws.close(code);
  }

  close(code: number, graceMs: number): Promise<void> {
    this.#over = true;
    this.#ws.resume();
    this.#ws.close(code);
    return this.#socket === undefined ? Promise.resolve() : destroyWithin(this.#socket, graceMs);
  }

  terminate(): void {
    this.#over = true;
    this.#ws.terminate();
  }

  #sendable(): boolean {
    return !this.#over && this.#ws.readyState === WebSocket.OPEN;
  }

  #end(code: number, reason: string): void {
    if (this.#over || this.#socket === undefined) return;
    this.#over = true;
    this.#ws.terminate();
    this.#handler.closed(code, reason);
  }
}

/** The close code that the library means by one of its receive errors. */
function codeOf(error: Error & { code?: string }): number {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return CloseCode.tooBig;
  if (error.code === 'WS_ERR_INVALID_UTF8') return CloseCode.invalidUtf8;
  return error.code?.startsWith('WS_ERR') === true ? CloseCode.protocolError : CloseCode.abnormal;
}
