import { randomFillSync } from 'node:crypto';
import { isSendableCloseCode } from './close-code.ts';

/** Masked client frames (RFC 6455 §5.3) for the few things that we send. */
export function textFrame(text: string): Buffer {
  return clientFrame(0x81, Buffer.from(text));
}

/** @param payload at most 125 bytes */
export function pingFrame(payload: Uint8Array): Buffer {
  return clientFrame(0x89, payload);
}

/** @param payload what the ping carried, at most 125 bytes */
export function pongFrame(payload: Uint8Array): Buffer {
  return clientFrame(0x8a, payload);
}

/** A close frame; a code that may not be sent (1005, 1006 …) makes an empty one. */
export function closeFrame(code: number): Buffer {
  if (!isSendableCloseCode(code)) return clientFrame(0x88, new Uint8Array(0));
  return clientFrame(0x88, Uint8Array.of(code >> 8, code & 0xff));
}

function clientFrame(first: number, payload: Uint8Array): Buffer {
  const length = payload.length;
  const maskAt = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(maskAt + 4 + length);
  frame[0] = first;
  if (length < 126) frame[1] = 0x80 | length;
  else if (length < 65_536) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  randomFillSync(frame, maskAt, 4);
  for (let i = 0; i < length; i += 1) {
    frame[maskAt + 4 + i] = (payload[i] as number) ^ (frame[maskAt + (i & 3)] as number);
  }
  return frame;
}
