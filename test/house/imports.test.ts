import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');

/** What a folder may import: folders of src/, packages, and single files of which only types may be taken. */
interface Rule {
  readonly folders: readonly string[];
  /** Only `import type` of these (`core` = the folder, `venues/venue.ts` = the file). */
  readonly types: readonly string[];
  /** `node:` modules and packages. */
  readonly outside: readonly string[];
}

/** Who may import whom; every folder may import itself. */
const RULES: Readonly<Record<string, Rule>> = {
  'src/core': { folders: [], types: [], outside: [] },
  'src/ring': { folders: ['core'], types: [], outside: [] },
  'src/venues': { folders: ['core'], types: [], outside: [] },
  'src/market': { folders: ['core'], types: [], outside: [] },
  'src/wire': { folders: [], types: ['core'], outside: [] },
  'src/feed': { folders: ['core', 'ring'], types: ['venues/venue.ts'], outside: ['node:', 'ws'] },
  'src/gateway': {
    folders: ['core', 'ring', 'wire'],
    types: [],
    outside: ['node:', 'ws', 'fastify', '@fastify/static', '@fastify/swagger', 'typebox'],
  },
  'src/simulator': { folders: ['core'], types: [], outside: ['node:', 'ws'] },
  'src/lake': {
    folders: ['core', 'ring', 'market'],
    types: [],
    outside: ['node:', '@duckdb/node-api', '@duckdb/node-bindings'],
  },
  'src/app': {
    folders: ['core', 'ring', 'venues', 'market', 'wire', 'feed', 'gateway', 'lake'],
    types: [],
    outside: ['node:', 'typebox', 'yaml'],
  },
  'src/cli': { folders: ['core', 'app', 'simulator'], types: [], outside: ['node:', 'commander'] },
  web: {
    folders: ['wire'],
    types: ['core'],
    outside: ['preact', '@preact/signals', 'uplot', 'hyparquet-writer', 'vite', 'node:'],
  },
};

/** Folders that compute only: time and chance are passed in. Their own tsconfig refuses timers, `console` and DOM; it lets these through. */
const PURE = ['src/core', 'src/ring', 'src/venues', 'src/market', 'src/wire'];
const IMPURE =
  /\b(Date\.now|new Date|performance\.|Math\.random|setTimeout|setInterval|process\.|globalThis)/;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.(ts|tsx)$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
    )
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** Import and export lines, dynamic imports and `new URL('./worker.ts', import.meta.url)` of a source text. */
function importsIn(file: string, text: string): Import[] {
  const found: Import[] = [];
  const code = withoutComments(text);
  for (const match of code.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?([\w\s{},*$]+?)\s*from\s*'([^']+)'/gm,
  )) {
    const names = (match[2] ?? '').trim();
    const allTypes =
      names.startsWith('{') &&
      names
        .slice(1, -1)
        .split(',')
        .every((name) => /^\s*(type\s|$)/.test(name));
    found.push({ from: file, to: match[3] ?? '', typeOnly: match[1] !== undefined || allTypes });
  }
  for (const match of code.matchAll(/^\s*import\s*'([^']+)'/gm)) {
    found.push({ from: file, to: match[1] ?? '', typeOnly: false });
  }
  for (const match of code.matchAll(
    /\bimport\(\s*'([^']+)'|new URL\(\s*'([^']+)'\s*,\s*import\.meta\.url/g,
  )) {
    const to = match[1] ?? match[2] ?? '';
    if (match[1] !== undefined || /\.[jt]s$/.test(to)) found.push({ from: file, to, typeOnly: false });
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

/** Why this import is not allowed; undefined = it is. */
function complaint(rule: Rule, home: string, { from, to, typeOnly }: Import): string | undefined {
  if (!to.startsWith('.')) {
    const allowed = rule.outside.some((one) =>
      one === 'node:' ? to.startsWith(one) : to === one || to.startsWith(`${one}/`),
    );
    return allowed ? undefined : `${from} imports ${to}`;
  }
  const target = relative(ROOT, resolve(ROOT, dirname(from), to));
  if (target === home || target.startsWith(`${home}/`)) return crossVenue(from, target);
  const inSrc = target.replace(/^src\//, '');
  const folder = inSrc.split('/')[0] ?? '';
  if (target.startsWith('src/') && rule.folders.includes(folder)) return undefined;
  if (typeOnly && (rule.types.includes(folder) || rule.types.includes(inSrc))) return undefined;
  return `${from} imports ${target}${rule.types.includes(folder) || rule.types.includes(inSrc) ? ' (only types are allowed)' : ''}`;
}

/** A venue's folder knows `shared` and the contract, never another venue. */
function crossVenue(from: string, target: string): string | undefined {
  const [mine, theirs] = [from, target].map((path) => /^src\/venues\/([^/]+)\//.exec(path)?.[1]);
  if (mine === undefined || theirs === undefined || mine === theirs || theirs === 'shared') return undefined;
  return `${from} imports ${target}`;
}

for (const [home, rule] of Object.entries(RULES)) {
  test(`${home} imports only what it may`, () => {
    const files = sourceFiles(home);
    assert.ok(files.length > 0, `${home} has no sources`);
    const complaints = files
      .flatMap((file) => importsIn(file, readFileSync(join(ROOT, file), 'utf8')))
      .map((one) => complaint(rule, home, one))
      .filter((text) => text !== undefined);
    assert.deepEqual(complaints, []);
  });
}

test('every folder of src/ has a rule', () => {
  const folders = readdirSync(join(ROOT, 'src')).map((name) => `src/${name}`);
  assert.deepEqual(
    folders.filter((folder) => RULES[folder] === undefined),
    [],
  );
});

test('the pure folders use no clock, timer, chance or process', () => {
  const complaints = PURE.flatMap(sourceFiles).flatMap((file) =>
    withoutComments(readFileSync(join(ROOT, file), 'utf8'))
      .split('\n')
      .filter((line) => IMPURE.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  assert.deepEqual(complaints, []);
});

test('nothing in src/ or web/ imports tests or benchmarks, and no file has a catch-all name', () => {
  const files = [...sourceFiles('src'), ...sourceFiles('web')];
  assert.deepEqual(
    files.filter((file) => /\/(utils?|helpers?|handy|misc|common)\.tsx?$/.test(file)),
    [],
  );
});

test('the rules catch each kind of offence', () => {
  const offences: [string, string, boolean][] = [
    ['src/market/a.ts', "import { Feed } from '../feed/feed.ts';", true],
    ['src/market/a.ts', "import fs from 'node:fs';", true],
    ['src/market/a.ts', "import { type A, venueAt } from '../core/venue-ids.ts';", false],
    ['src/feed/a.ts', "import type { Venue } from '../venues/venue.ts';", false],
    ['src/feed/a.ts', "import { type Venue } from '../venues/venue.ts';", false],
    ['src/feed/a.ts', "import { type Venue, CHANNELS } from '../venues/venue.ts';", true],
    ['src/feed/a.ts', "import {\n  CHANNELS,\n} from '../venues/venue.ts';", true],
    ['src/feed/a.ts', "import type { okx } from '../venues/okx/index.ts';", true],
    ['src/gateway/a.ts', "export { Market } from '../market/market.ts';", true],
    ['src/gateway/a.ts', "const market = await import('../market/market.ts');", true],
    ['src/app/a.ts', "new Worker(new URL('../simulator/worker.ts', import.meta.url))", true],
    ['src/venues/okx/a.ts', "import { x } from '../bybit/index.ts';", true],
    ['src/venues/okx/a.ts', "import { x } from '../shared/scan.ts';", false],
    ['src/wire/a.ts', "import { VENUE_IDS } from '../core/venue-ids.ts';", true],
    ['src/simulator/a.ts', "import { VENUES } from '../venues/index.ts';", true],
    ['src/core/a.ts', "// import 'node:fs'\n/* import '../feed/feed.ts' */", false],
    ['src/core/a.ts', "import 'node:fs';", true],
  ];
  for (const [file, line, bad] of offences) {
    const home = file.split('/').slice(0, 2).join('/');
    const rule = RULES[home];
    assert.ok(rule);
    const complaints = importsIn(file, line).map((one) => complaint(rule, home, one));
    assert.equal(
      complaints.some((text) => text !== undefined),
      bad,
      `${file}: ${line}`,
    );
  }
});
