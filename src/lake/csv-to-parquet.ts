import { type Duck, sqlFile, sqlText } from './duck.ts';

/** Makes a Parquet file of a history in CSV: `time` (µs), `value`, `upper`, `lower`; empty is null. Both are streamed. Throws what the engine throws. */
export async function historyToParquet(engine: Duck, csv: string, parquet: string): Promise<void> {
  const columns = "{time: 'BIGINT', value: 'DOUBLE', upper: 'DOUBLE', lower: 'DOUBLE'}";
  await engine.run(
    `COPY (SELECT make_timestamptz(time) AS time, value, upper, lower FROM read_csv(${sqlFile(csv)}, header = true, auto_detect = false, columns = ${columns}))
      TO ${sqlText(parquet)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, USE_TMP_FILE false)`,
  );
}
