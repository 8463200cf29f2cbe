/** Close codes of RFC 6455 §7.4.1 that the runtime uses itself. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  noneGiven: 1005,
  abnormal: 1006,
  invalidUtf8: 1007,
  tooBig: 1009,
} as const;

/** Whether a peer may put this code into a close frame. */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 1000 && code <= 1014) return code !== 1004 && code !== 1005 && code !== 1006;
  return code >= 3000 && code <= 4999;
}
