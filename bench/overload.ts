/**
 * The old system's last hour, compressed: simulator, server and clients as processes of their own, clients that are slow or stopped, and the books balanced at the end.
 *
 *   npm run bench -- overload --seconds 60
 *   npm run bench -- overload --phases --minutes 3 --rival both --out report.json
 *   npm run bench -- overload --clients 50 --stalled 5 --slow 5 --burst 800000:10 --storm 1000
 *
 * The delay of a message is the client's clock at its arrival minus the newest `venueTime` in it, both of this machine; messages that bring no newer quote are left out. The simulator dates a quote a
 * millisecond back and publishes every 10 ms, the stream has 10 updates a second: what a person sees is that old. Beside it stands the part after the server has read its market.
 */
import { writeFileSync } from 'node:fs';
import { readOptions } from './overload-options.ts';
import { pictureOf } from './overload-picture.ts';
import { printRun } from './overload-report.ts';
import type { RunResult } from './overload-result.ts';
import { runOverload } from './overload-run.ts';

const { runs, out } = readOptions(process.argv.slice(2));
const results: RunResult[] = [];
for (const options of runs) {
  const result = await runOverload(options);
  results.push(result);
  printRun(result);
}
if (out !== undefined) {
  writeFileSync(out, JSON.stringify(results, undefined, 1));
  const picture = out.replace(/(\.json)?$/, '.html');
  writeFileSync(picture, pictureOf(results));
  console.log(`\nthe report is in ${out}, its picture in ${picture}`);
}
// The rival may break; we may not.
const broken = results.some(
  ({ options, verdicts }) => options.target !== 'naive' && verdicts.some(({ held }) => !held),
);
process.exit(broken ? 1 : 0);
