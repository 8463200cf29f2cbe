import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { WebSocket } from 'ws';

export interface Frame {
  /** The text; of a binary frame what it decompresses to, or '' when it is no gzip. */
  readonly text: string;
  readonly bytes: Buffer;
  readonly binary: boolean;
}

/** A plain `ws` client that remembers what it was sent and lets a test wait for a frame. */
export class Client {
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #ws: WebSocket;
  #wake: () => void = () => undefined;

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
    ws.on('message', (data, binary) => {
      const bytes = data as Buffer;
      const gzip = binary && bytes[0] === 0x1f && bytes[1] === 0x8b;
      const text = gzip ? gunzipSync(bytes).toString() : binary ? '' : bytes.toString();
      this.frames.push({ text, bytes, binary });
      this.#wake();
    });
    ws.on('error', () => ws.terminate());
  }

  /** Dials; rejects when the dial is refused. */
  static async dial(url: string): Promise<Client> {
    const ws = new WebSocket(url);
    const client = new Client(ws);
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    return client;
  }

  send(message: unknown): void {
    this.#ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first frame, from those there are on, that fits; the test's own time limit is the limit. */
  async frame(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (let next = 0; ; ) {
      for (; next < this.frames.length; next += 1) {
        const each = this.frames[next] as Frame;
        if (fits(each)) return each;
      }
      if (this.#ws.readyState === WebSocket.CLOSED) assert.fail('closed before the frame came');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The first JSON message that fits. */
  async json(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    let found: Record<string, unknown> = {};
    await this.frame(({ text }) => {
      if (!text.startsWith('{')) return false;
      found = JSON.parse(text);
      return fits(found);
    });
    return found;
  }

  async close(): Promise<void> {
    this.#ws.terminate();
    await this.closed;
  }
}
