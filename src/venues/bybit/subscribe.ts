import { batches } from '../shared/batches.ts';
import type { Channel, SubscribeMessage, Topic } from '../venue.ts';

/** More args in one message and the whole of it is refused. */
const ARGS_PER_MESSAGE = 10;

const TOPIC: Readonly<Record<Channel, string>> = { quote: 'orderbook.1.', trade: 'publicTrade.' };

/** `{"req_id":"1","op":"subscribe","args":["orderbook.1.BTCUSDT","publicTrade.BTCUSDT"]}`, acknowledged as a whole by its req_id. */
export function subscribe(
  nativeIds: readonly string[],
  channels: readonly Channel[],
  firstId: number,
): SubscribeMessage[] {
  const topics: Topic[] = channels.flatMap((channel) =>
    nativeIds.map((nativeId) => ({ nativeId, channel, key: TOPIC[channel] + nativeId })),
  );
  return batches(topics, ARGS_PER_MESSAGE).map((batch, i) => {
    const requestId = String(firstId + i);
    const args = batch.map((topic) => topic.key);
    return { text: JSON.stringify({ req_id: requestId, op: 'subscribe', args }), requestId, topics: batch };
  });
}
