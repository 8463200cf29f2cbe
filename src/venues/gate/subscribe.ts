import { batches } from '../shared/batches.ts';
import type { Channel, SubscribeMessage } from '../venue.ts';

const IDS_PER_MESSAGE = 100;

const CHANNEL: Readonly<Record<Channel, string>> = { quote: 'spot.book_ticker', trade: 'spot.trades' };

/**
 * `{"time":1611541000,"id":1,"channel":"spot.book_ticker","event":"subscribe","payload":["BTC_USDT","ETH_USDT"]}`, acknowledged as a whole by its id. `time` is in
 * seconds and has to be near the server's.
 */
export function subscribe(
  nativeIds: readonly string[],
  channels: readonly Channel[],
  firstId: number,
  nowMs: number,
): SubscribeMessage[] {
  const time = Math.floor(nowMs / 1_000);
  const requests = channels.flatMap((channel) =>
    batches(nativeIds, IDS_PER_MESSAGE).map((payload) => ({ channel, payload })),
  );
  return requests.map(({ channel, payload }, i) => ({
    text: JSON.stringify({ time, id: firstId + i, channel: CHANNEL[channel], event: 'subscribe', payload }),
    requestId: String(firstId + i),
    topics: payload.map((nativeId) => ({ nativeId, channel, key: topicKey(CHANNEL[channel], nativeId) })),
  }));
}

/** How a refusal that names a pair is matched with its topic. */
export function topicKey(channel: string, nativeId: string): string {
  return `${channel}:${nativeId}`;
}
