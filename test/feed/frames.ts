import { ByteBudget } from '../../src/feed/byte-budget.ts';
import { FrameReader } from '../../src/feed/frame-reader.ts';

/** Builds a server frame. `bits` are the first byte's reserved bits; `mask` sets the mask bit with a zero key. */
export function serverFrame(
  opcode: number,
  payload: Uint8Array | string,
  options: { fin?: boolean; bits?: number; mask?: boolean; lengthBytes?: 0 | 2 | 8 } = {},
): Buffer {
  const body = Buffer.from(payload as string);
  const first = (options.fin === false ? 0 : 0x80) | (options.bits ?? 0) | opcode;
  const maskBit = options.mask === true ? 0x80 : 0;
  const lengthBytes = options.lengthBytes ?? (body.length < 126 ? 0 : body.length < 65_536 ? 2 : 8);
  const head = Buffer.alloc(2 + lengthBytes + (options.mask === true ? 4 : 0));
  head[0] = first;
  if (lengthBytes === 0) head[1] = maskBit | body.length;
  else if (lengthBytes === 2) {
    head[1] = maskBit | 126;
    head.writeUInt16BE(body.length, 2);
  } else {
    head[1] = maskBit | 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}

export function closePayload(code: number, reason: Uint8Array | string = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason as string)]);
}

/** What came out of a reader, as comparable lines. */
export type Outcome = string[];

/** Feeds chunks to a fresh reader and notes all it tells. */
export function read(chunks: readonly Uint8Array[], maxMessageBytes = 100_000): Outcome {
  const outcome: Outcome = [];
  const budget = new ByteBudget(1e8);
  const reader = new FrameReader(
    {
      message: (bytes, start, end, binary) => {
        outcome.push(
          `${binary ? 'binary' : 'text'} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`,
        );
      },
      pinged: (payload) => outcome.push(`ping ${Buffer.from(payload).toString('hex')}`),
      ponged: (payload) => outcome.push(`pong ${Buffer.from(payload).toString('hex')}`),
      closed: (code, reason) => outcome.push(`close ${code} ${reason}`),
      violated: (code) => outcome.push(`violation ${code}`),
    },
    maxMessageBytes,
    budget,
  );
  for (const chunk of chunks) reader.push(chunk);
  reader.stop();
  if (budget.used !== 0) outcome.push(`still holds ${budget.used} bytes`);
  return outcome;
}

/** Cuts the stream at these places. */
export function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set([0, ...places, stream.length])].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => stream.subarray(sorted[i], end));
}
