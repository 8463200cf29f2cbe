import { SpreadscopeError } from '../../src/core/errors.ts';
import { lockLake } from '../../src/lake/lock.ts';

/*
 * Wants the lake that is its argument, and says `held` or the error's code and message. With a second argument it first says `ready` and waits until that moment (ms since the
 * epoch), so that many want it at once. Who holds it lets go at a line on its input.
 */
const [lake = '', at] = process.argv.slice(2);
if (at !== undefined) while (Date.now() < Number(at));
try {
  const lock = lockLake(lake, { command: 'contender', clock: () => Date.now() * 1000 });
  process.stdout.write('held\n');
  process.stdin.once('data', () => {
    lock.release();
    process.stdin.destroy();
  });
} catch (error) {
  if (!(error instanceof SpreadscopeError)) throw error;
  process.stdout.write(`${error.code} ${error.message}\n`);
}
