import { TradeSide } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { type Duck, sqlParquet, sqlText } from './duck.ts';
import type { Frame } from './frame.ts';
import { readFolders } from './history-folders.ts';
import { JournalTail, loaded, numbersOf } from './history-tail.ts';
import { FrameKind } from './journal-format.ts';
import { HOUR_US, hourOf, partitionFolder } from './layout.ts';
import { hoursOf } from './partitions.ts';

/** Whose trades are wanted; times are µs, from included, to not. */
export interface TradesWish {
  readonly symbol: string;
  readonly venues: readonly VenueId[];
  readonly from: number;
  readonly to: number;
  /** The range is told in so many equal spans. */
  readonly spans: number;
}

/** One venue's trades by span of time; columns of equal length, spans without a trade are left out. */
export interface TradeFlow {
  readonly venue: VenueId;
  /** Where the span begins, µs. */
  readonly time: readonly number[];
  /** What takers bought, and sold, in quote units. */
  readonly bought: readonly number[];
  readonly sold: readonly number[];
  readonly trades: readonly number[];
}

/**
 * The trades of one symbol on some venues, added up by span of time, from Parquet and journal: bounded by the spans, however many trades there were.
 * @throws FILE_UNREADABLE; what the disk and the engine throw
 */
export async function sumTrades(
  lake: string,
  engine: Pick<Duck, 'rows'>,
  wish: TradesWish,
): Promise<TradeFlow[]> {
  const tail = JournalTail.open(lake);
  try {
    const flows: TradeFlow[] = [];
    for (const venue of wish.venues) {
      const hours = hoursOf(lake, 'trades').filter((hour) => hour + HOUR_US > wish.from && hour < wish.to);
      const folders = hours.map((hour) => partitionFolder('trades', hour, venue));
      flows.push(
        await readFolders(lake, folders, async (view) => {
          const sums = new Sums(wish);
          const paths = view.paths();
          for (const row of paths.length === 0 ? [] : await engine.rows(sumsSql(paths, wish))) {
            const [span, bought, sold, trades] = row.map(Number);
            sums.add(span ?? 0, bought ?? 0, sold ?? 0, trades ?? 0);
          }
          addTail(tail, venue, wish, sums, (segment, hour) =>
            view.covers(partitionFolder('trades', hour, venue), segment),
          );
          return { venue, ...sums.columns() };
        }),
      );
    }
    return flows;
  } finally {
    tail.close();
  }
}

/** Of one venue, by span. */
class Sums {
  readonly #bought: Float64Array;
  readonly #sold: Float64Array;
  readonly #trades: Float64Array;
  readonly #wish: TradesWish;

  constructor(wish: TradesWish) {
    this.#wish = wish;
    this.#bought = new Float64Array(wish.spans);
    this.#sold = new Float64Array(wish.spans);
    this.#trades = new Float64Array(wish.spans);
  }

  add(span: number, bought: number, sold: number, trades: number): void {
    this.#bought[span] = (this.#bought[span] ?? 0) + bought;
    this.#sold[span] = (this.#sold[span] ?? 0) + sold;
    this.#trades[span] = (this.#trades[span] ?? 0) + trades;
  }

  columns(): Omit<TradeFlow, 'venue'> {
    const { from } = this.#wish;
    const width = widthOf(this.#wish);
    const used = [...this.#trades.keys()].filter((span) => (this.#trades[span] ?? 0) > 0);
    const column = (values: Float64Array) => used.map((span) => values[span] ?? 0);
    return {
      time: used.map((span) => Math.floor(from + span * width)),
      bought: column(this.#bought),
      sold: column(this.#sold),
      trades: column(this.#trades),
    };
  }
}

function widthOf({ from, to, spans }: TradesWish): number {
  return (to - from) / spans;
}

function sumsSql(paths: readonly string[], wish: TradesWish): string {
  const { symbol, from, to, spans } = wish;
  const side = (name: string) => `coalesce(sum(price * size) FILTER (side = '${name}'), 0)::DOUBLE`;
  return `SELECT least(floor((epoch_us(receive_time) - ${from}) / ${widthOf(wish)}), ${spans - 1})::DOUBLE AS span, ${side('buy')}, ${side('sell')}, count(*)::DOUBLE
    FROM ${sqlParquet(paths)} WHERE symbol = ${sqlText(symbol)} AND price * size >= 0
    AND receive_time >= make_timestamptz(${from}) AND receive_time < make_timestamptz(${to}) GROUP BY span`;
}

/** What the journal has that no file has. */
function addTail(
  tail: JournalTail,
  venue: VenueId,
  wish: TradesWish,
  sums: Sums,
  covered: (segment: number, hour: number) => boolean,
): void {
  const width = widthOf(wish);
  for (const open of tail.segments) {
    const wanted = numbersOf(open, venue, wish.symbol);
    if (wanted.size === 0) continue;
    for (const frame of open.frames) {
      if (!touches(frame, venue, wish)) continue;
      const { instrument, receiveTime, price, size, side } = loaded(open.segment.trades(frame));
      for (let row = 0; row < frame.rows; row += 1) {
        const [time, worth] = [receiveTime[row] as number, (price[row] as number) * (size[row] as number)];
        if (!wanted.has(instrument[row] as number) || !(worth >= 0)) continue;
        if (!(time >= wish.from && time < wish.to) || covered(open.segment.number, hourOf(time))) continue;
        const span = Math.min(Math.floor((time - wish.from) / width), wish.spans - 1);
        const bought = side[row] === TradeSide.buy;
        sums.add(span, bought ? worth : 0, bought ? 0 : worth, 1);
      }
    }
  }
}

function touches(frame: Frame, venue: VenueId, { from, to }: TradesWish): boolean {
  if (frame.kind !== FrameKind.trades || frame.venue !== venue || frame.rows === 0) return false;
  return !(frame.minTime >= to || frame.maxTime < from);
}
