import type { TrueQuote } from '../src/simulator/index.ts';
import type { ClientReport } from './overload-protocol.ts';

/** Wrong ones that are named. */
const MOST_NAMED = 20;

/** Compares what each client saw last with what the venues published last. A venue that has published nothing of a symbol is not compared. */
export function compareViews(
  views: ClientReport['views'],
  truth: readonly TrueQuote[],
): { readonly compared: number; readonly wrong: readonly string[] } {
  const known = new Map(truth.map((quote) => [`${quote.venue} ${quote.symbol}`, quote]));
  const wrong: string[] = [];
  let compared = 0;
  for (const { client, symbol, quotes } of views) {
    for (const seen of quotes) {
      const sent = known.get(`${seen.venue} ${symbol}`);
      if (sent === undefined) continue;
      compared += 1;
      const [right, got] = [valuesOf(sent), valuesOf(seen)];
      if (right === got || wrong.length >= MOST_NAMED) continue;
      wrong.push(`client ${client}, ${symbol} on ${seen.venue}: sent ${right}, seen ${got}`);
    }
  }
  return { compared, wrong };
}

type Values = Pick<TrueQuote, 'bid' | 'bidSize' | 'ask' | 'askSize' | 'venueTime'>;

function valuesOf({ bid, bidSize, ask, askSize, venueTime }: Values): string {
  return [bid, bidSize, ask, askSize, venueTime].join(' ');
}
