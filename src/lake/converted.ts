import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, type FileSteps, replaceFile } from './file-steps.ts';
import { JOURNAL_FOLDER } from './layout.ts';
import type { Mark } from './segment-scan.ts';

/**
 * What of the journal is in Parquet: all segments up to `segment`, all frames of the life `run` up to `frame`. Written before the segments are deleted, so that a frame which is
 * written again into a later segment is known to have been taken when the segment of its first time is gone.
 */
export interface Converted extends Mark {
  readonly segment: number;
}

const NOTHING: Converted = { segment: -1, run: '', frame: -1 };
const FILE = 'converted.json';

/** What was converted last; nothing if that is not known (then no segment was deleted, or the file was damaged from outside). */
export function readConverted(lake: string): Converted {
  let text: string;
  try {
    text = readFileSync(join(lake, JOURNAL_FOLDER, FILE), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return NOTHING;
    throw error;
  }
  return parse(text) ?? NOTHING;
}

export function writeConverted(steps: FileSteps, lake: string, converted: Converted): void {
  const { segment, run, frame } = converted;
  replaceFile(steps, join(lake, JOURNAL_FOLDER, FILE), `${JSON.stringify({ segment, run, frame })}\n`);
}

function parse(text: string): Converted | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { segment, run, frame } = value as Partial<Record<keyof Converted, unknown>>;
  if (typeof segment !== 'number' || typeof run !== 'string' || typeof frame !== 'number') return undefined;
  return { segment, run, frame };
}
