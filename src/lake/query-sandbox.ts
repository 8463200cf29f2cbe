import { type DuckDBResult, type DuckDBType, DuckDBTypeId, StatementType } from '@duckdb/node-api';
import { SpreadscopeError } from '../core/errors.ts';
import { type Duck, openDuck, sqlFile, sqlText } from './duck.ts';
import { queryError } from './query-error.ts';
import { admit } from './query-gate.ts';
import type { SqlValue } from './query-values.ts';
import { LAKE_TABLES, type LakeTable, TABLE_COLUMNS } from './tables.ts';

export interface SandboxOptions {
  /** Paths of the files that are each table. Above `<table>/` no folder may be named like `date=…`. */
  readonly files: Readonly<Record<LakeTable, readonly string[]>>;
  /** Where sorts may spill to; nothing else is there. */
  readonly spillFolder: string;
}

export interface AnswerColumn {
  readonly name: string;
  /** No other column has it. */
  readonly uniqueName: string;
  readonly kind: 'number' | 'time' | 'text';
}

export interface Answer {
  readonly columns: readonly AnswerColumn[];
  /** Rows as they come, some thousands at a time. Throws QUERY_FAILED, QUERY_LIMIT, QUERY_REFUSED. */
  rows(): AsyncGenerator<SqlValue[][]>;
}

const MEMORY_MB = 256;
const SPILL_MB = 256;
const PARTITION_TYPES = { venue: 'VARCHAR', date: 'DATE', hour: 'BIGINT' };

/**
 * Runs SQL that is not ours on an engine of its own, which can read these files and do nothing else. The engine's locks are not a wall: this belongs in a process that may
 * end at any moment, with a limit on its memory. Throws QUERY_REFUSED, QUERY_FAILED, QUERY_LIMIT.
 */
export async function ask(sql: string, { files, spillFolder }: SandboxOptions): Promise<Answer> {
  try {
    const duck = await openDuck({
      memoryMb: MEMORY_MB,
      threads: 1,
      tempFolder: spillFolder,
      tempMb: SPILL_MB,
    });
    const tables = await admit(duck, sql);
    const needed = (table: LakeTable) => (tables.has(table) ? files[table] : []);
    for (const table of LAKE_TABLES) await duck.run(viewSql(table, needed(table)));
    await lock(duck, LAKE_TABLES.flatMap(needed));
    return answerOf(await start(duck, sql));
  } catch (error) {
    throw queryError(error);
  }
}

/** The order counts: each takes away what the one before it still needed. */
async function lock(duck: Duck, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await duck.run(`SET allowed_paths = [${paths.map(sqlText).join(', ')}]`);
  await duck.run('SET enable_external_access = false');
  await duck.run('SET lock_configuration = true');
}

/** The second gate: what the engine makes of the text is one SELECT too. */
async function start(duck: Duck, sql: string): Promise<DuckDBResult> {
  const statements = await duck.connection.extractStatements(sql);
  if (statements.count !== 1) throw new SpreadscopeError('QUERY_REFUSED', 'a query is one statement');
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT)
    throw new SpreadscopeError('QUERY_REFUSED', 'a query is one SELECT: it reads, and changes nothing');
  return await prepared.stream();
}

function answerOf(result: DuckDBResult): Answer {
  const names = result.columnNames();
  const unique = result.deduplicatedColumnNames();
  return {
    columns: result.columnTypes().map((type, i) => ({
      name: names[i] ?? '',
      uniqueName: unique[i] ?? '',
      kind: kindOf(type),
    })),
    rows: () => rowsOf(result),
  };
}

async function* rowsOf(result: DuckDBResult): AsyncGenerator<SqlValue[][]> {
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows();
    }
  } catch (error) {
    throw queryError(error);
  }
}

const NUMBERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);

const TIMES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);

function kindOf({ typeId }: DuckDBType): AnswerColumn['kind'] {
  return NUMBERS.has(typeId) ? 'number' : TIMES.has(typeId) ? 'time' : 'text';
}

/** A table's view over its files; with no files, one of the same columns without rows. */
function viewSql(table: LakeTable, paths: readonly string[]): string {
  const columns = { ...TABLE_COLUMNS[table], ...PARTITION_TYPES };
  const names = Object.keys(columns).map((name) => `"${name}"`);
  if (paths.length === 0) {
    const nulls = Object.entries(columns).map(([name, type]) => `NULL::${type} AS "${name}"`);
    return `CREATE VIEW "${table}" AS SELECT ${nulls.join(', ')} WHERE false`;
  }
  const types = Object.entries(PARTITION_TYPES).map(([name, type]) => `${name}: ${type}`);
  const list = paths.map(sqlFile).join(', ');
  return `CREATE VIEW "${table}" AS SELECT ${names.join(', ')} FROM read_parquet([${list}], hive_partitioning = true, hive_types = {${types.join(', ')}})`;
}
