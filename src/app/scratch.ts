import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs with an empty folder of its own, which is removed when that is over, or the process. Throws what `run` throws. */
export async function inScratch<T>(name: string, run: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), `spreadscope-${name}-`));
  const remove = () => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await run(scratch);
  } finally {
    remove();
    process.off('exit', remove);
  }
}
