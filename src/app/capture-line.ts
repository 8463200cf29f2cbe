/** The time that a recorder wrote before a frame: seconds since the epoch. */
const TIME_STAMP = /^\d{9,}(?:\.\d+)?: /;
const ADDRESS = /^(?:wss?|https?):\/\//;
/** No time stamp or scheme is longer. */
const HEAD_BYTES = 40;

/**
 * Where the frame begins in a line of a capture: 0 when the line is the frame, −1 when it has none. Recorders write `TIME: TEXT` for what an exchange sent; their
 * lines that begin with an address (`URL <-> TIME`, `URL <- TIME: TEXT`, `URL -> TIME: BODY`) say what was opened, asked and fetched.
 */
export function frameStart(line: Uint8Array): number {
  const first = line[0] ?? 0;
  const digit = first >= 0x30 && first <= 0x39;
  if (!digit && first !== 0x77 && first !== 0x68) return 0;
  const head = String.fromCharCode(...line.subarray(0, HEAD_BYTES));
  if (digit) return TIME_STAMP.exec(head)?.[0].length ?? 0;
  return ADDRESS.test(head) ? -1 : 0;
}
