import { batches } from '../shared/batches.ts';
import type { Channel, SubscribeMessage, Topic } from '../venue.ts';

/** Topics in one message; the limit is 4,096 bytes of them, about 60 each. */
const TOPICS_PER_MESSAGE = 20;

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = { quote: 'books1', trade: 'trade' };

/** How a topic is named in acknowledgements and refusals: channel and symbol. */
export function topicKey(channel: string, nativeId: string): string {
  return `${channel}:${nativeId}`;
}

/** `{"op":"subscribe","args":[{"instType":"SPOT","channel":"books1","instId":"BTCUSDT"},…]}`, acknowledged topic by topic; there are no request ids. */
export function subscribe(nativeIds: readonly string[], channels: readonly Channel[]): SubscribeMessage[] {
  const topics: Topic[] = channels.flatMap((channel) =>
    nativeIds.map((nativeId) => ({ nativeId, channel, key: topicKey(CHANNEL_NAMES[channel], nativeId) })),
  );
  return batches(topics, TOPICS_PER_MESSAGE).map((batch) => {
    const args = batch.map(({ channel, nativeId }) => ({
      instType: 'SPOT',
      channel: CHANNEL_NAMES[channel],
      instId: nativeId,
    }));
    return { text: JSON.stringify({ op: 'subscribe', args }), requestId: undefined, topics: batch };
  });
}
