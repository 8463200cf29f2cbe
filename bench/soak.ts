/**
 * An hour at half load with clients that come and go: memory must have no trend, and files and gauges must be back where they were.
 *
 *   npm run bench -- soak                        60 minutes
 *   npm run bench -- soak --minutes 5 --rate 20000 --symbols 200 --churn 20 --out soak.json
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFlags, whole } from './flags.ts';
import type { OverloadOptions } from './overload-options.ts';
import { printSoak } from './soak-report.ts';
import { runSoak } from './soak-run.ts';

const { values } = readFlags({
  minutes: { type: 'string', default: '60' },
  rate: { type: 'string', default: '50000' },
  symbols: { type: 'string', default: '1000' },
  churn: { type: 'string', default: '10' },
  out: { type: 'string' },
});

const options: OverloadOptions = {
  ...{
    target: 'spreadscope',
    rate: whole('rate', values.rate),
    symbols: whole('symbols', values.symbols),
    clients: 64,
  },
  ...{ stalled: 0, slow: 0, seconds: whole('minutes', values.minutes) * 60, burst: undefined, storm: 0 },
  ...{ timeline: false, updatesPerSecond: 10, budgetMb: 512, flags: [], keep: undefined },
};
const folder = await mkdtemp(join(tmpdir(), 'spreadscope-soak-'));
let held = false;
try {
  const result = await runSoak(options, whole('churn', values.churn), folder);
  held = printSoak(result);
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(result, undefined, 1));
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(held ? 0 : 1);
