import { type GapTotals, LAKE_TABLES, type LakeCheck, type LakeStat, type Merge } from '../app/lake-work.ts';
import { counted, grouped, plain } from './output.ts';
import { type TextColumn, textTable } from './text-table.ts';

const MB = 1e6;

/** What a check found, for people: a line each finding, then what there is, then where it was blind. */
export function checkReport({ findings, wrong, notes, tables, journal, gaps }: LakeCheck): string[] {
  const totals = [
    ...Object.entries(tables).map(([table, { rows, files, bytes }]) => [
      table,
      grouped(rows),
      grouped(files),
      megabytes(bytes),
    ]),
    ['journal', grouped(journal.rows), grouped(journal.segments), megabytes(journal.bytes)],
  ];
  const unlisted = wrong + notes - findings.length;
  return [
    ...findings.map(({ level, path, message }) => plain(`${level.padEnd(5)}  ${path || '.'}  ${message}`)),
    ...(unlisted > 0 ? [`… and ${grouped(unlisted)} more`] : []),
    ...(findings.length > 0 ? [''] : []),
    ...textTable([{ title: 'table' }, right('rows'), right('files'), right('MB')], totals),
    ...gapLines(gaps),
    '',
    wrong === 0 ? `nothing is wrong${noted(notes)}` : `${grouped(wrong)} wrong${noted(notes)}`,
  ];
}

function noted(notes: number): string {
  return notes === 0 ? '' : ` (${counted(notes, 'note')})`;
}

function gapLines(gaps: readonly GapTotals[]): string[] {
  if (gaps.length === 0) return [];
  const rows = [...gaps]
    .sort((a, b) => compare(a.venue, b.venue) || b.duration - a.duration)
    .map((gap) => [gap.venue, gap.reason, grouped(gap.gaps), spell(gap.duration), grouped(gap.rowsLost)]);
  const columns = [{ title: 'venue' }, { title: 'gap' }, right('count'), right('time'), right('rows lost')];
  return ['', ...textTable(columns, rows)];
}

/** What a lake holds, by table, day and venue, and what waits to get there. */
export function statReport(stat: LakeStat): string[] {
  const columns = [
    { title: 'day' },
    { title: 'venue' },
    right('rows'),
    right('MB'),
    right('files'),
    right('bytes/row'),
  ];
  const tables = LAKE_TABLES.flatMap((table) => {
    const days = stat.days.filter((day) => day.table === table);
    if (days.length === 0) return [];
    const rows = days.map(({ date, venue, ...size }) => [date, venue, ...sizeCells(size)]);
    const sum = (key: 'rows' | 'bytes' | 'files') => days.reduce((total, day) => total + day[key], 0);
    const all = { rows: sum('rows'), bytes: sum('bytes'), files: sum('files') };
    if (days.length > 1) rows.push(['all', '', ...sizeCells(all)]);
    return [table, ...textTable(columns, rows).map((line) => `  ${line}`), ''];
  });
  const perRow = stat.bytesPerRow === null ? '' : `, ${stat.bytesPerRow.toFixed(1)} bytes a row`;
  return [
    ...tables,
    ...stat.unreadable.map((path) => plain(`cannot be read, and is not counted: ${path}`)),
    `in Parquet: ${counted(stat.rows, 'row')}, ${megabytes(stat.bytes)} MB in ${counted(stat.files, 'file')}${perRow}`,
    ...tailLines(stat.journal),
  ];
}

function sizeCells({ rows, bytes, files }: { rows: number; bytes: number; files: number }): string[] {
  return [grouped(rows), megabytes(bytes), grouped(files), rows === 0 ? '' : (bytes / rows).toFixed(1)];
}

function tailLines({ segments, bytes, venues }: LakeStat['journal']): string[] {
  if (segments === 0) return ['in the journal: nothing waits'];
  const rows = venues.map(({ venue, quotes, trades }) => [venue, grouped(quotes), grouped(trades)]);
  const head = `in the journal: ${counted(segments, 'segment')}, ${megabytes(bytes)} MB`;
  if (rows.length === 0) return [head];
  const lines = textTable([{ title: 'venue' }, right('quotes'), right('trades')], rows);
  return [head, ...lines.map((line) => `  ${line}`)];
}

/** What a merge did. */
export function mergeReport({ converted, compacted, bytesBefore, bytesAfter }: Merge): string[] {
  const refused =
    converted.refused === 0 ? '' : `; ${counted(converted.refused, 'row')} of no known instrument`;
  return [
    `journal: ${counted(converted.segments, 'segment')} became ${counted(converted.files, 'file')}, ${counted(converted.rows, 'row')}${refused}`,
    `merged:  ${grouped(compacted.filesBefore)} → ${counted(compacted.filesAfter, 'file')}, ${counted(compacted.rows, 'row')}`,
    `tables:  ${megabytes(bytesBefore)} → ${megabytes(bytesAfter)} MB`,
  ];
}

function right(title: string): TextColumn {
  return { title, right: true };
}

function megabytes(bytes: number): string {
  const digits = bytes < 10 * MB ? 2 : bytes < 1000 * MB ? 1 : 0;
  return (bytes / MB).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** 0.250 s, 1 min 5 s, 3 h 20 min, 2 d 4 h of µs. */
function spell(micros: number): string {
  const seconds = micros / 1e6;
  if (seconds < 60) return `${seconds.toFixed(3)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const hours = Math.floor(whole / 3600);
  if (hours < 48) return `${hours} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
