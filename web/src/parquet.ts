import { parquetWriteBuffer } from 'hyparquet-writer';
import { COLUMNS, type Table } from './export.ts';

/** What is shown, as a Parquet file: times are timestamps in µs, UTC; what is not known is null. Loaded when somebody asks for one. */
export function parquetOf(table: Table): ArrayBuffer {
  const micros = Array.from(table.time, (second) => BigInt(Math.round(second * 1e6)));
  const columns = COLUMNS.map((name) => ({
    name,
    data: Array.from(table[name], (value) => (Number.isNaN(value) ? null : value)),
  }));
  return parquetWriteBuffer({
    columnData: [{ name: 'time', data: micros }, ...columns],
    schema: [
      { name: 'root', num_children: 1 + columns.length },
      {
        name: 'time',
        type: 'INT64',
        repetition_type: 'REQUIRED',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      },
      ...columns.map(({ name }) => ({ name, type: 'DOUBLE' as const, repetition_type: 'OPTIONAL' as const })),
    ],
    createdBy: 'spreadscope',
  });
}
