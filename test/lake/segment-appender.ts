import { closeSync, openSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/* Appends bytes to a file in slices, as a recorder in another thread does. */
const { path, bytes, slices } = workerData as { path: string; bytes: Uint8Array; slices: readonly number[] };
const file = openSync(path, 'a');
let at = 0;
for (let i = 0; at < bytes.length; i += 1) {
  const size = slices[i % slices.length] ?? 1;
  at += writeSync(file, bytes.subarray(at, at + size));
}
closeSync(file);
