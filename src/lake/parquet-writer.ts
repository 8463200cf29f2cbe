import { DuckDBTableFunction, type DuckDBType } from '@duckdb/node-api';
import { CHUNK_ROWS, ChunkColumns } from './chunk-columns.ts';
import { type Duck, sqlText } from './duck.ts';

export interface SourceColumn {
  readonly name: string;
  /** As the chunk is filled. */
  readonly type: DuckDBType;
  /** An ENUM that is to be text in the file. Cast, not written as it is: the engine would put all its values into every row group's statistics, and no reader could skip any. */
  readonly asText?: boolean;
}

/** Rows in the order they are to stand in a file. */
export interface RowSource {
  readonly rows: number;
  readonly columns: readonly SourceColumn[];
  /** Fills every column of the chunk that `begin` was called for. */
  fill(columns: ChunkColumns): void;
}

export interface FileStyle {
  /** Of zstd, 1 … 22. */
  readonly level: number;
  /** A multiple of 2,048. */
  readonly groupRows: number;
}

/** Written once a minute and merged within hours: fast to write. Groups small enough that one symbol of a thousand needs few of them. */
export const PART_STYLE: FileStyle = { level: 1, groupRows: 30_720 };
/** Kept for months. */
export const COMPACTED_STYLE: FileStyle = { level: 3, groupRows: 20_480 };

export function copyOptions({ level, groupRows }: FileStyle): string {
  return `(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${level}, PARQUET_VERSION v2, ROW_GROUP_SIZE ${groupRows}, USE_TMP_FILE false)`;
}

/** Streams rows into Parquet files through an engine, a chunk at a time: nothing but the chunk and the file's open row group is ever copied. One file at a time. */
export class ParquetWriter {
  readonly duck: Duck;
  readonly #columns = new ChunkColumns();
  #source: RowSource | undefined;
  #at = 0;

  constructor(duck: Duck) {
    this.duck = duck;
    duck.connection.registerTableFunction(
      DuckDBTableFunction.create({
        name: 'lake_rows',
        bindFunction: (info) => {
          const source = this.#now();
          for (const column of source.columns) info.addResultColumn(column.name, column.type);
          info.setCardinality(source.rows, true);
        },
        initFunction: (info) => {
          info.setInitData({});
          info.setMaxThreads(1);
        },
        mainFunction: (_, chunk) => {
          const source = this.#now();
          const rows = Math.min(CHUNK_ROWS, source.rows - this.#at);
          this.#columns.begin(chunk, this.#at, rows);
          if (rows > 0) source.fill(this.#columns);
          this.#at += rows;
        },
      }),
    );
  }

  /** Writes the rows to `path`, which may not yet be durable. Throws what the engine says. */
  async write(source: RowSource, path: string, style: FileStyle): Promise<void> {
    if (this.#source !== undefined) throw new Error('a file is being written already');
    this.#source = source;
    this.#at = 0;
    const picked = source.columns.map(({ name, asText }) =>
      asText === true ? `"${name}"::VARCHAR AS "${name}"` : `"${name}"`,
    );
    try {
      await this.duck.run(
        `COPY (SELECT ${picked.join(', ')} FROM lake_rows()) TO ${sqlText(path)} ${copyOptions(style)}`,
      );
    } finally {
      this.#source = undefined;
    }
  }

  #now(): RowSource {
    if (this.#source === undefined) throw new Error('no rows are being written');
    return this.#source;
  }
}
