import { batches } from '../shared/batches.ts';
import type { Channel, SubscribeMessage, Topic } from '../venue.ts';

/** Params in one SUBSCRIBE. A connection may have 1,024 streams; we use at most 400. */
const PARAMS_PER_MESSAGE = 200;

const STREAM: Readonly<Record<Channel, string>> = { quote: '@bookTicker', trade: '@trade' };

/** `{"method":"SUBSCRIBE","params":["btcusdt@bookTicker","btcusdt@trade"],"id":1}`, acknowledged as a whole by its id. Names are lower case. */
export function subscribe(
  nativeIds: readonly string[],
  channels: readonly Channel[],
  firstId: number,
): SubscribeMessage[] {
  const topics: Topic[] = channels.flatMap((channel) =>
    nativeIds.map((nativeId) => ({ nativeId, channel, key: nativeId.toLowerCase() + STREAM[channel] })),
  );
  return batches(topics, PARAMS_PER_MESSAGE).map((batch, i) => ({
    text: JSON.stringify({ method: 'SUBSCRIBE', params: batch.map((topic) => topic.key), id: firstId + i }),
    requestId: String(firstId + i),
    topics: batch,
  }));
}
