import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrueQuote } from '../../src/simulator/index.ts';
import { startPipeline, startSimulatorProcess, until } from './simulated.ts';

/** The default of `identity.factor`. */
const FACTOR = 1.5;

interface Far {
  readonly symbol: string;
  readonly venue: string;
  /** Of its price to what most venues say. */
  readonly ratio: number;
}

/** The instruments that are another coin, by the simulator's own books: far from what most venues say. */
function strangers(quotes: readonly TrueQuote[]): Far[] {
  const bySymbol = new Map<string, { readonly venue: string; readonly mid: number }[]>();
  for (const { symbol, venue, bid, ask } of quotes) {
    if (bid === null || ask === null) continue;
    const known = bySymbol.get(symbol) ?? [];
    bySymbol.set(symbol, [...known, { venue, mid: (Number(bid) + Number(ask)) / 2 }]);
  }
  return [...bySymbol].flatMap(([symbol, mids]) => {
    const middle = mids.map(({ mid }) => mid).sort((a, b) => a - b)[mids.length >> 1] ?? Number.NaN;
    return mids
      .filter(({ mid }) => mid / middle > FACTOR || middle / mid > FACTOR)
      .map(({ venue, mid }) => ({ symbol, venue, ratio: mid / middle }));
  });
}

test('namesakes that are other coins are quarantined before they top a ranking, a dislocation of 5 % is not, and a decision outlives the program', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-identity-'));
  const simulator = await startSimulatorProcess([
    ...['--symbols', '30', '--rate', '4000', '--scenario', 'collision'],
  ]);
  const flags = { 'identity.file': join(folder, 'identities.json') };
  let pipeline = startPipeline(simulator.url, flags);
  t.after(async () => {
    await pipeline.stop();
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  let far: readonly Far[] = [];
  await until(
    async () => {
      const { quotes } = (await simulator.get('quotes')) as { readonly quotes: TrueQuote[] };
      far = strangers(quotes);
      return far.length >= 2;
    },
    10_000,
    'the markets of both namesakes have moved',
  );
  assert.deepEqual(far.map(({ venue }) => venue).sort(), ['gate', 'kucoin']);
  const isFar = (symbol: string, ...venues: string[]): boolean =>
    far.some((one) => one.symbol === symbol && venues.includes(one.venue));
  const quarantined = () => pipeline.identity.read().pairs.filter(({ state }) => state === 'quarantined');
  const all = () => pipeline.market.routes({ identity: 'all', limit: 1 }, pipeline.micros()).routes[0];
  await until(() => (all()?.netBps ?? 0) > 1000, 30_000, 'a route between two coins is seen');
  await simulator.fault({ venue: 'okx', kind: 'reprice', symbol: 'BTC-USDT', factor: 1.05, ms: 30_000 });
  const dislocated = () =>
    pipeline.market.routes({ limit: 1 }, pipeline.micros()).routes.filter(({ netBps }) => netBps > 300);
  await until(() => dislocated().length > 0, 10_000, 'the dislocation tops the ranking');
  let looked = 0;
  await until(
    () => {
      const { routes } = pipeline.market.routes({ limit: 100 }, pipeline.micros());
      for (const { symbol, buy, sell } of routes)
        assert.ok(!isFar(symbol, buy, sell), `${symbol}:${buy}:${sell}`);
      looked++;
      return far.every((one) => quarantined().some(({ symbol }) => symbol === one.symbol));
    },
    30_000,
    'both are in quarantine',
  );
  assert.ok(looked > 100, `${looked} rankings looked at`);
  for (const { symbol, venues, reason } of quarantined()) {
    assert.ok(isFar(symbol, ...venues), `${symbol} on ${venues.join(' and ')}`);
    assert.ok(['ratio', 'power-of-ten'].includes(reason));
  }
  const [first] = dislocated();
  assert.deepEqual([first?.symbol, first?.identity], ['BTC-USDT', 'ok']);

  const [stranger] = quarantined();
  assert.ok(stranger !== undefined);
  const { symbol, venues } = stranger;
  await pipeline.identity.decide(symbol, ...venues, 'approved');
  const { routes } = pipeline.market.routes({ symbol, limit: 100 }, pipeline.micros());
  assert.ok(routes.some(({ buy, sell }) => venues.includes(buy) && venues.includes(sell)));
  const multiple = far.find(({ venue }) => venue === 'kucoin');
  assert.ok(multiple !== undefined);
  await pipeline.stop();
  const units = Number(multiple.ratio.toPrecision(1));
  pipeline = startPipeline(simulator.url, {
    ...flags,
    'identity.multipliers': `kucoin:${multiple.symbol}=${multiple.symbol}*${units}`,
  });
  const state = () => pipeline.market.route(symbol, ...venues, pipeline.micros())?.identity;
  await until(() => state() !== undefined, 30_000, 'the route is listed again');
  assert.equal(state(), 'approved');
  // Declared as a multiple, the other one is the same coin after all.
  const declared = () => pipeline.market.route(multiple.symbol, 'kucoin', 'bybit', pipeline.micros());
  await until(() => declared()?.valid === true, 30_000, 'the multiple is quoted');
  assert.equal(declared()?.identity, 'ok');
  assert.ok(Math.abs(declared()?.grossBps ?? Number.NaN) < 300, `${declared()?.grossBps} bps`);
});
