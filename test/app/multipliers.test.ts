import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, defaultConfig } from '../../src/app/config.ts';
import { Multipliers } from '../../src/app/multipliers.ts';
import type { InstrumentListing } from '../../src/core/instruments.ts';

const configOf = (text: string) =>
  defaultConfig([{ path: 'identity.multipliers', flag: '--set identity.multipliers', text }]);
const listing = (base: string): InstrumentListing => ({
  ...{ nativeId: `${base}_USDT`, base, quote: 'USDT', takerFee: 0.001 },
  venue: 'gate',
});

test('a declared multiple is listed under its coin, with its units; everything else stays as it is', () => {
  const said: string[] = [];
  const log = { info() {}, error() {}, warn: (text: string) => void said.push(text) };
  const multipliers = new Multipliers(
    configOf(
      'gate:1000PEPE-USDT=PEPE-USDT*1000, gate:XAUT-USDT=XAUT-USDT*0.5, gate:1MBABYDOGE-USDT=BABYDOGE-USDT*1000000',
    ),
    log,
  );
  const listings = ['BTC', '1000PEPE', 'XAUT', '1MBABYDOGE', 'BABYDOGE'].map(listing);
  const applied = multipliers.apply('gate', listings);
  assert.deepEqual(
    applied.map(({ base, units, nativeId }) => [base, units, nativeId]),
    [
      ['BTC', undefined, 'BTC_USDT'],
      ['PEPE', 1000, '1000PEPE_USDT'],
      ['XAUT', 0.5, 'XAUT_USDT'],
      // The coin itself is there too.
      ['1MBABYDOGE', undefined, '1MBABYDOGE_USDT'],
      ['BABYDOGE', undefined, 'BABYDOGE_USDT'],
    ],
  );
  assert.match(said.join(), /a multiplier is left out/);
  assert.equal(multipliers.apply('okx', listings), listings);
});

test('a multiplier that cannot be is told', () => {
  const wrong = ['gate:X-USDT', 'nowhere:X-USDT=Y-USDT*10', 'gate:X-USDT=Y-USDT*0', 'gate:X-USDT=Y*10'];
  for (const text of wrong) assert.throws(() => configOf(text), ConfigError, text);
});
