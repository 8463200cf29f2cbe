import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { binance } from '../../src/venues/binance/index.ts';
import { gate } from '../../src/venues/gate/index.ts';
import { decodeAll, fixturePath, type JournalRecord } from '../contract/fixture.ts';

/** What the exchange sent in a capture: `TIME: TEXT` lines, without the ones that begin with an address. */
function heard(venue: 'binance' | 'gate'): string[] {
  const lines = readFileSync(fixturePath(venue, 'capture-2021.txt'), 'utf8').split('\n');
  return lines.flatMap((line) => /^\d+(?:\.\d+)?: (.*)$/.exec(line)?.[1] ?? []);
}

function bytesOf(texts: readonly string[]): { bytes: Uint8Array; binary: boolean }[] {
  return texts.map((text) => ({ bytes: Buffer.from(text), binary: false }));
}

interface Parsed {
  readonly [key: string]: Parsed & string;
}

test('every bookTicker of a Binance capture decodes to what JSON.parse finds in it, the rest is passed over', () => {
  const texts = heard('binance');
  const messages = texts.map((text) => JSON.parse(text) as Parsed);
  const quotes = messages.filter((m) => m.stream?.endsWith('@bookTicker')).map((m) => m.data as Parsed);
  const symbols = Object.fromEntries(quotes.map((data) => [data.s, data.s]));
  const expected: JournalRecord[] = quotes.map((data) => ({
    kind: 'quote',
    venue: 'binance',
    symbol: String(data.s),
    sequence: Number(data.u),
    venueTime: null,
    bid: Number(data.b),
    bidSize: Number(data.B),
    ask: Number(data.a),
    askSize: Number(data.A),
  }));
  const sink = decodeAll(binance, symbols, bytesOf(texts));
  assert.equal(expected.length, 84);
  assert.deepEqual(sink.records, expected);
  assert.deepEqual(sink.others, Array(texts.length - 84).fill('passed'));
});

test('every trade of a Gate capture decodes to what JSON.parse finds in it, the rest is passed over or acknowledged', () => {
  const texts = heard('gate');
  const messages = texts.map((text) => JSON.parse(text) as Parsed);
  const trades = messages
    .filter((m) => m.channel === 'spot.trades' && m.event === 'update')
    .map((m) => m.result as Parsed);
  const symbols = Object.fromEntries(trades.map((t) => [t.currency_pair, t.currency_pair]));
  const expected: JournalRecord[] = trades.map((t) => ({
    kind: 'trade',
    venue: 'gate',
    symbol: String(t.currency_pair),
    id: String(t.id),
    venueTime: Math.round(Number(t.create_time_ms) * 1_000),
    price: Number(t.price),
    size: Number(t.amount),
    side: String(t.side),
  }));
  const acknowledged = messages.filter((m) => m.event === 'subscribe').length;
  const sink = decodeAll(gate, symbols, bytesOf(texts));
  assert.equal(expected.length, 9);
  assert.deepEqual(sink.records, expected);
  const passed = sink.others.filter((other) => other === 'passed').length;
  assert.equal(passed, texts.length - 9 - acknowledged);
  const acks = sink.others.filter((other) => other !== 'passed');
  assert.deepEqual(
    acks,
    Array(acknowledged).fill({ type: 'ack', requestId: undefined, topicKey: undefined }),
  );
});

test('our own requests, echoed, are passed over', () => {
  const lines = readFileSync(fixturePath('gate', 'capture-2021.txt'), 'utf8').split('\n');
  const sent = lines.flatMap((line) => / <- [\d.]+: (.*)$/.exec(line)?.[1] ?? []);
  assert.ok(sent.length > 20);
  assert.deepEqual(decodeAll(gate, { A: 'A' }, bytesOf(sent)).others, Array(sent.length).fill('passed'));
});
