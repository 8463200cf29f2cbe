import { SpreadscopeError } from '../core/errors.ts';
import type { Duck } from './duck.ts';
import { isRecord } from './json.ts';
import { LAKE_TABLES, type LakeTable } from './tables.ts';

/*
 * What a query may be is decided on its syntax tree, before anything is prepared: the engine's settings do not keep a statement from writing where it may read, preparing already
 * touches files, and some functions change settings that are locked or end the process. The engine itself parses the text into a tree, which takes only SELECT, so that it cannot be
 * read in two ways.
 */

/** Functions after FROM that read no file and change nothing. A new engine's new ones are refused until they are listed. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'duckdb_columns',
  'duckdb_functions',
  'duckdb_keywords',
  'duckdb_settings',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'generate_series',
  'histogram',
  'histogram_values',
  'icu_calendar_names',
  'json_each',
  'json_tree',
  'pg_timezone_names',
  'pragma_version',
  'range',
  'repeat',
  'repeat_row',
  'summary',
  'test_all_types',
  'unnest',
]);
/** Functions elsewhere that do more than compute. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set(['json_serialize_plan', 'write_log', 'nextval']);

/**
 * Looks at a query without preparing it. Answers which tables it may be about; all others it does not name. Throws QUERY_REFUSED if it is not one SELECT, or calls what it may not, and
 * QUERY_FAILED if it is no SQL.
 */
export async function admit(duck: Duck, sql: string): Promise<ReadonlySet<LakeTable>> {
  if (/[\0\p{Cs}]/u.test(sql)) throw refused('the text holds what no SQL does');
  const tree = await treeOf(duck, sql);
  const [statement, second] = tree;
  if (statement === undefined) throw new SpreadscopeError('QUERY_FAILED', 'the query is empty');
  if (second !== undefined) throw refused('a query is one statement');
  return walk(statement);
}

function refused(why: string): SpreadscopeError {
  return new SpreadscopeError('QUERY_REFUSED', why);
}

async function treeOf(duck: Duck, sql: string): Promise<unknown[]> {
  const statement = await duck.connection.prepare('SELECT json_serialize_sql($1::VARCHAR)');
  let text: unknown;
  try {
    statement.bindVarchar(1, sql);
    text = (await statement.runAndReadAll()).getRows()[0]?.[0];
  } finally {
    statement.destroySync();
  }
  const tree: unknown = JSON.parse(String(text));
  if (!isRecord(tree)) throw new Error('the engine gave no syntax tree');
  if (tree.error === true) throw notSelect(tree);
  if (!Array.isArray(tree.statements)) throw new Error('the engine gave no syntax tree');
  return tree.statements as unknown[];
}

function notSelect({ error_type: type, error_message: message }: Record<string, unknown>): SpreadscopeError {
  if (type === 'parser')
    return new SpreadscopeError('QUERY_FAILED', `Parser Error: ${String(message).split('\n', 1)[0]}`);
  return refused('a query is one SELECT: it reads, and changes nothing');
}

/** Looks at every node, whatever it is. */
function walk(statement: unknown): Set<LakeTable> {
  const tables = new Set<LakeTable>();
  const waiting: { value: unknown; inFrom: boolean }[] = [{ value: statement, inFrom: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, inFrom } = next;
    // A table may be named as text or as a column, in an argument: whatever reads like one counts.
    if (typeof value === 'string') addTable(tables, value);
    else if (Array.isArray(value))
      for (const item of value as unknown[]) waiting.push({ value: item, inFrom });
    else if (isRecord(value)) {
      const name = value.function_name;
      if (typeof name === 'string') assertHarmless(name.toLowerCase(), inFrom);
      const isFunction = value.type === 'TABLE_FUNCTION';
      for (const [key, item] of Object.entries(value))
        waiting.push({ value: item, inFrom: isFunction && key === 'function' });
    }
  }
  return tables;
}

function addTable(tables: Set<LakeTable>, text: string): void {
  const name = text.toLowerCase();
  for (const table of LAKE_TABLES) if (name === table) tables.add(table);
}

function assertHarmless(name: string, inFrom: boolean): void {
  if (inFrom ? !TABLE_FUNCTIONS.has(name) : REFUSED_FUNCTIONS.has(name))
    throw refused(
      `${name}() is out of a query's reach: it reads the views quotes, trades, opportunities and gaps`,
    );
}
