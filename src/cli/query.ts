import { type Command, Option } from 'commander';
import type { QueryFormat } from '../app/query-protocol.ts';
import { parseCount } from './arguments.ts';
import { addLakeFolder, lakeFolderOf } from './lake-folder.ts';
import { plain } from './output.ts';
import { abortAtSignal } from './signals.ts';

interface QueryFlags {
  readonly lake?: string;
  readonly format?: QueryFormat;
  readonly limit?: string;
  readonly timeout: string;
}

/** Rows of a table on a terminal, and of one that goes to a file: it is aligned only once all are there. */
const SHOWN_ROWS = 40;
const TABLE_ROWS = 10_000;

/** `query SQL`: SQL over what was recorded, in a sandbox. */
export function addQuery(program: Command): void {
  addLakeFolder(program.command('query'))
    .argument('<sql>', 'one SELECT')
    .summary('ask what was recorded with SQL')
    .description(
      [
        'Answers one SELECT over the views quotes, trades, opportunities and gaps, what was recorded this moment included; it may run beside a recorder.',
        'The SQL can read these and nothing else, and change nothing. DESCRIBE quotes lists the columns of a view; times are UTC.',
      ].join('\n'),
    )
    .addOption(
      new Option(
        '--format <name>',
        'table, csv, ndjson or json (default: table on a terminal, else csv)',
      ).choices(['table', 'csv', 'ndjson', 'json']),
    )
    .option(
      '--limit <rows>',
      `rows to give at most (default: ${SHOWN_ROWS} in a table on a terminal, ${TABLE_ROWS} in one elsewhere, else all)`,
    )
    .option('--timeout <seconds>', 'end a query that takes longer', '10')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  spreadscope query "SELECT venue, count(*) FROM quotes GROUP BY venue"',
        `  spreadscope query "FROM trades WHERE date = '2026-11-23' AND symbol = 'BTC-USDT'" > trades.csv`,
      ].join('\n'),
    )
    .action(runQuery);
}

async function runQuery(sql: string, flags: QueryFlags, command: Command): Promise<void> {
  const signal = abortAtSignal();
  const onTerminal = process.stdout.isTTY === true;
  const format = flags.format ?? (onTerminal ? 'table' : 'csv');
  const most = format !== 'table' ? null : onTerminal ? SHOWN_ROWS : TABLE_ROWS;
  const limit = flags.limit === undefined ? most : parseCount(flags.limit, '--limit', 1, 1_000_000_000);
  const timeoutMs = parseCount(flags.timeout, '--timeout', 1, 86_400) * 1000;
  const lake = await lakeFolderOf(flags.lake, command);
  const { QUERY_LIMITS, queryLake } = await import('../app/query.ts');
  await queryLake({
    lake,
    sql,
    format,
    limit,
    terminal: onTerminal ? { columns: process.stdout.columns || 80 } : null,
    output: process.stdout,
    note: (text) => process.stderr.write(`${plain(text)}\n`),
    limits: { ...QUERY_LIMITS, timeoutMs },
    signal,
  });
}
