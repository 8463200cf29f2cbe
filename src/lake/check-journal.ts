import { join } from 'node:path';
import type { Findings, LakeCheck } from './check-findings.ts';
import { readConverted } from './converted.ts';
import { FEES_FILE, readFees } from './fees.ts';
import { errnoOf } from './file-steps.ts';
import type { Frame } from './frame.ts';
import { FrameKind } from './journal-format.ts';
import { JOURNAL_FOLDER } from './layout.ts';
import { namesIn } from './partitions.ts';
import { listSegments, Segment, type SegmentFile } from './segment.ts';
import { factsOf } from './segment-facts.ts';
import { readState } from './state.ts';
import { headingLength, type Mark, markAfter, markUpTo, missingFrames } from './taken.ts';

interface Tally {
  segments: number;
  frames: number;
  rows: number;
  bytes: number;
}

/** Checks every frame of every segment, and that none is missing between them. A segment that is converted meanwhile is left out. */
export function checkJournal(
  lake: string,
  findings: Findings,
  progress: (path: string) => void,
): LakeCheck['journal'] {
  const tally: Tally = { segments: 0, frames: 0, rows: 0, bytes: 0 };
  const segments = listSegments(lake);
  const numbers = new FrameNumbers();
  for (const file of segments) {
    const path = `${JOURNAL_FOLDER}/${file.path.slice(file.path.lastIndexOf('/') + 1)}`;
    progress(path);
    checkSegment(file, path, file === segments.at(-1), numbers, findings, tally);
  }
  const missing = numbers.end();
  if (missing > 0) findings.add('wrong', 'journal', JOURNAL_FOLDER, `${missing} frames are missing`);
  checkState(lake, findings);
  return tally;
}

function checkSegment(
  file: SegmentFile,
  path: string,
  newest: boolean,
  numbers: FrameNumbers,
  findings: Findings,
  tally: Tally,
): void {
  const segment = openIfThere(file.path);
  if (segment === undefined) {
    numbers.unseen();
    return;
  }
  try {
    const { frames, end } = segment.walk();
    const unsound = frames.findIndex((frame) => !segment.isSound(frame));
    const sound = unsound === -1 ? frames : frames.slice(0, unsound);
    if (unsound !== -1 && unsound < frames.length - 1)
      findings.add(
        'wrong',
        'journal',
        path,
        `frame ${unsound + 1} is damaged, and ${frames.length - unsound - 1} sound ones after it are lost`,
      );
    else if (unsound !== -1 || end === 'cut')
      findings.add(
        'note',
        'journal',
        path,
        'its last frame is not whole: it is being written, or was when its writer ended',
      );
    else if (end === 'open' && !newest)
      findings.add('note', 'journal', path, 'was not closed: its writer ended without a word');
    const facts = factsOf(segment, sound);
    if (facts === undefined && sound.length > 0)
      findings.add('wrong', 'journal', path, 'its first frame does not say what it is');
    const missing = numbers.take(facts?.run ?? '', sound);
    if (missing > 0) findings.add('wrong', 'journal', path, `${missing} frames before it are missing`);
    tally.segments += 1;
    tally.frames += sound.length;
    tally.rows += sound.reduce((sum, frame) => sum + (isRows(frame) ? frame.rows : 0), 0);
    tally.bytes += file.bytes;
  } finally {
    segment.close();
  }
}

/** Follows the numbers of frames through the segments: within one life of the program each is one more than the greatest before, a repeat, or fills a hole that an abandoned segment left. */
class FrameNumbers {
  #mark: Mark = { run: '', frame: -1, holes: [] };

  /** Answers how many are missing of the life before, when another one begins. */
  take(run: string, frames: readonly Frame[]): number {
    const missing = run === this.#mark.run ? 0 : this.end();
    if (run !== this.#mark.run) this.#mark = { run, frame: -1, holes: [] };
    const heading = headingLength(frames);
    this.#mark = markUpTo(this.#mark, frames[heading - 1]?.number ?? -1);
    for (const { number } of frames.slice(heading)) this.#mark = markAfter(this.#mark, number);
    return missing;
  }

  /** A segment was not seen: what it held is not known. */
  unseen(): void {
    this.#mark = { run: '', frame: -1, holes: [] };
  }

  /** Answers how many are missing of the last life. */
  end(): number {
    return missingFrames(this.#mark);
  }
}

/** The small files beside the segments. */
function checkState(lake: string, findings: Findings): void {
  const names = namesIn(join(lake, JOURNAL_FOLDER));
  const readable: Readonly<Record<string, () => boolean>> = {
    'state.json': () => readState(lake) !== undefined,
    'converted.json': () => readConverted(lake).segment >= 0,
    [FEES_FILE]: () => readFees(lake).size > 0,
  };
  for (const [name, isRead] of Object.entries(readable)) {
    if (names.includes(name) && !isRead())
      findings.add('wrong', 'state', `${JOURNAL_FOLDER}/${name}`, 'says nothing that makes sense');
  }
}

function isRows(frame: Frame): boolean {
  return frame.kind === FrameKind.quotes || frame.kind === FrameKind.trades;
}

function openIfThere(path: string): Segment | undefined {
  try {
    return Segment.open(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
