import type { Channel, SubscribeMessage } from '../venue.ts';

const CHANNEL_SUFFIX: Readonly<Record<Channel, string>> = { quote: '@bookTicker', trade: '@trade' };

/** `{"id":"1","reqType":"sub","dataType":"BTC-USDT@bookTicker"}`, one message a topic, acknowledged by its id alone. */
export function subscribe(
  nativeIds: readonly string[],
  channels: readonly Channel[],
  firstId: number,
): SubscribeMessage[] {
  const topics = channels.flatMap((channel) =>
    nativeIds.map((nativeId) => ({ nativeId, channel, key: nativeId + CHANNEL_SUFFIX[channel] })),
  );
  return topics.map((topic, i) => {
    const id = String(firstId + i);
    return {
      text: JSON.stringify({ id, reqType: 'sub', dataType: topic.key }),
      requestId: id,
      topics: [topic],
    };
  });
}
