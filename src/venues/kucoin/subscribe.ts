import { batches } from '../shared/batches.ts';
import type { Channel, SubscribeMessage } from '../venue.ts';

/** Symbols in one subscribe message. */
const SYMBOLS_PER_MESSAGE = 100;

const TOPIC: Readonly<Record<Channel, string>> = { quote: '/spotMarket/level1:', trade: '/market/match:' };

/**
 * `{"id":"1","type":"subscribe","topic":"/spotMarket/level1:BTC-USDT,ETH-USDT","privateChannel":false,"response":true}`, acknowledged as a whole by its id.
 * Pushes carry the topic of one symbol.
 */
export function subscribe(
  nativeIds: readonly string[],
  channels: readonly Channel[],
  firstId: number,
): SubscribeMessage[] {
  const requests = channels.flatMap((channel) =>
    batches(nativeIds, SYMBOLS_PER_MESSAGE).map((symbols) => ({ channel, symbols })),
  );
  return requests.map(({ channel, symbols }, i) => {
    const id = String(firstId + i);
    const topic = TOPIC[channel] + symbols.join(',');
    return {
      text: JSON.stringify({ id, type: 'subscribe', topic, privateChannel: false, response: true }),
      requestId: id,
      topics: symbols.map((nativeId) => ({ nativeId, channel, key: TOPIC[channel] + nativeId })),
    };
  });
}
