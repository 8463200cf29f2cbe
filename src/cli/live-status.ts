import type { LakeSummary } from '../app/lake-summary.ts';
import type { RunSummary, VenueSummary } from '../app/run-summary.ts';
import type { Log } from '../core/log.ts';
import { grouped, plain } from './output.ts';

/** How long no venue may be live before the terminal says what else could be done. */
const UNREACHABLE_AFTER_MS = 8000;

export const UNREACHABLE =
  'no exchange can be reached yet; still trying. Without a network: spreadscope demo (or npm run demo)';

/** Whether there has been no live venue for so long that it should be said. */
export class ReachWatch {
  #since: number;

  constructor(nowMs: number) {
    this.#since = nowMs;
  }

  unreachable(summary: RunSummary, nowMs: number): boolean {
    const silent = summary.venues.every((row) => row.state === 'connecting' || row.state === 'down');
    if (!silent) this.#since = nowMs;
    const allDown = summary.venues.every((row) => row.state === 'down');
    return silent && (allDown || nowMs - this.#since >= UNREACHABLE_AFTER_MS);
  }
}

/** The block for a terminal: one line a venue, and the totals. */
export function statusBlock(summary: RunSummary, unreachable: boolean): string[] {
  const live = summary.venues.filter((row) => row.state === 'live').length;
  const { rss, budget } = summary.memory;
  return [
    '',
    `  ${'venue'.padEnd(9)}${'state'.padEnd(12)}${'sockets'.padStart(8)}${'markets'.padStart(9)}${'heard'.padStart(8)}${'messages/s'.padStart(12)}`,
    ...summary.venues.map(venueLine),
    '',
    `  ${live} of ${summary.venues.length} venues live · ${grouped(summary.routes)} routes · ${grouped(summary.clients)} viewers · ${grouped(rss / 1e6)} of ${grouped(budget / 1e6)} MB`,
    ...(summary.lake === null ? [] : [lakeLine(summary.lake)]),
    ...summary.alarms.map((text) => `  ! ${plain(text)}`),
    ...(unreachable ? [`  ${UNREACHABLE}`] : []),
  ];
}

function lakeLine({ recording, folder, recorded, lost, bytes, journal }: LakeSummary): string {
  const rows = grouped(recorded.quotes + recorded.trades);
  const gone = lost.quotes + lost.trades + lost.opportunities;
  const size = grouped((bytes + journal.bytes) / 1e6);
  return `  ${recording ? '● recording' : '○ not recording'} · ${rows} rows · ${gone === 0 ? 'none' : grouped(gone)} lost · ${size} MB in ${plain(folder)}`;
}

function venueLine(row: VenueSummary): string {
  const sockets = `${row.connections.open}/${row.connections.wanted}`;
  const line = `  ${row.title.padEnd(9)}${`${MARKS[row.state]} ${row.state}`.padEnd(12)}${sockets.padStart(8)}${grouped(row.instruments).padStart(9)}${grouped(row.subscriptions.live).padStart(8)}${grouped(row.rates.frames).padStart(12)}`;
  return row.state === 'live' || row.reason === '' ? line : `${line}  ${plain(row.reason)}`;
}

const MARKS: Readonly<Record<VenueSummary['state'], string>> = {
  connecting: '…',
  live: '●',
  stale: '◐',
  down: '○',
};

/** Where there is no terminal: a log line when a venue's state changes, and one when nothing can be reached. */
export class StateLines {
  readonly #log: Log;
  readonly #states = new Map<string, string>();
  #saidUnreachable = false;

  constructor(log: Log) {
    this.#log = log;
  }

  update(summary: RunSummary, unreachable: boolean): void {
    for (const row of summary.venues) {
      if (this.#states.get(row.venue) === row.state) continue;
      this.#states.set(row.venue, row.state);
      this.#say(row);
    }
    if (unreachable && !this.#saidUnreachable) this.#log.warn(UNREACHABLE);
    this.#saidUnreachable = unreachable;
  }

  #say(row: VenueSummary): void {
    const fields = { venue: row.venue, sockets: row.connections.open, markets: row.instruments };
    if (row.state === 'live') this.#log.info(`${row.title} is live`, fields);
    else if (row.state === 'connecting') this.#log.info(`${row.title} is connecting`, fields);
    else this.#log.warn(`${row.title} is ${row.state}`, { ...fields, reason: row.reason });
  }
}
