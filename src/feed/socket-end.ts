import type { Duplex } from 'node:stream';

/** Ends our side, gives the peer `graceMs` to end its own, then destroys the socket. Resolves when it is gone. */
export function destroyWithin(socket: Duplex, graceMs: number): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), graceMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    // Unread bytes would keep the peer's end from being seen.
    socket.resume();
    socket.end();
  });
}
