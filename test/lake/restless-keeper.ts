import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { partName } from '../../src/lake/layout.ts';

/* Gives one file after another a new name, each in a folder of its own, until it is told to end: as the parts of a long conversion appear, but without a rest. */
const { folders, end } = workerData as { folders: readonly string[]; end: Int32Array };
const nameOf = (number: number): string => partName({ first: number, last: number, piece: 1, pieces: 1 });
for (const folder of folders) writeFileSync(join(folder, nameOf(1)), '');
parentPort?.postMessage('began');
for (let number = 1; Atomics.load(end, 0) === 0; number += 1) {
  for (const folder of folders) {
    renameSync(join(folder, nameOf(number)), join(folder, nameOf(number + 1)));
    // About as long as it takes to list a folder.
    Atomics.wait(end, 0, 0, 1);
  }
}
