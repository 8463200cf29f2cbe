import { Converter } from './converter.ts';
import { openDuck } from './duck.ts';
import { type FileSteps, realSteps } from './file-steps.ts';
import { ParquetWriter } from './parquet-writer.ts';
import type { PartFile } from './partitions.ts';
import { RowPool } from './row-pool.ts';
import { listSegments } from './segment.ts';
import { groupSize } from './segment-group.ts';
import { outlineOf } from './segment-scan.ts';

const MEMORY_MB = 256;
/** What is thrown away at the end need not survive a power cut. */
const FLEETING: FileSteps = { ...realSteps, sync: () => {}, syncFolder: () => {} };

/**
 * Turns a copied journal into Parquet in its own folder, in the shape of a lake. Throws what the disk or the engine throws, and the signal's reason.
 * @param files those of the lake that it was copied from: rows that are there are left out
 */
export async function convertCopy(
  tail: string,
  files: readonly PartFile[],
  signal: AbortSignal,
): Promise<void> {
  let waiting = listSegments(tail).map(outlineOf);
  if (waiting.every(({ rows, file }) => rows === 0 && file.bytes === 0)) return;
  const duck = await openDuck({ memoryMb: MEMORY_MB, threads: 1 });
  try {
    const [pool, writer] = [new RowPool(), new ParquetWriter(duck)];
    const byFolder = new Map<string, PartFile[]>();
    for (const file of files) {
      const own = byFolder.get(file.folder) ?? [];
      if (own.length === 0) byFolder.set(file.folder, own);
      own.push(file);
    }
    const converter = new Converter(tail, FLEETING, pool, (folder) => byFolder.get(folder) ?? []);
    const limits = { quoteRows: pool.quoteRows, tradeRows: pool.tradeRows };
    while (waiting.length > 0) {
      signal.throwIfAborted();
      const size = groupSize(waiting, limits);
      await converter.convert(
        waiting.slice(0, size).map(({ file }) => file),
        writer,
      );
      waiting = waiting.slice(size);
    }
  } finally {
    duck.close();
  }
}
