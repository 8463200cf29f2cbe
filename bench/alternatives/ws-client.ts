import WebSocket from 'ws';
import type { WireClient } from '../wire-contract.ts';

/** A bare `ws` reader that does nothing with its messages but count them. */
export const wsClient: WireClient = async (port, _nativeIds, meter) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/binance/stream`, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  socket.on('error', (error) => {
    throw error;
  });
  socket.on('message', () => meter.add(1, 0));
};
