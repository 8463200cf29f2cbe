// npm run build: the program into dist/src, the page into dist/web. Skips what is up to date; --force builds all.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isStale, ROOT, run, tool } from './fresh.mjs';

// Written when a part is complete, so that a build that was cut short is not taken for a finished one.
const PROGRAM_DONE = 'dist/.program-built';
const PAGE_DONE = 'dist/.page-built';
const TOOLS = ['package-lock.json', 'tsconfig.base.json'];

export function build(force = false) {
  if (force || isStale(PROGRAM_DONE, ['src', 'tsconfig.build.json', ...TOOLS])) {
    rmSync(join(ROOT, 'dist/src'), { recursive: true, force: true });
    run(tool('tsc'), ['-p', 'tsconfig.build.json'], 'compiling the program');
    writeFileSync(join(ROOT, PROGRAM_DONE), '');
  }
  if (force || isStale(PAGE_DONE, ['web', 'src/wire', 'src/core', ...TOOLS])) {
    run(tool('vite'), ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'], 'building the page');
    writeFileSync(join(ROOT, PAGE_DONE), '');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) build(process.argv.includes('--force'));
