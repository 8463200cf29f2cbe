import { plain } from './output.ts';

/** The part of a terminal's output stream that is used here. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBar {
  /** How far it is, in any unit, and what it is at. */
  update(done: number, total: number, note?: string): void;
  /** Clears the line; further updates begin anew. */
  end(): void;
}

/** What is over sooner needs no bar. */
const QUIET_MS = 1000;
const REPAINT_MS = 100;
const BAR_CELLS = 24;
/** A terminal that was never told its size says 0. */
const DEFAULT_COLUMNS = 80;
const CLEAR = '\r\x1b[K';

/**
 * A bar on a terminal, one line that is repainted in place: label, bar, percent, done of total, remaining time, note. Elsewhere nothing.
 * @param clock ms, rising
 */
export function progressBar(
  stream: ProgressStream,
  label: string,
  clock: () => number = () => performance.now(),
): ProgressBar {
  const since = clock();
  let paintedAt = Number.NEGATIVE_INFINITY;
  let standing = false;
  return {
    update: (done, total, note = '') => {
      const now = clock();
      if (stream.isTTY !== true || now - since < QUIET_MS || now - paintedAt < REPAINT_MS) return;
      paintedAt = now;
      standing = true;
      const width = (stream.columns || DEFAULT_COLUMNS) - 1;
      const line = barLine(label, done, total, now - since, note);
      stream.write(CLEAR + [...line].slice(0, width).join(''));
    },
    end: () => {
      if (standing) stream.write(CLEAR);
      standing = false;
    },
  };
}

function barLine(label: string, done: number, total: number, elapsedMs: number, note: string): string {
  const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const cells = Math.round(part * BAR_CELLS);
  const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells);
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  const counts = `${done.toLocaleString('en-US')}/${total.toLocaleString('en-US')}`;
  const left = part > 0 ? ` ${duration((elapsedMs * (1 - part)) / part)} left` : '';
  return plain(`${label} ${bar} ${percent}  ${counts} ${left}  ${note}`.trimEnd());
}

/** 8 s, 2 min 5 s, 3 h 20 min: two units at most. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
