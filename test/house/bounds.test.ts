import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Alerts } from '../../src/app/alerts.ts';
import { buildConfig } from '../../src/app/config.ts';
import { configuredMarket } from '../../src/app/configured-market.ts';
import { lakeShares, sharesOf } from '../../src/app/memory-budget.ts';
import { BOUNDED_PLACES, COMMANDS } from './bounded-places.ts';
import { collectionsIn, type Place } from './collections.ts';

const SRC = join(import.meta.dirname, '../../../src');
const FOLDERS = ['feed', 'ring', 'market', 'lake', 'gateway', 'app'];

const read = (file: string): string => readFileSync(join(SRC, file), 'utf8');

function placesOnThePath(): Place[] {
  return FOLDERS.flatMap((folder) => readdirSync(join(SRC, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && !COMMANDS.includes(file))
    .flatMap((file) => collectionsIn(file, read(file)));
}

test('every collection on the path of data has a line in the ledger, or a reason why it cannot grow', () => {
  const missing = placesOnThePath()
    .filter(({ file, name }) => BOUNDED_PLACES[file]?.[name] === undefined)
    .map(({ file, name, line }) => `${file}:${line} ${name}`);
  assert.deepEqual(
    missing,
    [],
    'give it a bound and a line in the ledger, then name it in test/house/bounded-places.ts',
  );
});

test('the table names no place that is gone, and no line that the ledger has not', () => {
  const there = new Set(placesOnThePath().map(({ file, name }) => `${file} ${name}`));
  const named = Object.entries(BOUNDED_PLACES).flatMap(([file, places]) =>
    Object.entries(places).map(([name, why]) => ({ place: `${file} ${name}`, why })),
  );
  assert.deepEqual(
    named.map(({ place }) => place).filter((place) => !there.has(place)),
    [],
  );
  assert.deepEqual(
    COMMANDS.filter((file) => !existsSync(join(SRC, file)) || collectionsIn(file, read(file)).length === 0),
    [],
  );
  const alerts = {
    rules: [{ name: 'any' }],
    webhook: { url: 'https://example.org' },
    telegram: { token: '1:0123456789', chat: '@us' },
  };
  const file = { name: 'test.yaml', value: { alerts }, where: () => '' };
  const token = { path: 'server.token', flag: '--set', text: 'a-token-of-a-test-1' };
  const { config } = buildConfig(file, [token]);
  const log = { info() {}, warn() {}, error() {} };
  const ledger = new Set(
    [
      ...sharesOf(config, configuredMarket(config).bounds(), 2),
      ...lakeShares(config),
      ...new Alerts(config, log, () => 0).bounds(),
    ].map(({ name }) => name.replace(/^feed\d+/, 'feed')),
  );
  const strange = named.filter(({ why }) => {
    const [, name] = /ledger ([\w.-]+)$/.exec(why) ?? [];
    return name !== undefined && !ledger.has(name);
  });
  assert.deepEqual(strange, []);
});

test('the walker sees each kind of collection, and nothing in comments', () => {
  const found = (text: string): string[] =>
    collectionsIn('a.ts', text).map(({ name, line }) => `${line} ${name}`);
  const cases: [string, string[]][] = [
    ['class A {\n  readonly #byName = new Map<string, number>();\n}', ['2 #byName']],
    ['class A {\n  #seen: Set<string> = new Set();\n}', ['2 #seen']],
    ['const table = new WeakMap();', ['1 table']],
    ['this.#rows = new Float64Array(n);\nthis.bits = new BigInt64Array(n);', ['1 #rows', '2 bits']],
    ['return { buffer: new SharedArrayBuffer(8) };', ['1 buffer']],
    ['function make(n) {\n  return new ArrayBuffer(n);\n}', ['2 make()']],
    ['const a =\n  new Uint8Array(4);', ['2 a']],
    ['const b = Buffer.allocUnsafeSlow(4);\nconst c = Buffer.alloc(1);', ['1 b', '2 c']],
    [
      'class A {\n  add(x) {\n    this.#items.push(x);\n    this.list?.unshift(x);\n  }\n}',
      ['3 #items', '4 list'],
    ],
    ['const early: string[] = [];\nfunction hear(x) {\n  early.push(x);\n}', ['3 early']],
    ['// new Map()\n/* new Set()\n   this.#a.push(1) */\nconst x = 1;', []],
    ['const local = [];\nlocal.length = 0;\nother.push(1);', []],
    ['this.#a.push(1);\nthis.#a.push(2);', ['1 #a']],
  ];
  for (const [text, expected] of cases) assert.deepEqual(found(text), expected, text);
});
