import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import type { ClientMessage } from '../../src/wire/stream.ts';

export interface Message {
  readonly topic: string | null;
  readonly type: 'snapshot' | 'update' | 'error';
  readonly seq: number;
  readonly code?: string;
  readonly [field: string]: unknown;
}

/** A client of the stream that keeps what it heard. */
export class StreamClient {
  readonly ws: WebSocket;
  readonly heard: Message[] = [];
  readonly closed: Promise<number>;
  #wake: () => void = () => {};

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => {
      this.heard.push(JSON.parse(String(data)) as Message);
      this.#wake();
    });
    this.closed = new Promise((done) => ws.once('close', done));
  }

  static async open(url: string, options: ClientOptions = {}): Promise<StreamClient> {
    const client = new StreamClient(new WebSocket(`${url.replace('http', 'ws')}/api/v1/stream`, options));
    await once(client.ws, 'open');
    return client;
  }

  send(message: ClientMessage | string | Buffer): void {
    this.ws.send(
      typeof message === 'object' && !Buffer.isBuffer(message) ? JSON.stringify(message) : message,
    );
  }

  /** The first message, of those heard and to come, that `matches`. */
  async until(matches: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.heard.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((done) => {
        this.#wake = done;
      });
    }
  }
}
