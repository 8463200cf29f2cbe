// npm test: installs what the tests need (Chromium included), builds, compiles everything strictly and runs all tests.
// Arguments are parts of paths: `npm test -- feed ring` runs those alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { fail, install, ROOT, run, tool } from './fresh.mjs';

const BROWSER = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

function ensureBrowser() {
  if (existsSync(BROWSER)) return;
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/usr/bin/apt-get')) {
    fail(
      `the page's tests need Chromium at ${BROWSER}: install it (sudo apt-get install chromium) or set CHROMIUM_PATH`,
    );
  }
  run('apt-get', ['update', '-qq'], 'reading package lists');
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], 'installing Chromium');
}

function testFiles(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

install();
ensureBrowser();
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
const { status } = spawnSync(
  process.execPath,
  ['--expose-gc', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  {
    cwd: ROOT,
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
