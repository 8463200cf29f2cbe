/** The other side of `fanout`: stream clients on bare sockets, which cost far less than a library's, in a process of their own. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';

/** Of so many clients one reads what it gets, for the delays. */
const SAMPLED = 10;
const [port = 0, clients = 0] = process.argv.slice(2).map(Number);
const TOPICS = ['venues', 'routes', 'route/BTC-USDT:okx:gate'];

const counts = { frames: 0, bytes: 0, closed: 0, holes: 0 };
let delays: number[] = [];

class Reader {
  readonly #socket: Socket;
  readonly #sampled: boolean;
  readonly #seqs = new Map<string, number>();
  #rest: Buffer = Buffer.alloc(0);
  #open = false;

  constructor(socket: Socket, sampled: boolean) {
    this.#socket = socket;
    this.#sampled = sampled;
  }

  take(chunk: Buffer): void {
    let data: Buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#open) {
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#rest = data;
        return;
      }
      assert.match(data.toString('latin1', 0, end), /^HTTP\/1\.1 101/);
      this.#open = true;
      data = data.subarray(end + 4);
    }
    this.#rest = this.#frames(data);
  }

  #frames(data: Buffer): Buffer {
    let at = 0;
    while (data.length - at >= 2) {
      const short = data.readUInt8(at + 1);
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length - at < header) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? data.readUInt16BE(at + 2)
            : Number(data.readBigUInt64BE(at + 2));
      if (data.length - at < header + length) break;
      this.#frame(data.readUInt8(at) & 15, data.subarray(at + header, at + header + length));
      at += header + length;
    }
    return data.subarray(at);
  }

  #frame(opcode: number, payload: Buffer): void {
    if (opcode === 9) this.#socket.write(masked(0x8a, payload));
    else if (opcode === 8) counts.closed++;
    else {
      counts.frames++;
      counts.bytes += payload.length;
      if (this.#sampled) this.#read(payload);
    }
  }

  #read(payload: Buffer): void {
    const { topic, seq, type, time } = JSON.parse(payload.toString()) as {
      topic: string;
      seq: number;
      type: string;
      time: number;
    };
    if (type === 'update' && seq !== (this.#seqs.get(topic) ?? 0) + 1) counts.holes++;
    this.#seqs.set(topic, seq);
    delays.push((performance.timeOrigin + performance.now()) * 1000 - time);
  }
}

function masked(first: number, payload: Buffer): Buffer {
  assert.ok(payload.length < 126);
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

function open(index: number): void {
  const socket = connect(port, '127.0.0.1');
  const reader = new Reader(socket, index % SAMPLED === 0);
  socket.on('data', (chunk) => reader.take(chunk));
  socket.on('error', () => counts.closed++);
  socket.write(
    'GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  for (const topic of TOPICS) {
    socket.write(masked(0x81, Buffer.from(JSON.stringify({ op: 'subscribe', topic }))));
  }
}

for (let i = 0; i < clients; i++) open(i);

/** `reset` begins a measurement, `report` ends it. */
process.on('message', (word) => {
  if (word === 'report') process.send?.({ ...counts, delays });
  counts.frames = 0;
  counts.bytes = 0;
  counts.holes = 0;
  delays = [];
});
