import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';

export interface DuckOptions {
  /** What the engine may take for itself, MiB. */
  readonly memoryMb: number;
  readonly threads: number;
  /** Where sorts that do not fit spill to; undefined = they fail instead. */
  readonly tempFolder?: string | undefined;
  /** MiB that may be spilled. */
  readonly tempMb?: number;
  /** Whether the engine keeps what it read of files in its memory; off for whoever reads each file once. */
  readonly fileCache?: boolean;
}

const DEFAULT_TEMP_MB = 4096;

/** How often a query that is not wanted any more is told so, ms: one that has not quite begun does not hear it. */
const INTERRUPT_MS = 20;

/** Queries on one connection, one after the other. */
export class DuckSession {
  readonly connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** All rows of an answer that is known to be small. */
  async rows(sql: string): Promise<DuckDBValue[][]> {
    return await (await this.connection.runAndReadAll(sql)).getRows();
  }
}

/** An engine of its own, in memory, with one connection. */
export class Duck extends DuckSession {
  readonly #instance: DuckDBInstance;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    super(connection);
    this.#instance = instance;
  }

  /** One more connection, for a query beside others; whoever asks for it closes it, before the engine is closed. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  }

  /**
   * Work on a connection of its own, beside others; the query at hand is broken off when the signal says so. Throws what the work throws, and the signal's reason.
   */
  async apart<T>(work: (session: DuckSession) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const connection = await this.connect();
    let again: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      connection.interrupt();
      again = setInterval(() => connection.interrupt(), INTERRUPT_MS);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      signal.throwIfAborted();
      return await work(new DuckSession(connection));
    } catch (error) {
      // A query that was interrupted says so in the engine's words.
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearInterval(again);
      connection.closeSync();
    }
  }

  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}

/**
 * Opens an engine that neither fetches nor loads extensions and keeps to its memory. Whoever runs SQL that is not ours must lock it further.
 */
export async function openDuck(options: DuckOptions): Promise<Duck> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryMb}MiB`,
    threads: String(options.threads),
    // What a piece of work took is given back, however long the engine is idle afterwards.
    allocator_background_threads: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    enable_external_file_cache: String(options.fileCache ?? false),
    // Empty = spill nothing.
    temp_directory: options.tempFolder ?? '',
    max_temp_directory_size: `${options.tempMb ?? DEFAULT_TEMP_MB}MiB`,
  });
  try {
    const connection = await instance.connect();
    const duck = new Duck(instance, connection);
    await duck.run("SET TimeZone = 'UTC'");
    return duck;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The path of one file to read, as an SQL literal: characters that would make it a glob stand for themselves. */
export function sqlFile(path: string): string {
  return sqlText(path.replace(/[[*?]/g, '[$&]'));
}

/** These files, and nothing of their folders' names, as a table function for a FROM clause. */
export function sqlParquet(paths: readonly string[], more = ''): string {
  return `read_parquet([${paths.map(sqlFile).join(', ')}], hive_partitioning = false${more})`;
}
