import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  budgetBytes,
  buildConfig,
  ConfigError,
  type ConfigFlag,
  defaultConfig,
  endpointsOf,
  filterOf,
  loadConfig,
} from '../../src/app/config.ts';
import { parseConfigText } from '../../src/app/config-file.ts';
import { problemLine } from '../../src/app/config-problem.ts';
import { SpreadscopeError } from '../../src/core/errors.ts';
import { VENUE_IDS } from '../../src/core/venue-ids.ts';

function fromYaml(text: string, flags: readonly ConfigFlag[] = []) {
  return buildConfig(parseConfigText('my.yaml', text), flags);
}

/** Every problem of this YAML, as lines. */
function problemsOf(text: string, flags: readonly ConfigFlag[] = []): string[] {
  try {
    fromYaml(text, flags);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, 'CONFIG_INVALID');
    return error.problems.map(problemLine);
  }
  return [];
}

test('without a file every entry has its documented default', () => {
  const config = defaultConfig();
  assert.deepEqual(config.server, {
    host: '127.0.0.1',
    port: 8080,
    names: [],
    token: null,
    tokenFile: null,
  });
  assert.deepEqual(config.quotes, ['USDT']);
  assert.equal(config.symbolsPerVenue, 1000);
  assert.equal(config.maxQuoteAgeMs, 60_000);
  assert.deepEqual(config.feed, { workers: 1, transport: 'raw', trades: true });
  assert.deepEqual(config.rings, { quotes: 131_072, trades: 32_768 });
  assert.deepEqual(config.limits, {
    instruments: 16_384,
    clients: 128,
    connectionsPerAddress: 20,
    pairs: 28_672,
    openOpportunities: 4096,
    upgradesPerSecond: 10,
  });
  assert.deepEqual(config.stream, { updatesPerSecond: 10, outboxBytes: 131_072 });
  assert.equal(config.via, null);
  assert.deepEqual(Object.keys(config.venues), [...VENUE_IDS]);
  assert.deepEqual(config.venues.okx, {
    enabled: true,
    takerFee: null,
    rest: null,
    ws: null,
    quotes: null,
    minUsdVolume: null,
    maxUsdVolume: null,
    include: null,
    exclude: null,
  });
});

test('a file overrides defaults, a flag overrides the file, and each entry knows where it came from', () => {
  const { config, sources } = fromYaml('server:\n  port: 9000\n\nfeed:\n  workers: 2\n', [
    { path: 'server.port', flag: '--port', text: '9001' },
  ]);
  assert.equal(config.server.port, 9001);
  assert.equal(config.feed.workers, 2);
  assert.equal(sources.get('server.port'), '--port');
  assert.equal(sources.get('feed.workers'), 'my.yaml:5');
  assert.equal(sources.get('feed.transport'), 'default');
});

test('all errors are reported at once, each with its path, what was given and what is allowed', () => {
  assert.deepEqual(
    problemsOf(
      'server:\n  port: 70000\nfeed:\n  transport: udp\nquotes: usdt\nvenues:\n  okx:\n    takerFee: 0.1\n',
    ),
    [
      'server.port (my.yaml:2): given 70000, allowed a whole number from 0 to 65535',
      'feed.transport (my.yaml:4): given "udp", allowed raw or ws',
      'quotes (my.yaml:5): given "usdt", allowed a list, each a currency in capitals such as USDT, at least 1 and at most 32',
      'venues.okx.takerFee (my.yaml:8): given 0.1, allowed a number from 0 to 0.05 or null',
    ],
  );
});

test('the message of several errors is one line that carries the first and says how to see the rest', () => {
  assert.throws(
    () => fromYaml('server: { port: -1 }\nfeed: { workers: 0 }\n'),
    (error: unknown) =>
      error instanceof SpreadscopeError &&
      error.message ===
        'server.port (my.yaml:1): given -1, allowed a whole number from 0 to 65535 (and 1 more: run `spreadscope config check my.yaml`)',
  );
});

test('an unknown entry is an error that names the nearest known one', () => {
  assert.deepEqual(problemsOf('feed:\n  wrokers: 2\n'), [
    'feed.wrokers (my.yaml:2): unknown entry; did you mean workers?',
  ]);
  assert.deepEqual(problemsOf('venues:\n  okex: {}\n'), [
    'venues.okex (my.yaml:2): unknown entry; did you mean okx?',
  ]);
  assert.deepEqual(problemsOf('port: 80\n'), ['port (my.yaml:1): unknown entry; did you mean server.port?']);
});

test('keys that every object has are unknown entries, not inherited values', () => {
  for (const key of ['__proto__', 'constructor', 'toString']) {
    const [problem, ...more] = problemsOf(`${key}: { port: 1 }\n`);
    assert.match(problem ?? '', /unknown entry/);
    assert.deepEqual(more, []);
  }
});

test('an entry that should be a group, and a file that is no tree, are errors', () => {
  assert.deepEqual(problemsOf('server: 8080\n'), [
    'server (my.yaml:1): given 8080, allowed entries such as `host: …`',
  ]);
  assert.match(
    problemsOf('- a\n- b\n')[0] ?? '',
    /^my\.yaml: given \["a","b"\], allowed entries such as `server: …`$/,
  );
  assert.deepEqual(problemsOf('server:\nfeed:\n'), [], 'empty groups are their defaults');
  assert.deepEqual(problemsOf('# nothing\n'), []);
});

test('text that is not YAML, double keys and alias bombs are errors with a line', () => {
  assert.match(problemsOf('server: {port: 1\n')[0] ?? '', /^my\.yaml:\d+: not YAML: /);
  assert.match(
    problemsOf('via: null\nvia: null\n')[0] ?? '',
    /^my\.yaml:2: not YAML: Map keys must be unique/,
  );
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe'].map((pair) => [...pair])) {
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`);
  }
  assert.match(problemsOf(bomb.join('\n'))[0] ?? '', /not YAML/);
});

test('rules between entries are checked as well', () => {
  assert.match(
    problemsOf('rings: { quotes: 100000 }')[0] ?? '',
    /^rings\.quotes .*power of two such as 131072$/,
  );
  assert.match(problemsOf('server: { host: 0.0.0.0 }')[0] ?? '', /without a token.*SPREADSCOPE_TOKEN/);
  assert.deepEqual(problemsOf('server: { host: 0.0.0.0, token: 0123456789abcdef }'), []);
  assert.deepEqual(problemsOf('server: { host: 0.0.0.0, tokenFile: token.txt }'), []);
  assert.match(problemsOf('server: { token: 0123456789abcdef, tokenFile: a }')[0] ?? '', /not both/);
  assert.deepEqual(problemsOf('server: { host: "::1" }'), []);
  assert.match(problemsOf('minUsdVolume: 10\nmaxUsdVolume: 5')[0] ?? '', /^maxUsdVolume \(my\.yaml:2\)/);
  assert.match(
    problemsOf('maxUsdVolume: 5\nvenues: { gate: { minUsdVolume: 6 } }')[0] ?? '',
    /^venues\.gate\.minUsdVolume/,
  );
  assert.match(problemsOf('memory: { budget: 64MB }')[0] ?? '', /at least 128MB/);
  assert.match(problemsOf('symbolsPerVenue: 5000')[0] ?? '', /^limits\.instruments.*need 40000/);
  const off = VENUE_IDS.map((id) => `  ${id}: { enabled: false }`).join('\n');
  assert.match(problemsOf(`venues:\n${off}`)[0] ?? '', /^venues: every venue is disabled/);
});

test('flags are read by the type of their entry and named in errors', () => {
  const flags: ConfigFlag[] = [
    { path: 'quotes', flag: '--quotes', text: 'USDT, USDC' },
    { path: 'maxUsdVolume', flag: '--set', text: 'null' },
    { path: 'minUsdVolume', flag: '--min-usd-volume', text: '1e5' },
    { path: 'feed.trades', flag: '--no-trades', text: 'false' },
  ];
  const config = defaultConfig(flags);
  assert.deepEqual(config.quotes, ['USDT', 'USDC']);
  assert.equal(config.minUsdVolume, 100_000);
  assert.equal(config.feed.trades, false);
  assert.deepEqual(problemsOf('', [{ path: 'server.port', flag: '--port', text: '80 80' }]), [
    'server.port (--port): given "80 80", allowed a whole number from 0 to 65535',
  ]);
  assert.deepEqual(problemsOf('', [{ path: 'feed.worker', flag: '--set', text: '1' }]), [
    'feed.worker (--set): unknown entry; did you mean feed.workers?',
  ]);
});

test('the configuration is frozen all the way down, and so are lists', () => {
  const config = defaultConfig();
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.venues.okx) && Object.isFrozen(config.quotes));
});

test('a venue is reached at production, at its own entries, or under via, which wins', () => {
  const okx = { id: 'okx', endpoints: { rest: 'https://www.okx.com', ws: 'wss://ws.okx.com:8443' } } as const;
  assert.deepEqual(endpointsOf(defaultConfig(), okx), okx.endpoints);
  const own = 'venues: { okx: { rest: "http://127.0.0.1:1/a/" } }\n';
  assert.deepEqual(endpointsOf(fromYaml(own).config, okx), {
    rest: 'http://127.0.0.1:1/a',
    ws: okx.endpoints.ws,
  });
  assert.deepEqual(endpointsOf(fromYaml(`${own}via: https://127.0.0.1:2/\n`).config, okx), {
    rest: 'https://127.0.0.1:2/okx',
    ws: 'wss://127.0.0.1:2/okx',
  });
});

test("a venue's filter is its own entries over the top-level ones", () => {
  const { config } = fromYaml(
    'minUsdVolume: 5\nexclude: [DOGE]\nvenues: { mexc: { exclude: [], quotes: [USDC] } }',
  );
  assert.deepEqual(filterOf(config, 'okx'), {
    quotes: ['USDT'],
    minUsdVolume: 5,
    maxUsdVolume: null,
    include: [],
    exclude: ['DOGE'],
    limit: 1000,
  });
  assert.deepEqual(filterOf(config, 'mexc').exclude, []);
  assert.deepEqual(filterOf(config, 'mexc').quotes, ['USDC']);
});

test('a budget may be said in decimal and binary units', () => {
  const budget = (size: string): number => budgetBytes(fromYaml(`memory: { budget: ${size} }`).config);
  assert.equal(budget('512MB'), 512_000_000);
  assert.equal(budget('1.5 GB'), 1_500_000_000);
  assert.equal(budget('256MiB'), 268_435_456);
  assert.match(problemsOf('memory: { budget: lots }')[0] ?? '', /a size such as 512MB/);
});

test('the file is the named one, else spreadscope.yaml of the folder; one that is named must be readable', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-config-'));
  try {
    const load = (file?: string) => loadConfig({ file, folder, flags: [] });
    assert.equal(load().file, undefined);
    writeFileSync(join(folder, 'spreadscope.yaml'), 'symbolsPerVenue: 7\n');
    assert.equal(load().config.symbolsPerVenue, 7);
    assert.equal(load().sources.get('symbolsPerVenue'), 'spreadscope.yaml:1');
    const missing = join(folder, 'none.yaml');
    assert.throws(
      () => load(missing),
      (error: unknown) =>
        error instanceof SpreadscopeError &&
        error.code === 'FILE_UNREADABLE' &&
        error.message === `cannot read ${missing}: there is no such file`,
    );
    assert.throws(() => load(folder), { code: 'FILE_UNREADABLE' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
