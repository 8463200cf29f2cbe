import { QuoteKind, TradeSide } from '../core/records.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';
import { sqlParquet, sqlText } from './duck.ts';
import type { PartFile } from './partitions.ts';
import type { LakeTable } from './tables.ts';

/** A row's kind, beside those of quotes: a trade, its price and size in `bid` and `bid_size`, and in `ask` its `TradeSide`. */
export const TRADE_ROW = 16;

/** Why nobody was looking, and what the market was told then; runs of bad messages were told to nobody. */
const KIND_OF_GAP = `CASE reason WHEN 'silence' THEN ${QuoteKind.silent} WHEN 'unlisted' THEN ${QuoteKind.unlisted} ELSE ${QuoteKind.ended} END`;

/**
 * The rows of a piece of time, in order; undefined = there is no file. Ends come after the quotes of their µs: nothing said until then counts after it. Of one µs and instrument the files' names
 * tell the order, which begin with the number of their first segment; their folders do not, for the journal's tail lies elsewhere.
 */
export function sliceSql(files: readonly PartFile[], from: number, to: number): string | undefined {
  const within = (column: string): string =>
    `${column} >= make_timestamptz(${from}) AND ${column} < make_timestamptz(${to})`;
  const selects = VENUE_IDS.flatMap((venue) => {
    const of = (table: LakeTable): string[] =>
      files.filter((file) => file.table === table && file.venue === venue).map(({ path }) => path);
    const [quotes, trades, gaps] = [of('quotes'), of('trades'), of('gaps')];
    const ids = `(SELECT id, symbol FROM instruments WHERE venue = ${sqlText(venue)}) i`;
    const parts: string[] = [];
    if (quotes.length > 0)
      parts.push(`SELECT epoch_us(receive_time) AS t, ${QuoteKind.quote} AS kind, i.id AS id, epoch_us(venue_time) AS v, bid, bid_size, ask, ask_size,
        sequence, parse_filename(filename) AS f, file_row_number AS n
        FROM ${sqlParquet(quotes, ', filename = true, file_row_number = true')} q JOIN ${ids} ON q.symbol = i.symbol WHERE ${within('receive_time')}`);
    if (trades.length > 0)
      parts.push(`SELECT epoch_us(receive_time) AS t, ${TRADE_ROW} AS kind, i.id AS id, epoch_us(venue_time) AS v, price AS bid, size AS bid_size,
        CASE side WHEN 'buy' THEN ${TradeSide.buy} ELSE ${TradeSide.sell} END AS ask, NULL AS ask_size, NULL AS sequence, parse_filename(filename) AS f, file_row_number AS n
        FROM ${sqlParquet(trades, ', filename = true, file_row_number = true')} q JOIN ${ids} ON q.symbol = i.symbol WHERE ${within('receive_time')}`);
    if (gaps.length > 0)
      parts.push(`SELECT epoch_us("from") AS t, ${KIND_OF_GAP} AS kind, i.id AS id, NULL AS v, NULL AS bid, NULL AS bid_size, NULL AS ask, NULL AS ask_size,
        NULL AS sequence, '' AS f, 0 AS n
        FROM ${sqlParquet(gaps)} g JOIN ${ids} ON g.symbol IS NULL OR g.symbol = i.symbol
        WHERE ${within('"from"')} AND reason <> 'malformed' AND (stream IS NULL OR stream = 'quotes')`);
    return parts;
  });
  if (selects.length === 0) return undefined;
  const value = (column: string): string => `coalesce(${column}::DOUBLE, 'nan'::DOUBLE)`;
  const columns = ['t', 'kind', 'id', 'v', 'bid', 'bid_size', 'ask', 'ask_size', 'sequence'].map(value);
  return `SELECT ${columns.join(', ')} FROM (${selects.join(' UNION ALL ')}) ORDER BY t, kind > 0, id, f, n, kind`;
}
