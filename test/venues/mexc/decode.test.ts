import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { mexc } from '../../../src/venues/mexc/index.ts';
import { decodeAll, type JournalRecord } from '../../contract/fixture.ts';

/** The venue's published schema, and one message more of a future one. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Wrapper {
    string channel = 1;
    oneof body { Deals publicAggreDeals = 314; Ticker publicAggreBookTicker = 315; }
    optional string symbol = 3; optional string symbolId = 4; optional int64 createTime = 5; optional int64 sendTime = 6;
    Later later = 900;
  }
  message Later { repeated string names = 1; double value = 2; fixed32 mark = 3; }
  message Ticker { string bidPrice = 1; string bidQuantity = 2; string askPrice = 3; string askQuantity = 4; string version = 5; int64 lastOrderCreateTime = 6; }
  message Deals { repeated Deal deals = 1; string eventType = 2; }
  message Deal { string price = 1; string quantity = 2; int32 tradeType = 3; int64 time = 4; string tradeId = 5; }
`);
const WRAPPER = root.lookupType('Wrapper');
const SYMBOLS = { BTCUSDT: 'BTC-USDT', 币安USDT: '币安-USDT' };

const decimal = fc
  .tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.integer({ min: 0, max: 8 }))
  .map(([digits, decimals]) => (digits / 10 ** decimals).toFixed(decimals));
const time = fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 });
const symbol = fc.constantFrom(...Object.keys(SYMBOLS));
const later = fc.option(fc.record({ names: fc.array(fc.string()), value: fc.double(), mark: fc.nat() }), {
  nil: undefined,
});

function decode(message: object): { records: JournalRecord[]; others: unknown[] } {
  const bytes = WRAPPER.encode(WRAPPER.fromObject(message)).finish();
  return decodeAll(mexc, SYMBOLS, [{ bytes: shuffled(bytes), binary: true }]);
}

/** The same message with its top-level fields in reverse. */
function shuffled(bytes: Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(bytes);
  const fields: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    reader.skipType(reader.uint32() & 7);
    fields.unshift(bytes.subarray(start, reader.pos));
  }
  return Buffer.concat(fields);
}

it('reads quotes that another library encoded', () => {
  const quote = fc.record({
    bidPrice: decimal,
    bidQuantity: decimal,
    askPrice: decimal,
    askQuantity: decimal,
  });
  fc.assert(
    fc.property(
      quote,
      time,
      symbol,
      later,
      fc.option(fc.nat(), { nil: undefined }),
      (q, sendTime, id, extra, version) => {
        const channel = `spot@public.aggre.bookTicker.v3.api.pb@10ms@${id}`;
        const body =
          version === undefined ? q : { ...q, version: String(version), lastOrderCreateTime: sendTime };
        const { records } = decode({ channel, sendTime, later: extra, publicAggreBookTicker: body });
        const expected = {
          kind: 'quote',
          venue: 'mexc',
          symbol: SYMBOLS[id as keyof typeof SYMBOLS],
          sequence: version ?? null,
          venueTime: sendTime * 1000,
          bid: Number(q.bidPrice),
          bidSize: Number(q.bidQuantity),
          ask: Number(q.askPrice),
          askSize: Number(q.askQuantity),
        };
        assert.deepEqual(records, [expected]);
      },
    ),
    { numRuns: 500 },
  );
});

it('delivers the good deals of a frame and counts one bad for the others', () => {
  const deal = fc.record({
    price: decimal,
    quantity: decimal,
    tradeType: fc.constantFrom(1, 2, 3),
    time,
    tradeId: fc.constantFrom('', '42', '592309417381834752X0'),
  });
  fc.assert(
    fc.property(fc.array(deal, { minLength: 1, maxLength: 6 }), symbol, (deals, id) => {
      const { records, others } = decode({
        channel: 'spot@x',
        symbol: id,
        publicAggreDeals: { deals, eventType: 'e' },
      });
      const good = deals.filter((d) => d.tradeType !== 3);
      const expected = good.map((d) => ({
        kind: 'trade',
        venue: 'mexc',
        symbol: SYMBOLS[id as keyof typeof SYMBOLS],
        id: d.tradeId === '' ? null : d.tradeId,
        venueTime: d.time * 1000,
        price: Number(d.price),
        size: Number(d.quantity),
        side: d.tradeType === 1 ? 'buy' : 'sell',
      }));
      assert.deepEqual(records, expected);
      assert.deepEqual(others, good.length === deals.length ? [] : ['bad-value']);
    }),
    { numRuns: 300 },
  );
});
