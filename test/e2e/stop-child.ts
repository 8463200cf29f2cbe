// A program of its own that starts spreadscope in-process, stops it when standard input ends, and says what is left open.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { defaultConfig } from '../../src/app/config.ts';
import { startSpreadscope } from '../../src/app/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'spreadscope-'));
const config = defaultConfig([
  { path: 'via', flag: '--via', text: process.argv[2] ?? '' },
  { path: 'symbolsPerVenue', flag: '--symbols', text: '5' },
  { path: 'server.port', flag: '--port', text: '0' },
  { path: 'lake.folder', flag: '--lake', text: join(folder, 'lake') },
]);
const say = (message: string): void => {
  process.stderr.write(`${message}\n`);
};
const log = { info: say, warn: say, error: say };
const running = await startSpreadscope(config, { log });
process.stdout.write(`spreadscope ${running.url}\n`);
await once(process.stdin.resume(), 'end');
const from = performance.now();
await running.stop();
const tookMs = performance.now() - from;
await turn();
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ tookMs, open: process.getActiveResourcesInfo() })}\n`);
