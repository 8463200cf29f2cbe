import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '../core/alert.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { type Opportunity, SURVIVAL_MS } from '../core/opportunity.ts';
import type { OpportunityFollower, OpportunityTable } from '../market/opportunities.ts';
import { type InstrumentName, viewOpportunity } from '../market/opportunity-view.ts';
import type { RouteReport } from './route-reports.ts';

export const REPLAY_FORMATS = ['ndjson', 'csv'] as const;
export type ReplayFormat = (typeof REPLAY_FORMATS)[number];

type Line = Readonly<Record<string, string | number | null>>;

/** Characters that are gathered before they are written. */
const CHUNK = 65_536;
const IN_PROGRESS = '.inprogress';

/** Writes some of the bytes to a file, and answers how many. */
export type WriteSome = (file: number, bytes: Uint8Array) => number;

/** A file of lines, which has its name only once it is whole. Throws what the disk throws. */
class LineFile {
  readonly path: string;
  readonly #format: ReplayFormat;
  readonly #write: WriteSome;
  #file: number | undefined;
  #text = '';
  #lines = 0;

  constructor(folder: string, name: string, format: ReplayFormat, write: WriteSome) {
    this.path = join(folder, `${name}.${format}`);
    this.#format = format;
    this.#write = write;
    this.#file = openSync(this.path + IN_PROGRESS, 'w', 0o640);
  }

  get lines(): number {
    return this.#lines;
  }

  add(line: Line): void {
    if (this.#format === 'ndjson') this.#text += `${JSON.stringify(line)}\n`;
    else {
      if (this.#lines === 0) this.#text += `${Object.keys(line).join(',')}\n`;
      this.#text += `${Object.values(line).map(csvField).join(',')}\n`;
    }
    this.#lines += 1;
    if (this.#text.length >= CHUNK) this.#flush();
  }

  /** Writes what is left; nothing can be added any more. */
  finish(): void {
    this.#flush();
    this.#close();
  }

  /** Gives it its name. */
  publish(): string {
    renameSync(this.path + IN_PROGRESS, this.path);
    return this.path;
  }

  /** Removes it, unless it has its name. */
  drop(): void {
    this.#close();
    rmSync(this.path + IN_PROGRESS, { force: true });
  }

  #close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  #flush(): void {
    if (this.#file === undefined) return;
    let bytes: Uint8Array = Buffer.from(this.#text);
    this.#text = '';
    // A disk that is nearly full takes a part, and says why not the rest when it is asked again.
    while (bytes.length > 0) bytes = bytes.subarray(this.#write(this.#file, bytes));
  }
}

function csvField(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes what a replay finds into a folder: `opportunities` as they close, `alerts` as the rules of routes are fulfilled, and `statistics` at the end. */
export class ReplayOutput implements OpportunityFollower {
  readonly #nameOf: InstrumentName;
  readonly #folder: string;
  readonly #files: LineFile[] = [];
  readonly #opportunities: LineFile;
  readonly #statistics: LineFile;
  readonly #alerts: LineFile;

  /** @throws FILE_UNWRITABLE, as all that writes does */
  constructor(folder: string, format: ReplayFormat, nameOf: InstrumentName, write: WriteSome = writeSync) {
    this.#nameOf = nameOf;
    this.#folder = folder;
    const open = (name: string): LineFile => {
      const file = new LineFile(folder, name, format, write);
      this.#files.push(file);
      return file;
    };
    try {
      mkdirSync(folder, { recursive: true });
      this.#opportunities = open('opportunities');
      this.#statistics = open('statistics');
      this.#alerts = open('alerts');
    } catch (error) {
      this.drop();
      throw this.#unwritable(error);
    }
  }

  get opportunities(): number {
    return this.#opportunities.lines;
  }

  closed(table: OpportunityTable, slot: number): void {
    const one = viewOpportunity(table.columns, slot, this.#nameOf);
    if (one !== undefined) this.#writing(() => this.#opportunities.add(lineOf(one)));
  }

  get alerts(): number {
    return this.#alerts.lines;
  }

  alerted(alert: Alert): void {
    this.#writing(() => this.#alerts.add({ ...alert, symbols: alert.symbols.join(' ') }));
  }

  /** Writes the statistics; answers the files. None has its name before all are whole. */
  end(reports: Iterable<RouteReport>): string[] {
    return this.#writing(() => {
      for (const report of reports) this.#statistics.add(statisticsOf(report));
      for (const file of this.#files) file.finish();
      return this.#files.map((file) => file.publish());
    });
  }

  /** What was written so far is not wanted; files that have their names stay. */
  drop(): void {
    for (const file of this.#files) file.drop();
  }

  #writing<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  #unwritable(error: unknown): SpreadscopeError {
    return new SpreadscopeError(
      'FILE_UNWRITABLE',
      `${this.#folder} cannot be written (${String(error)}); free space, or name another folder with --out`,
      { cause: error },
    );
  }
}

function statisticsOf({ symbol, buy, sell, statistics, bands, verdict }: RouteReport): Line {
  const { cycles, ...figures } = statistics;
  return {
    ...{ symbol, buy, sell, bandLowBps: bands.lowBps, bandHighBps: bands.highBps, ...figures },
    ...{ cycles30: cycles[0] ?? 0, cycles40: cycles[1] ?? 0, cycles50: cycles[2] ?? 0 },
    ...{ verdict: verdict.name, reason: verdict.reason },
  };
}

function lineOf({ survivalBps, ...one }: Opportunity): Line {
  const survival = SURVIVAL_MS.map((ms, i) => [`net${ms}msBps`, survivalBps[i] ?? null] as const);
  return { ...one, ...Object.fromEntries(survival) };
}
