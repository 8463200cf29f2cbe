import type { RecorderStatus } from '../core/lake-status.ts';
import type { LakeReport } from './lake-host.ts';
import type { MetricsText, Sample } from './metrics-text.ts';

const MICRO = 1e6;

/** The recording; nothing but the families' names when nothing is recorded. @param now µs since the epoch */
export function writeLake(text: MetricsText, report: LakeReport | undefined, now: number): void {
  const recorder = report?.recorder;
  const keeper = report?.keeper;
  const one = (value: number | null | undefined): Sample[] => [[{}, value]];
  writeRows(text, recorder);
  text.counter(
    'recorded_opportunities_total',
    'Closed opportunities that are safe on the disk.',
    one(report?.opportunities.recorded),
  );
  text.counter(
    'lost_opportunities_total',
    'Closed opportunities that will never be recorded.',
    one(report?.opportunities.lost),
  );
  text.gauge(
    'recording',
    '1 while rows reach the disk.',
    one(report === undefined ? null : Number(recorder?.recording === true)),
  );
  text.counter('gaps_total', "Rows of the lake's table of gaps.", one(recorder?.gaps));
  text.gauge('journal_bytes', 'Bytes of the journal.', one(recorder?.journal.bytes));
  text.gauge('journal_segments', 'Segments of the journal.', one(recorder?.journal.segments));
  text.gauge('backlog_bytes', 'Bytes of closed segments that wait for Parquet.', one(keeper?.backlog.bytes));
  text.gauge('backlog_segments', 'Closed segments that wait for Parquet.', one(keeper?.backlog.segments));
  text.counter('converted_rows_total', 'Rows put into Parquet.', one(keeper?.converted.rows));
  text.counter('lake_errors_total', 'Failed work on the disk, by reason.', [
    [{ reason: 'write' }, recorder?.writeErrors],
    [{ reason: 'sync' }, recorder?.syncErrors],
    [{ reason: 'keeper' }, keeper?.errors],
  ]);
  const synced = recorder?.syncedTime ?? null;
  text.gauge(
    'last_sync_age_seconds',
    'How long ago everything was durable.',
    one(synced === null ? null : Math.max(0, now - synced) / MICRO),
  );
  text.counter('clock_steps_total', 'How often the clock of the machine was set.', one(recorder?.clockSteps));
  text.gauge('disk_free_bytes', 'Free bytes on the disk of the lake.', one(keeper?.disk.freeBytes));
  text.gauge('disk_bytes', 'Size of the disk of the lake.', one(keeper?.disk.totalBytes));
  text.gauge('lake_bytes', 'Bytes of the lake.', one(keeper?.disk.lakeBytes));
  text.gauge(
    'lake_trouble',
    '1 for each trouble of the recording that stands now, by reason.',
    (report?.troubles ?? []).map(({ code }): Sample => [{ reason: code }, 1]).filter(isFirst),
  );
}

function writeRows(text: MetricsText, recorder: RecorderStatus | undefined): void {
  const venues = recorder?.venues ?? [];
  const by = (what: 'recorded' | 'lost'): Sample[] =>
    venues.flatMap(({ venue, ...counts }): Sample[] => [
      [{ venue, stream: 'quotes' }, counts[what].quotes],
      [{ venue, stream: 'trades' }, counts[what].trades],
    ]);
  text.counter('recorded_rows_total', 'Rows that are safe on the disk, by venue and stream.', by('recorded'));
  text.counter(
    'lost_rows_total',
    'Rows that will never be recorded, by venue and stream; each is told in the lake.',
    by('lost'),
  );
}

/** Recorder and keeper may have the same trouble. */
function isFirst([{ reason }]: Sample, i: number, all: readonly Sample[]): boolean {
  return all.findIndex(([labels]) => labels.reason === reason) === i;
}
