import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState } from '../../../src/venues/bybit/book-state.ts';
import { bybit } from '../../../src/venues/bybit/index.ts';
import { decodeAll } from '../../contract/fixture.ts';

type Levels = readonly (readonly [string, string])[];

/** An `orderbook.1` message, as JSON.stringify writes it. */
function message(
  type: string,
  u: number,
  b: Levels | undefined,
  a: Levels | undefined,
  s = 'BTCUSDT',
): string {
  return JSON.stringify({
    topic: `orderbook.1.${s}`,
    ts: 1_680_652_806_504,
    type,
    data: { s, b, a, u, seq: u },
  });
}

/** [bid, bidSize, ask, askSize] of each quote, and how many messages were passed over. */
function decoded(...texts: string[]): { quotes: unknown[]; passed: number } {
  const messages = texts.map((text) => ({ bytes: Buffer.from(text), binary: false }));
  const sink = decodeAll(bybit, { BTCUSDT: 'BTC-USDT', ETHUSDT: 'ETH-USDT' }, messages);
  assert.ok(sink.others.every((other) => other === 'passed'));
  return {
    quotes: sink.records.map((r) => [r.bid, r.bidSize, r.ask, r.askSize]),
    passed: sink.others.length,
  };
}

const START = message('snapshot', 10, [['100', '1']], [['101', '2']]);

test('a delta changes one side and leaves an empty or missing one as it was', () => {
  const { quotes } = decoded(
    START,
    message('delta', 11, [['100', '5']], []),
    message('delta', 12, undefined, [['102', '3']]),
  );
  assert.deepEqual(quotes, [
    [100, 1, 101, 2],
    [100, 5, 101, 2],
    [100, 5, 102, 3],
  ]);
});

test('a level of size 0 empties the side, unless a new best comes with it, before or behind', () => {
  const { quotes } = decoded(
    START,
    message('delta', 11, [['100', '0']], []),
    message('delta', 12, [['99', '7']], []),
    message(
      'delta',
      13,
      [
        ['99', '0'],
        ['98', '4'],
      ],
      [],
    ),
    message(
      'delta',
      14,
      [
        ['97', '4'],
        ['98', '0'],
      ],
      [['555', '0']],
    ),
  );
  assert.deepEqual(quotes, [
    [100, 1, 101, 2],
    [null, null, 101, 2],
    [99, 7, 101, 2],
    [98, 4, 101, 2],
    [97, 4, 101, 2],
  ]);
});

test('an update id that falls back is passed over, the same again is delivered, 1 starts anew', () => {
  const { quotes, passed } = decoded(
    START,
    message('snapshot', 9, [['1', '1']], [['2', '1']]),
    START,
    message('delta', 8, [['1', '1']], []),
    message('snapshot', 1, [['50', '1']], [['51', '1']]),
    message('snapshot', 2, [['52', '1']], []),
  );
  assert.deepEqual(quotes, [
    [100, 1, 101, 2],
    [100, 1, 101, 2],
    [50, 1, 51, 1],
    [52, 1, null, null],
  ]);
  assert.equal(passed, 2);
});

test('symbols do not touch one another, and a new connection knows nothing', () => {
  const other = message('snapshot', 3, [['7', '1']], [['8', '1']], 'ETHUSDT');
  assert.deepEqual(
    decoded(START, other, message('delta', 11, [['100', '2']], [])).quotes[2],
    [100, 2, 101, 2],
  );
  assert.deepEqual(decoded(message('delta', 11, [['100', '2']], [])), { quotes: [], passed: 1 });
});

test('one bad trade of several is counted and the others are delivered', () => {
  const trade = (p: string, i: string): object => ({ i, T: 1_000, p, v: '1', S: 'Buy', s: 'BTCUSDT' });
  const data = [trade('1', 'a'), trade('x', 'b'), trade('3', 'c')];
  const text = JSON.stringify({ topic: 'publicTrade.BTCUSDT', ts: 1, type: 'snapshot', data });
  const sink = decodeAll(bybit, { BTCUSDT: 'BTC-USDT' }, [{ bytes: Buffer.from(text), binary: false }]);
  assert.deepEqual(
    sink.records.map((r) => r.id),
    ['a', 'c'],
  );
  assert.deepEqual(sink.others, ['bad-value']);
});

test('books of any number of instruments are kept apart', () => {
  const books = new BookState();
  const fields = new Float64Array(6);
  for (let i = 0; i < 5_000; i += 1) {
    fields.fill(i + 1);
    books.keep(books.locate(i * 3), fields);
  }
  for (let i = 0; i < 5_000; i += 1) {
    books.recall(books.locate(i * 3), fields);
    assert.equal(fields[0], i + 1);
  }
  assert.equal(books.isKnown(books.locate(1)), false);
});
