import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, type FileSteps, replaceFile } from './file-steps.ts';
import { isRecord } from './json.ts';
import { JOURNAL_FOLDER } from './layout.ts';
import type { Hole, Mark } from './taken.ts';

/**
 * What of the journal is in Parquet: all segments up to `segment`, all frames that the mark tells of. Written before the segments are deleted, so that a frame which is
 * written again into a later segment is known to have been taken when the segment of its first time is gone.
 */
export interface Converted extends Mark {
  readonly segment: number;
}

const NOTHING: Converted = { segment: -1, run: '', frame: -1, holes: [] };
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
  const { segment, run, frame, holes } = converted;
  const text = JSON.stringify({ segment, run, frame, ...(holes.length > 0 ? { holes } : {}) });
  replaceFile(steps, join(lake, JOURNAL_FOLDER, FILE), `${text}\n`);
}

function parse(text: string): Converted | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { segment, run, frame, holes = [] } = value;
  if (typeof segment !== 'number' || typeof run !== 'string' || typeof frame !== 'number') return undefined;
  if (!Array.isArray(holes) || !(holes as unknown[]).every(isHole)) return undefined;
  return { segment, run, frame, holes: holes as Hole[] };
}

function isHole(value: unknown): value is Hole {
  return Array.isArray(value) && value.length === 2 && value.every((number) => typeof number === 'number');
}
