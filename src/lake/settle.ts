import { join } from 'node:path';
import type { FileSteps } from './file-steps.ts';
import { MERGED } from './layout.ts';
import { filesOf } from './partitions.ts';

/** Puts a folder in order after the program was cut off at any instant. Every row that counted before counts after, and no plain glob meets a row twice. */
export function settleFolder(steps: FileSteps, lake: string, folder: string): void {
  const { inProgress, superseded, displaced } = filesOf(lake, folder);
  if (inProgress.length + superseded.length + displaced.length === 0) return;
  const path = join(lake, folder);
  // The names that replaced the superseded ones must be durable before those go.
  steps.syncFolder(path);
  for (const name of [...inProgress, ...superseded]) steps.remove(join(path, name));
  for (const name of displaced) steps.rename(join(path, name), join(path, name.slice(0, -MERGED.length)));
  steps.syncFolder(path);
}
