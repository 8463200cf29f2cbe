// npm test: installs what the tests need (Chromium and strace included), builds, compiles everything strictly and runs all tests.
// Arguments are parts of paths: `npm test -- feed ring` runs those alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { fail, install, ROOT, run, tool } from './fresh.mjs';

const BROWSER = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

// What tests need beside Node: the file, the Debian package that brings it, and whether tests can do without (they are skipped then, and say why).
const NEEDS = [
  { file: BROWSER, name: 'chromium', optional: false },
  { file: '/usr/bin/strace', name: 'strace', optional: true },
];

function ensurePackages() {
  const missing = NEEDS.filter(({ file }) => !existsSync(file));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    if (missing.every(({ optional }) => optional)) return;
    fail(
      `the page's tests need Chromium at ${BROWSER}: install it (sudo apt-get install chromium) or set CHROMIUM_PATH`,
    );
  }
  const names = missing.map(({ name }) => name);
  run('apt-get', ['update', '-qq'], 'reading package lists');
  run(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...names],
    `installing ${names.join(', ')}`,
  );
}

function testFiles(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

install();
ensurePackages();
build();
// A test that was deleted must not run again from an old compile.
for (const part of ['dist/test', 'dist/bench']) rmSync(join(ROOT, part), { recursive: true, force: true });
run(tool('tsc'), ['-p', 'tsconfig.json'], 'compiling the tests');

const parts = process.argv.slice(2);
const files = testFiles('dist/test').filter(
  (file) => parts.length === 0 || parts.some((part) => file.includes(part)),
);
if (files.length === 0) fail(`no test file matches ${parts.join(' ')}`);
console.error(`· running ${files.length} test files`);
// A test that never ends fails with its name, long before CI's patience does.
const TIMEOUT_MS = 240_000;

/** Runs these files, so many at once; answers the exit code. */
function runTests(some, concurrency) {
  if (some.length === 0) return 0;
  const flags = [
    '--expose-gc',
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${TIMEOUT_MS}`,
  ];
  const runner = [...flags, '--test-reporter=spec', ...some];
  return spawnSync(process.execPath, runner, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

// The whole program under load, with deadlines that the product promises, has the machine to itself. Tests of the page, of history and of replay promise none.
const whole = (file) =>
  file.includes(join('dist', 'test', 'e2e')) && !/\/(pages?[.-]|history-|replay\.)/.test(file);
const status = runTests(
  files.filter((file) => !whole(file)),
  2,
);
process.exitCode = Math.max(status, runTests(files.filter(whole), 1));
