import { batches } from '../shared/batches.ts';
import type { Channel, SubscribeMessage, Topic } from '../venue.ts';

/** A connection may have 30 subscriptions; one message can ask for all of them. */
const PARAMS_PER_MESSAGE = 30;

const CHANNEL_PREFIX: Readonly<Record<Channel, string>> = {
  quote: 'spot@public.aggre.bookTicker.v3.api.pb@10ms@',
  trade: 'spot@public.aggre.deals.v3.api.pb@10ms@',
};

/**
 * `{"method":"SUBSCRIPTION","params":["spot@public.aggre.bookTicker.v3.api.pb@10ms@BTCUSDT",…],"id":1}`, acknowledged by its id or by the channels. What is
 * refused is refused channel by channel.
 */
export function subscribe(
  nativeIds: readonly string[],
  channels: readonly Channel[],
  firstId: number,
): SubscribeMessage[] {
  const topics: Topic[] = channels.flatMap((channel) =>
    nativeIds.map((nativeId) => ({ nativeId, channel, key: CHANNEL_PREFIX[channel] + nativeId })),
  );
  return batches(topics, PARAMS_PER_MESSAGE).map((batch, i) => ({
    text: JSON.stringify({
      method: 'SUBSCRIPTION',
      params: batch.map((topic) => topic.key),
      id: firstId + i,
    }),
    requestId: String(firstId + i),
    topics: batch,
  }));
}
