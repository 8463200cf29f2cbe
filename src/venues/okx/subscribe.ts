import { batches } from '../shared/batches.ts';
import type { Channel, SubscribeMessage, Topic } from '../venue.ts';

/** Args in one message: far below its 64 KB, and a message is one of 480 an hour. */
const ARGS_PER_MESSAGE = 100;

const CHANNEL: Readonly<Record<Channel, string>> = { quote: 'bbo-tbt', trade: 'trades' };

/** `{"id":"1","op":"subscribe","args":[{"channel":"bbo-tbt","instId":"BTC-USDT"}]}`; each arg is acknowledged by itself. */
export function subscribe(
  nativeIds: readonly string[],
  channels: readonly Channel[],
  firstId: number,
): SubscribeMessage[] {
  const topics: Topic[] = channels.flatMap((channel) =>
    nativeIds.map((nativeId) => ({ nativeId, channel, key: topicKey(CHANNEL[channel], nativeId) })),
  );
  return batches(topics, ARGS_PER_MESSAGE).map((batch, i) => {
    const requestId = String(firstId + i);
    const args = batch.map((topic) => ({ channel: CHANNEL[topic.channel], instId: topic.nativeId }));
    return { text: JSON.stringify({ id: requestId, op: 'subscribe', args }), requestId, topics: batch };
  });
}

/** How an acknowledgement or refusal of one arg is matched with it. */
export function topicKey(channel: string, instId: string): string {
  return `${channel}:${instId}`;
}
