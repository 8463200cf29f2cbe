import { JOURNAL_QUOTES, type JournalQuotes } from '../src/lake/journal-format.ts';
import { columnBytes, layColumns } from '../src/ring/ring.ts';

/** 2026-11-23T14:00:00Z in µs. */
export const HOUR_14 = Date.UTC(2026, 10, 23, 14) * 1000;

export function symbolNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `C${String(i).padStart(4, '0')}-USDT`);
}

/**
 * Quotes of one venue as the journal holds them, in the order of arrival: prices on a grid that walk, sizes of three digits, times that rise, a venue time in whole ms.
 * @param gap µs between rows
 */
export function quoteRows(rows: number, symbols: number, from: number, gap: number, seed = 1): JournalQuotes {
  const columns = layColumns(JOURNAL_QUOTES, rows, new ArrayBuffer(columnBytes(JOURNAL_QUOTES, rows)), 0);
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const mid = Int32Array.from({ length: symbols }, () => 1000 + Math.floor(random() * 100_000));
  for (let i = 0; i < rows; i += 1) {
    const symbol = Math.floor(random() * symbols);
    const price = Math.max(10, (mid[symbol] as number) + Math.round((random() - 0.5) * 4));
    mid[symbol] = price;
    const time = from + Math.floor((i + random()) * gap);
    columns.instrument[i] = symbol;
    columns.receiveTime[i] = time;
    columns.venueTime[i] = Math.floor(time / 1000) * 1000 - 3000;
    columns.bid[i] = price / 100;
    columns.ask[i] = (price + 1) / 100;
    columns.bidSize[i] = Math.round(random() * 1000) / 100;
    columns.askSize[i] = random() < 0.01 ? Number.NaN : Math.round(random() * 1000) / 100;
    columns.sequence[i] = 1e9 + i;
  }
  return columns;
}
