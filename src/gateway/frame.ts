const FINAL_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/**
 * A whole WebSocket text frame as a server sends it (unmasked), made once and written to the socket of every client that gets it. `ws.send` would make a header
 * and two writes for each of them; without compression its frames and ours can take turns on a socket.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < LENGTH_16 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(header + length);
  frame[0] = FINAL_TEXT;
  if (header === 2) {
    frame[1] = length;
  } else if (header === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header, 'utf8');
  return frame;
}

const PING = 0x89;

/** A ping that carries its number. */
export function pingFrame(number: number): Buffer {
  const frame = Buffer.allocUnsafe(6);
  frame[0] = PING;
  frame[1] = 4;
  frame.writeUInt32BE(number, 2);
  return frame;
}

/** The number in a pong; NaN if it is not an answer to one of our pings. */
export function pongNumber(payload: Buffer): number {
  return payload.length === 4 ? payload.readUInt32BE(0) : Number.NaN;
}
