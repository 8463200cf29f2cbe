import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface JournalQuote {
  readonly kind: 'quote';
  readonly venue: string;
  readonly symbol: string;
  readonly sequence: number | null;
  readonly venueTime: number | null;
  readonly bid: number | null;
  readonly bidSize: number | null;
  readonly ask: number | null;
  readonly askSize: number | null;
}

export interface JournalTrade {
  readonly kind: 'trade';
  readonly venue: string;
  readonly symbol: string;
  readonly id: string;
  readonly venueTime: number;
  readonly price: number;
  readonly size: number;
  readonly side: 'buy' | 'sell';
}

export type JournalLine = JournalQuote | JournalTrade;

/** A journal's path in a folder of its own; `read` after the simulator has stopped. */
export interface JournalFile {
  readonly path: string;
  read(): Promise<JournalLine[]>;
  remove(): Promise<void>;
}

export async function journalFile(): Promise<JournalFile> {
  const folder = await mkdtemp(join(tmpdir(), 'spreadscope-journal-'));
  const path = join(folder, 'journal.ndjson');
  return {
    path,
    read: async () => {
      const text = await readFile(path, 'utf8');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line): JournalLine => JSON.parse(line));
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** What identifies the values of a quote, however it was read. */
export function quoteKey(
  venue: string,
  symbol: string,
  bid: number | null | undefined,
  bidSize: number | null | undefined,
  ask: number | null | undefined,
  askSize: number | null | undefined,
): string {
  return [venue, symbol, bid, bidSize, ask, askSize].join(' ');
}

/** The journal's quotes by their values, and its trades by venue, symbol and id. */
export function indexJournal(lines: readonly JournalLine[]): {
  quotes: Map<string, JournalQuote[]>;
  trades: Map<string, JournalTrade>;
} {
  const quotes = new Map<string, JournalQuote[]>();
  const trades = new Map<string, JournalTrade>();
  for (const line of lines) {
    if (line.kind === 'trade') {
      trades.set(`${line.venue} ${line.symbol} ${line.id}`, line);
      continue;
    }
    const key = quoteKey(line.venue, line.symbol, line.bid, line.bidSize, line.ask, line.askSize);
    quotes.set(key, [...(quotes.get(key) ?? []), line]);
  }
  return { quotes, trades };
}
