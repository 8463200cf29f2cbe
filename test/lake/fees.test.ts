import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { VenueId } from '../../src/core/venue-ids.ts';
import {
  areSameFees,
  type FeesSince,
  noteFees,
  readFees,
  recordedFee,
  venueFeesOf,
} from '../../src/lake/fees.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { temporaryLake } from './journal-rig.ts';

const MONDAY = Date.UTC(2026, 10, 23) * 1000;
const DAY = 86_400_000_000;

function lakeOf(t: TestContext): { lake: string; file: string } {
  const lake = temporaryLake();
  t.after(() => rmSync(lake, { recursive: true }));
  mkdirSync(join(lake, '_journal'), { recursive: true });
  return { lake, file: join(lake, '_journal', 'fees.json') };
}

function note(lake: string, venue: VenueId, since: number, fees: Readonly<Record<string, number>>): void {
  const pairs = Object.entries(fees).map(([symbol, takerFee]) => ({ symbol, takerFee }));
  const found: FeesSince = { since, ...venueFeesOf(pairs) };
  noteFees(realSteps, lake, new Map([[venue, found]]));
}

test('a fee is what was in force at the time, pair by pair, and before all that is known what is known first', (t) => {
  const { lake } = lakeOf(t);
  assert.equal(recordedFee(readFees(lake), 'kucoin', 'A-USDT', MONDAY), undefined);
  note(lake, 'kucoin', MONDAY, { 'A-USDT': 0.001, 'B-USDT': 0.002, 'C-USDT': 0.001 });
  note(lake, 'kucoin', MONDAY + DAY, { 'A-USDT': 0.003, 'B-USDT': 0.002, 'C-USDT': 0.001, 'D-USDT': 0.001 });
  note(lake, 'mexc', MONDAY, { 'A-USDT': 0 });
  const fees = readFees(lake);
  const at = (symbol: string, days: number) => recordedFee(fees, 'kucoin', symbol, MONDAY + days * DAY);
  assert.deepEqual(
    [at('A-USDT', -1), at('A-USDT', 0), at('A-USDT', 0.9), at('A-USDT', 1)],
    [0.001, 0.001, 0.001, 0.003],
  );
  assert.deepEqual(
    [at('B-USDT', 0), at('B-USDT', 9), at('C-USDT', 9), at('D-USDT', 9)],
    [0.002, 0.002, 0.001, 0.001],
  );
  assert.equal(recordedFee(fees, 'mexc', 'A-USDT', MONDAY), 0);
  assert.equal(recordedFee(fees, 'okx', 'A-USDT', MONDAY), undefined);
  // Of a name that every object has.
  assert.equal(at('constructor', 0), 0.001);
});

test('nothing is written while nothing changes, and the oldest go when there are many', (t) => {
  const { lake, file } = lakeOf(t);
  note(lake, 'kucoin', MONDAY, { 'A-USDT': 0.001 });
  const before = statSync(file).ino;
  note(lake, 'kucoin', MONDAY + DAY, { 'A-USDT': 0.001 });
  assert.equal(statSync(file).ino, before);
  for (let day = 1; day < 100; day += 1) note(lake, 'kucoin', MONDAY + day * DAY, { 'A-USDT': day / 1e4 });
  const fees = readFees(lake);
  assert.equal(fees.get('kucoin')?.length, 16);
  assert.equal(recordedFee(fees, 'kucoin', 'A-USDT', MONDAY + 99.5 * DAY), 0.0099);
  assert.equal(recordedFee(fees, 'kucoin', 'A-USDT', MONDAY), 0.0084, 'the oldest that is left');
});

test('what a clock that was set back puts ahead of us is taken back', (t) => {
  const { lake } = lakeOf(t);
  note(lake, 'kucoin', MONDAY, { 'A-USDT': 0.001 });
  note(lake, 'kucoin', MONDAY + 5 * DAY, { 'A-USDT': 0.002 });
  note(lake, 'kucoin', MONDAY + DAY, { 'A-USDT': 0.003 });
  const at = (days: number) => recordedFee(readFees(lake), 'kucoin', 'A-USDT', MONDAY + days * DAY);
  assert.deepEqual([at(0), at(2), at(9)], [0.001, 0.003, 0.003]);
});

test('a file that makes no sense says nothing, and is replaced', (t) => {
  const { lake, file } = lakeOf(t);
  const since = MONDAY;
  for (const text of [
    ...[
      '',
      '[]',
      '{"venues":[]}',
      '{"venues":{"okx":[{}]}}',
      '{"venues":{"okx":[{"since":1,"usual":2,"pairs":{}}]}}',
    ],
    JSON.stringify({ venues: { okx: [{ since, usual: 0.001, pairs: { 'A-USDT': '0.1' } }] } }),
  ]) {
    writeFileSync(file, text);
    assert.equal(readFees(lake).size, 0, text);
  }
  note(lake, 'okx', since, { 'A-USDT': 0.001 });
  assert.equal(recordedFee(readFees(lake), 'okx', 'A-USDT', since), 0.001);
  assert.ok(readFileSync(file, 'utf8').endsWith('\n'));
});

test('fees put briefly say of each pair what was given, whatever the order', () => {
  const fee = fc.constantFrom(0, 0.0005, 0.001, 0.002);
  const pairs = fc.dictionary(fc.string(), fee, { minKeys: 1, maxKeys: 30 });
  fc.assert(
    fc.property(pairs, fc.func(fc.nat()), (given, rank) => {
      const list = Object.entries(given).map(([symbol, takerFee]) => ({ symbol, takerFee }));
      const fees = venueFeesOf(list);
      const shuffled = venueFeesOf(list.toSorted((a, b) => rank(a.symbol) - rank(b.symbol)));
      assert.ok(areSameFees(fees, shuffled));
      const recorded = new Map([['okx' as const, [{ since: 0, ...fees }]]]);
      for (const { symbol, takerFee } of list)
        assert.equal(recordedFee(recorded, 'okx', symbol, 1), takerFee);
      const [first] = list;
      if (first === undefined) return;
      const changed = [{ ...first, takerFee: 0.004 }, ...list.slice(1)];
      assert.ok(!areSameFees(fees, venueFeesOf(changed)));
    }),
  );
});
