import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { SpreadscopeError } from '../core/errors.ts';
import { findLake } from '../lake/lake-folder.ts';
import { type LakeSnapshot, snapshotLake } from '../lake/lake-snapshot.ts';
import { allFiles, type PartFile } from '../lake/partitions.ts';
import { LAKE_TABLES, type LakeTable } from '../lake/tables.ts';
import { convertCopy } from '../lake/tail-parquet.ts';
import { type QueryLimits, runQueryProcess } from './query-child.ts';
import type { QueryFormat, QueryPlan } from './query-protocol.ts';
import { inScratch } from './scratch.ts';

export { QUERY_FORMATS, type QueryFormat } from './query-protocol.ts';

export interface QueryRequest {
  readonly lake: string;
  readonly sql: string;
  readonly format: QueryFormat;
  /** Rows to give; null = all. */
  readonly limit: number | null;
  /** Where the answer is shown; null = it goes to a program. */
  readonly terminal: { readonly columns: number } | null;
  readonly output: Writable;
  /** What whoever asks should know besides the answer. */
  readonly note: (text: string) => void;
  readonly limits: QueryLimits;
  readonly signal: AbortSignal;
  /** Rows that may wait in the journal and still be in the answer. */
  readonly tailRows?: number;
}

export const QUERY_LIMITS: QueryLimits = { timeoutMs: 10_000, outputBytes: 256_000_000 };
const MEMORY_BYTES = 1_073_741_824;
const TAIL_ROWS = 2_000_000;
/** An answer is held back until it is larger than this or whole: so long it can be asked for again. */
const HELD_BYTES = 1_000_000;
const TRIES = 2;

/**
 * Answers SQL over the views `quotes`, `trades`, `opportunities` and `gaps` of a lake, what waits in its journal included. The lake is not changed, whatever the SQL says. Throws NO_LAKE,
 * FILE_UNREADABLE, QUERY_REFUSED, QUERY_FAILED, QUERY_LIMIT, and the signal's reason.
 */
export async function queryLake(request: QueryRequest): Promise<void> {
  const lake = findLake(request.lake);
  await inScratch('query', async (scratch) => {
    // Through a link, so that nothing of the lake's own path reads like a partition.
    symlinkSync(lake, join(scratch, 'lake'));
    mkdirSync(join(scratch, 'spill'));
    for (let tries = 1; ; tries += 1) if (await answer(request, lake, scratch, tries === TRIES)) return;
  });
}

/** False = files went away, and it can be tried again. */
async function answer(
  request: QueryRequest,
  lake: string,
  scratch: string,
  isLast: boolean,
): Promise<boolean> {
  const { signal, note } = request;
  const snapshot = await prepare(request, lake, scratch);
  const plan = planOf(request, snapshot.files, scratch);
  const held = new HeldOutput(request.output, signal);
  try {
    const { rows, cut } = await runQueryProcess(plan, request.limits, (bytes) => held.take(bytes), signal);
    await held.release();
    if (cut && plan.format !== 'table') note(`only the first ${rows} rows: --limit`);
    return true;
  } catch (error) {
    // Whatever failed because of it, it was told to stop.
    signal.throwIfAborted();
    const gone = LAKE_TABLES.some((table) => plan.files[table].some((path) => !existsSync(path)));
    if (!gone) throw shown(error, scratch, lake);
    if (!isLast && !held.isReleased) return false;
    throw new SpreadscopeError(
      'FILE_UNREADABLE',
      'files of the lake were merged or removed while they were read, and the answer is not whole: ask again',
      { cause: error },
    );
  }
}

/** Lists the lake, and makes Parquet of a copy of its journal. */
async function prepare(
  { tailRows = TAIL_ROWS, note, signal }: QueryRequest,
  lake: string,
  scratch: string,
): Promise<LakeSnapshot> {
  const tail = join(scratch, 'tail');
  rmSync(tail, { recursive: true, force: true });
  const snapshot = snapshotLake(lake, tail, tailRows);
  const { rows, copied } = snapshot.journal;
  if (copied) await convertCopy(tail, snapshot.files, signal);
  else
    note(
      `${rows.toLocaleString('en-US')} rows wait in the journal and are not in the answer; they are once a recorder or \`spreadscope lake compact\` has converted them`,
    );
  return snapshot;
}

function planOf(
  { sql, format, limit, terminal }: QueryRequest,
  old: readonly PartFile[],
  scratch: string,
): QueryPlan {
  const files = [
    ...old.map((file) => ({ ...file, path: join(scratch, 'lake', file.folder, file.name) })),
    ...allFiles(join(scratch, 'tail')),
  ];
  const paths = (table: LakeTable) => files.filter((file) => file.table === table).map(({ path }) => path);
  return {
    sql,
    format,
    limit,
    terminal,
    files: {
      quotes: paths('quotes'),
      trades: paths('trades'),
      opportunities: paths('opportunities'),
      gaps: paths('gaps'),
    },
    spillFolder: join(scratch, 'spill'),
    scratch,
    memoryBytes: MEMORY_BYTES,
  };
}

/** An error in terms of the lake, not of the folder through which it was read. */
function shown(error: unknown, scratch: string, lake: string): unknown {
  if (!(error instanceof SpreadscopeError)) return error;
  const link = join(scratch, 'lake');
  const message = error.message.replaceAll(link, lake);
  if (error.code === 'QUERY_FAILED' && error.message.includes(`${link}/`))
    return new SpreadscopeError(
      'FILE_UNREADABLE',
      `a file of the lake cannot be read (\`spreadscope lake check\` lists them): ${message}`,
      { cause: error },
    );
  return new SpreadscopeError(error.code, message, { cause: error });
}

/** The beginning of an answer, kept until it is worth showing. */
class HeldOutput {
  readonly #output: Writable;
  readonly #signal: AbortSignal;
  #held: Buffer[] = [];
  #bytes = 0;
  isReleased = false;

  constructor(output: Writable, signal: AbortSignal) {
    this.#output = output;
    this.#signal = signal;
  }

  async take(bytes: Buffer): Promise<void> {
    this.#held.push(bytes);
    this.#bytes += bytes.length;
    if (this.isReleased || this.#bytes > HELD_BYTES) await this.release();
  }

  async release(): Promise<void> {
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.isReleased ||= bytes.length > 0;
    if (bytes.length === 0 || this.#output.write(bytes)) return;
    await once(this.#output, 'drain', { signal: this.#signal });
  }
}
