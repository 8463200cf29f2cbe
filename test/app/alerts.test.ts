import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alerts } from '../../src/app/alerts.ts';
import { buildConfig, type Config, ConfigError, defaultConfig } from '../../src/app/config.ts';
import { configuredMarket } from '../../src/app/configured-market.ts';
import type { LogFields } from '../../src/core/log.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import type { VenueRow } from '../../src/wire/api.ts';
import { venueRow } from '../gateway/fake-sources.ts';

const SECOND = 1_000_000;
const START = 1_700_000_000 * SECOND;

type Rule = Readonly<Record<string, unknown>>;

function configOf(rules: readonly Rule[], more: Readonly<Record<string, unknown>> = {}): Config {
  const value = { alerts: { rules, ...more }, identity: { file: '/nonexistent/none.json' } };
  return buildConfig({ name: 'test.yaml', value, where: () => 'test.yaml' }, []).config;
}

/** A market of `symbols` on three venues, with these rules. */
function rigOf(config: Config, symbols = 1) {
  const lines: LogFields[] = [];
  const log = {
    info() {},
    error() {},
    warn: (_text: string, fields: LogFields = {}) => void lines.push(fields),
  };
  const alerts = new Alerts(config, log, () => START);
  const { market } = configuredMarket(config, alerts.followers);
  alerts.watch(market);
  const venues = ['okx', 'gate', 'bybit'] as const;
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (const [i, venue] of venues.entries()) {
      const names = { nativeId: `C${symbol}`, symbol: `C${symbol}-USDT`, base: `C${symbol}`, quote: 'USDT' };
      market.list({ ...names, instrument: symbol * 3 + i, venue, takerFee: 0.001 });
    }
  }
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  const tell = (ms: number, venue: (typeof venues)[number], mid: number, symbol = 0): void => {
    columns.instrument[0] = symbol * 3 + venues.indexOf(venue);
    columns.kind[0] = QuoteKind.quote;
    columns.epoch[0] = 1;
    columns.receiveTime[0] = START + ms * 1000;
    columns.bid[0] = mid - 0.01;
    columns.ask[0] = mid + 0.01;
    columns.bidSize[0] = 5;
    columns.askSize[0] = 5;
    market.applyQuotes(columns, 0, 1, 0, START + ms * 1000);
  };
  const settle = (ms: number, rows: readonly VenueRow[] = []): void => {
    tell(ms, 'bybit', 100, symbols - 1);
    market.settle();
    alerts.settle(() => rows, START + ms * 1000);
  };
  return { alerts, market, tell, settle, lines };
}

test('a rule with symbols, venues, notional and duration tells of what it means, and of nothing else', async () => {
  const rules = [
    {
      name: 'wide',
      minNetBps: 50,
      minNotional: 400,
      lastingMs: 200,
      symbols: ['C0'],
      venues: ['okx', 'gate'],
    },
    { name: 'elsewhere', minNetBps: 50, symbols: ['D-USDT'] },
    { name: 'richer', minNetBps: 50, minNotional: 1e6 },
    { name: 'excellent', verdicts: ['excellent'] },
    { name: 'unheard', minNetBps: 50, sinks: ['log'], venues: ['okx', 'gate'] },
  ];
  const { alerts, tell, settle, lines } = rigOf(configOf(rules));
  tell(0, 'okx', 100);
  tell(0, 'bybit', 100);
  tell(1000, 'gate', 101);
  settle(5000);
  const { alerts: told, counts, sinks } = alerts.read();
  assert.equal(told.length, 1, JSON.stringify(told));
  const [alert] = told;
  assert.deepEqual(
    [alert?.kind, alert?.rule, alert?.symbol, alert?.buy, alert?.sell, alert?.lastedMs, alert?.time],
    ['route', 'wide', 'C0-USDT', 'okx', 'gate', 200, START + 1_200_000],
  );
  const net = ((100.99 * 0.999) / (100.01 * 1.001) - 1) * 10_000;
  assert.ok(Math.abs((alert?.netBps ?? 0) - net) < 1e-6);
  assert.ok(Math.abs((alert?.notional ?? 0) - 5 * 100.01) < 1e-6);
  assert.match(
    alert?.message ?? '',
    /^wide: C0-USDT, buy on okx, sell on gate: 77\.\d bps net for 500\.\d USDT, for 200 ms$/,
  );
  assert.equal(counts.told, 2);
  assert.deepEqual(lines.map(({ rule }) => rule).sort(), ['unheard', 'wide']);
  assert.deepEqual(
    sinks.map(({ sink, delivered }) => [sink, delivered]),
    [
      ['log', 2],
      ['page', 1],
    ],
  );
  await alerts.stop();
});

test('pairs that may not be the same coin raise nothing', () => {
  const { alerts, tell, settle } = rigOf(configOf([{ name: 'any' }]));
  tell(0, 'okx', 100);
  tell(0, 'gate', 730);
  settle(3000);
  const { counts } = alerts.read();
  assert.equal(counts.told, 0);
  assert.ok(counts.untrusted >= 1);
});

test('six coins dislocated at one venue are one alert about the venue', () => {
  const { alerts, tell, settle } = rigOf(configOf([{ name: 'any', minNetBps: 50 }]), 8);
  for (let symbol = 0; symbol < 8; symbol++) {
    tell(0, 'okx', 100, symbol);
    tell(0, 'bybit', 100, symbol);
    tell(1, 'gate', 100, symbol);
  }
  for (let symbol = 0; symbol < 6; symbol++) tell(1000 + symbol, 'gate', 102, symbol);
  settle(3000);
  const { alerts: told, counts } = alerts.read();
  assert.deepEqual(
    told.map(({ kind, venue, coins, symbols }) => [kind, venue, coins, symbols.length]),
    [['venue-dislocated', 'gate', 6, 6]],
  );
  assert.match(told[0]?.message ?? '', /gate stands apart with 6 coins at once/);
  assert.equal(counts.grouped, 12);
});

test('a venue that is down or lags is told once for each spell, after it has lasted, and at most once in a cooldown', () => {
  const rules = [
    { name: 'down', on: 'venue-down', lastingMs: 2000, cooldown: 10, venues: ['gate', 'okx'] },
    { name: 'slow', on: 'venue-lagging', lagMs: 500, lastingMs: 1000 },
  ];
  const { alerts, settle } = rigOf(configOf(rules));
  const at = (ms: number, state: 'live' | 'down', lag: number): void => {
    const rows = (['gate', 'okx'] as const).map(
      (venue): VenueRow => ({
        ...venueRow(venue, venue === 'gate' ? state : 'live'),
        lagMs: { p50: 1, p99: venue === 'gate' ? lag : 10 },
      }),
    );
    settle(ms, rows);
  };
  at(0, 'live', 10);
  at(1000, 'down', 10);
  at(2900, 'down', 10);
  assert.deepEqual(alerts.read().alerts, []);
  at(3000, 'down', 10);
  at(4000, 'down', 10);
  at(5000, 'live', 600);
  at(6000, 'live', 600);
  at(6500, 'live', 10);
  at(7000, 'down', 10);
  at(9500, 'down', 10);
  at(13_000, 'down', 10);
  assert.deepEqual(
    [...alerts.read().alerts].reverse().map(({ kind, venue, time }) => [kind, venue, (time - START) / 1000]),
    [
      ['venue-down', 'gate', 3000],
      ['venue-lagging', 'gate', 6000],
      ['venue-down', 'gate', 13_000],
    ],
  );
  assert.match(alerts.read().alerts[0]?.message ?? '', /^down: gate is down for 6 s/);
});

test('rules that are wrong, or could never be fulfilled, are told with their name', () => {
  const cases: [readonly Rule[], RegExp][] = [
    [[{ name: 'a' }, { name: 'a' }], /a: another rule has this name/],
    [[{ name: 'low', minNetBps: 2 }], /low: minNetBps 2 is below opportunities\.openNetBps, 10/],
    [[{ name: 'down', on: 'venue-down', minNetBps: 20 }], /down: minNetBps.* are of routes/],
    [[{ name: 'lag', lagMs: 20 }], /lag: lagMs is of venue-lagging alone/],
    [[{ name: 'hook', sinks: ['webhook'] }], /hook: alerts\.webhook\.url is not set/],
    [[{ minNetBps: 20 }], /at 0: must have required properties name/],
    [[{ name: 'x', minNetBsp: 20 }], /at 0\.minNetBsp: there is no such entry/],
    [[{ name: 'x', venues: ['nowhere'] }], /at 0\.venues\.0: /],
  ];
  for (const [rules, text] of cases) {
    assert.throws(
      () => configOf(rules),
      (error: unknown) => error instanceof ConfigError && text.test(error.message),
      text.source,
    );
  }
  assert.throws(() => configOf([], { webhook: { allow: ['10.0.0.0/40'] } }), /alerts\.webhook\.allow/);
  assert.throws(() => configOf([], { telegram: { chat: '@me' } }), /token and chat together/);
  assert.deepEqual(new Alerts(defaultConfig(), { info() {}, warn() {}, error() {} }, () => 0).bounds(), []);
});
