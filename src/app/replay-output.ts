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

/** A file of lines, which has its name only once it is whole. */
class LineFile {
  readonly #path: string;
  readonly #format: ReplayFormat;
  #file: number | undefined;
  #text = '';
  #lines = 0;

  constructor(folder: string, name: string, format: ReplayFormat) {
    this.#path = join(folder, `${name}.${format}`);
    this.#format = format;
    this.#file = openSync(this.#path + IN_PROGRESS, 'w', 0o640);
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

  end(): string {
    this.#flush();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    renameSync(this.#path + IN_PROGRESS, this.#path);
    return this.#path;
  }

  drop(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    rmSync(this.#path + IN_PROGRESS, { force: true });
  }

  #flush(): void {
    if (this.#file === undefined) return;
    writeSync(this.#file, this.#text);
    this.#text = '';
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
  readonly #opportunities: LineFile;
  readonly #statistics: LineFile;
  readonly #alerts: LineFile;

  /** @throws FILE_UNWRITABLE */
  constructor(folder: string, format: ReplayFormat, nameOf: InstrumentName) {
    this.#nameOf = nameOf;
    try {
      mkdirSync(folder, { recursive: true });
      this.#opportunities = new LineFile(folder, 'opportunities', format);
      this.#statistics = new LineFile(folder, 'statistics', format);
      this.#alerts = new LineFile(folder, 'alerts', format);
    } catch (error) {
      throw new SpreadscopeError(
        'FILE_UNWRITABLE',
        `${folder} cannot be written (${String(error)}); name another folder with --out`,
        { cause: error },
      );
    }
  }

  get opportunities(): number {
    return this.#opportunities.lines;
  }

  closed(table: OpportunityTable, slot: number): void {
    const one = viewOpportunity(table.columns, slot, this.#nameOf);
    if (one !== undefined) this.#opportunities.add(lineOf(one));
  }

  get alerts(): number {
    return this.#alerts.lines;
  }

  alerted(alert: Alert): void {
    this.#alerts.add({ ...alert, symbols: alert.symbols.join(' ') });
  }

  /** Writes the statistics; answers the files. */
  end(reports: Iterable<RouteReport>): string[] {
    for (const { symbol, buy, sell, statistics, bands, verdict } of reports) {
      const { cycles, ...figures } = statistics;
      this.#statistics.add({
        ...{ symbol, buy, sell, bandLowBps: bands.lowBps, bandHighBps: bands.highBps, ...figures },
        ...{ cycles30: cycles[0] ?? 0, cycles40: cycles[1] ?? 0, cycles50: cycles[2] ?? 0 },
        ...{ verdict: verdict.name, reason: verdict.reason },
      });
    }
    return [this.#opportunities.end(), this.#statistics.end(), this.#alerts.end()];
  }

  /** What was written so far is not wanted. */
  drop(): void {
    this.#opportunities.drop();
    this.#statistics.drop();
    this.#alerts.drop();
  }
}

function lineOf({ survivalBps, ...one }: Opportunity): Line {
  const survival = SURVIVAL_MS.map((ms, i) => [`net${ms}msBps`, survivalBps[i] ?? null] as const);
  return { ...one, ...Object.fromEntries(survival) };
}
