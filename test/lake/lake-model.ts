import type { GapRow } from '../../src/core/lake-status.ts';
import { QuoteKind } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import type { Duck } from '../../src/lake/duck.ts';
import { chance, type RigFrame, type RigQuote, type RigSegment, type RigTrade } from './journal-rig.ts';

/** 2026-11-23T14:00:00Z in µs. */
export const HOUR_14 = Date.UTC(2026, 10, 23, 14) * 1000;

/** A row as plain SQL tells it, in the words of the model. */
export type FlatRow = readonly (string | null)[];

export interface ModelLake {
  readonly segments: readonly RigSegment[];
  /** What the tables must hold: every row once. */
  readonly quotes: readonly FlatRow[];
  readonly trades: readonly FlatRow[];
  readonly gaps: readonly FlatRow[];
}

const VENUES: readonly VenueId[] = ['okx', 'binance'];
const SYMBOLS = ['BTC-USDT', 'ETH-USDT', 'ETHW-USDT', '龙-USDT', '𝔸-USDT', 'Ａ-USDT', "O'X-USDT"];

/** A random journal: frames that come twice, torn and spoilt ends, hour borders, clocks that go back, absent values, unknown instruments. */
export function randomLake(seed: number, size = 1): ModelLake {
  const random = chance(seed);
  const pick = (n: number) => Math.floor(random() * n);
  const rows = { quotes: [] as FlatRow[], trades: [] as FlatRow[], gaps: [] as FlatRow[] };
  const segments: RigSegment[] = [];
  let frameNumber = 10 + pick(1000);
  let run = 0;
  let time = HOUR_14 + 3_590_000_000;
  let arrival = 0;
  let before: { frames: RigFrame[]; lost: RigFrame[] } = { frames: [], lost: [] };
  const count = 2 + pick(5 * size);
  for (let s = 0; s < count; s += 1) {
    const repeats = before.frames.slice(before.frames.length - pick(3));
    if (random() < 0.2) {
      run += 1;
      frameNumber = 5;
    }
    const sameRun = run === Number(segments.at(-1)?.run ?? 0);
    // What was not known to be on the disk is written again, whether it got there or not.
    const again = sameRun ? [...repeats, ...before.lost] : [];
    const shift = pick(3);
    const instruments = VENUES.flatMap((venue, v) =>
      SYMBOLS.map((symbol, i) => [v * 100 + ((i + shift) % SYMBOLS.length), venue, symbol] as const),
    );
    const fresh: RigFrame[] = [];
    for (let f = 1 + pick(8 * size); f > 0; f -= 1) {
      frameNumber += 1;
      time += random() < 0.1 ? -pick(5_000_000) : pick(3_000_000);
      fresh.push(randomFrame(frameNumber));
    }
    // A frame that comes again says what it said: under the instrument numbers of its own segment, which are then the later one's too.
    const names = again.length > 0 ? (segments.at(-1)?.instruments ?? instruments) : instruments;
    if (sameRun) for (const frame of before.lost) tell(frame, names);
    const damaged = s < count - 1 && random() < 0.3;
    const last = fresh.at(-1);
    for (const frame of damaged ? fresh.slice(0, -1) : fresh) tell(frame, names);
    segments.push({
      number: 7 + 2 * s,
      run: String(run),
      createdAt: time,
      instruments: names,
      frames: [...again, ...fresh],
      ...(damaged && random() < 0.5
        ? { cut: 1 + pick(40) }
        : damaged
          ? { spoil: last?.kind === 'gaps' ? 0 : pick(30) }
          : {}),
    });
    before = { frames: damaged ? fresh.slice(0, -1) : fresh, lost: damaged ? fresh.slice(-1) : [] };
  }
  return { segments, ...rows };

  function randomFrame(number: number): RigFrame {
    const venue = VENUES[pick(VENUES.length)] as VenueId;
    const kind = random();
    const instrument = () => VENUES.indexOf(venue) * 100 + pick(random() < 0.02 ? 60 : SYMBOLS.length);
    const maybe = (value: number) => (random() < 0.15 ? Number.NaN : value);
    const receiveTime = () => time + pick(4);
    if (kind < 0.15) return { kind: 'gaps', number, rows: [randomGap(venue)] };
    const n = 1 + pick(30);
    if (kind < 0.6) {
      const quotes: RigQuote[] = Array.from({ length: n }, () => {
        arrival += 1;
        return {
          instrument: instrument(),
          kind: random() < 0.1 ? QuoteKind.ended : QuoteKind.quote,
          venueTime: maybe(time - pick(50_000)),
          receiveTime: receiveTime(),
          bid: maybe(random() * 10 ** pick(9)),
          bidSize: maybe(random()),
          ask: maybe(1 / (1 + pick(1e6))),
          askSize: maybe(pick(3)),
          sequence: maybe(2 ** 53 - 1 - arrival * pick(2) * 2 ** 20),
        };
      });
      return { kind: 'quotes', venue, number, rows: quotes };
    }
    const trades: RigTrade[] = Array.from({ length: n }, () => ({
      instrument: instrument(),
      venueTime: maybe(time - pick(50_000)),
      receiveTime: receiveTime(),
      price: maybe(random() * 1e5),
      size: maybe(random()),
      side: pick(2),
      id: randomId(),
    }));
    return { kind: 'trades', venue, number, rows: trades };
  }

  function randomId(): string {
    arrival += 1;
    const id = `${arrival}-`;
    const kind = pick(4);
    if (kind === 0) return '';
    if (kind === 1) return `${id}é龙`;
    return id.padEnd(kind === 2 ? 12 : 13 + pick(52), 'x').slice(0, 64);
  }

  function randomGap(venue: VenueId): GapRow {
    return {
      venue,
      symbol: random() < 0.3 ? null : (SYMBOLS[pick(SYMBOLS.length)] as string),
      stream: [null, 'quotes', 'trades'][pick(3)] as GapRow['stream'],
      from: time - pick(10),
      to: time + pick(1000),
      reason: 'connection',
      rowsLost: random() < 0.5 ? null : pick(100),
    };
  }

  function tell(frame: RigFrame, names: RigSegment['instruments']): void {
    if (frame.kind === 'gaps') {
      for (const gap of frame.rows)
        rows.gaps.push(
          [gap.venue, gap.symbol, gap.from, gap.to, gap.reason, gap.stream, gap.rowsLost].map(text),
        );
      return;
    }
    for (const row of frame.rows) {
      const symbol = names.find(([i, venue]) => i === row.instrument && venue === frame.venue)?.[2];
      if (symbol === undefined) continue;
      const start = [frame.venue, symbol, row.venueTime, row.receiveTime];
      if ('bid' in row) {
        if (row.kind === QuoteKind.quote)
          rows.quotes.push([...start, row.bid, row.bidSize, row.ask, row.askSize, row.sequence].map(text));
      } else
        rows.trades.push(
          [...start, row.id === '' ? null : row.id, row.price, row.size, row.side === 0 ? 'buy' : 'sell'].map(
            text,
          ),
        );
    }
  }
}

/** Exact, and the same for a number however it came. */
function text(value: string | number | bigint | null): string | null {
  if (value === null || Number.isNaN(value)) return null;
  return typeof value === 'string' ? value : String(Number(value));
}

const SELECT = {
  quotes: 'symbol, epoch_us(venue_time), epoch_us(receive_time), bid, bid_size, ask, ask_size, sequence',
  trades: 'symbol, epoch_us(venue_time), epoch_us(receive_time), trade_id, price, size, side',
  gaps: 'symbol, epoch_us("from"), epoch_us("to"), reason, stream, rows_lost',
} as const;

/** All rows of a table by a plain glob, file after file, as anyone's SQL finds them; none if there is no file. Asserts nothing. */
export async function globRows(duck: Duck, lake: string, table: keyof typeof SELECT): Promise<FlatRow[]> {
  const rows = await duck.rows(
    `SELECT venue, ${SELECT[table]} FROM read_parquet('${lake}/${table}/**/*.parquet', hive_partitioning = true) ORDER BY filename, file_row_number`,
  );
  return rows.map((row) => row.map((value) => text(value as string | number | bigint | null)));
}

export function sorted(rows: readonly FlatRow[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
