import type { FeedHost } from './feed-host.ts';
import type { LakeReport } from './lake-host.ts';
import type { ThreadReading } from './thread-watch.ts';

/** A thread whose event loop is later than this does not keep its word, s. */
const LATE_SECONDS = 1;
/** A feed tells how it stands four times a second. */
const SILENT_MS = 3000;

export interface ReadinessParts {
  readonly hosts: readonly Pick<FeedHost, 'name' | 'thread' | 'heardMs'>[];
  /** How the main thread does. */
  readonly thread: ThreadReading;
  /** Undefined = nothing is recorded. */
  readonly lake: LakeReport | undefined;
}

/** Why the program is not fit for work, for people: threads that do not answer, and a recording that does not reach the disk. */
export function notReady({ hosts, thread, lake }: ReadinessParts): string[] {
  const threads = [
    { name: 'main', thread, heardMs: performance.now() },
    ...hosts.map(({ name, thread: own, heardMs }) => ({ name, thread: own, heardMs })),
  ];
  return [...threads.flatMap(lateness), ...(lake === undefined ? [] : recordingTroubles(lake))];
}

function lateness({ name, thread, heardMs }: Pick<FeedHost, 'name' | 'thread' | 'heardMs'>): string[] {
  const silent = performance.now() - heardMs;
  if (thread === undefined || !(silent < SILENT_MS)) return [`the thread ${name} does not report`];
  const { p99 } = thread.delaySeconds;
  return p99 > LATE_SECONDS ? [`the thread ${name} answers ${p99.toFixed(1)} s late`] : [];
}

function recordingTroubles({ recorder, troubles }: LakeReport): string[] {
  if (recorder?.recording === true) return [];
  const why = troubles.map(({ message }) => message).join('; ');
  return [`nothing is recorded${why === '' ? ' yet' : `: ${why}`}`];
}
