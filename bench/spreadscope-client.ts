import type { Instrument } from '../src/core/instruments.ts';
import { QUOTE_SCHEMA, TRADE_SCHEMA } from '../src/core/records.ts';
import { systemClock } from '../src/feed/clock.ts';
import { Feed } from '../src/feed/feed.ts';
import { createRing, RingConsumer } from '../src/ring/ring.ts';
import { VENUES } from '../src/venues/index.ts';
import { NativeIdTable } from '../src/venues/shared/symbol-table.ts';
import type { WireClient } from './wire-contract.ts';

const say = (message: string): void => console.error(message);

/** The feed and a reader of its quote ring, both on this one thread. */
export function spreadscopeClient(transport: 'raw' | 'ws'): WireClient {
  return async (port, nativeIds, meter) => {
    const consumers = [{ name: 'bench', policy: 'gate' }] as const;
    const quoteRing = createRing('quotes', QUOTE_SCHEMA, 2 ** 16, consumers);
    const feed = new Feed({
      setups: [{ venue: VENUES.binance, endpoints: { rest: '', ws: `ws://127.0.0.1:${port}/binance` } }],
      channels: ['quote'],
      transport,
      quoteRing,
      tradeRing: createRing('trades', TRADE_SCHEMA, 2 ** 10, consumers),
      instrumentCapacity: nativeIds.length,
      createSymbolTable: (capacity) => new NativeIdTable(capacity),
      clock: systemClock(),
      random: Math.random,
      log: { info: say, warn: say, error: say },
    });
    feed.setInstruments('binance', nativeIds.map(instrumentOf));
    const ring = new RingConsumer(quoteRing, 'bench');
    const { bid, bidSize, ask, askSize } = ring.columns;
    const take = (): void => {
      let rows = Math.min(ring.available(), meter.room());
      while (rows > 0) {
        let sum = 0;
        for (let i = 0; i < rows; i += 1) {
          const slot = ring.slot(i);
          sum +=
            (bid[slot] as number) +
            (bidSize[slot] as number) +
            (ask[slot] as number) +
            (askSize[slot] as number);
        }
        ring.release(rows);
        meter.add(rows, sum);
        rows = Math.min(ring.available(), meter.room());
      }
      setImmediate(take);
    };
    take();
  };
}

export function instrumentOf(nativeId: string, instrument: number): Instrument {
  const base = nativeId.replace(/USDT$/, '');
  return {
    instrument,
    venue: 'binance',
    nativeId,
    symbol: `${base}-USDT`,
    base,
    quote: 'USDT',
    takerFee: 0.001,
  };
}
