import type { GapReason, GapRow } from '../../src/core/lake-status.ts';
import { QuoteKind } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import type { HistoryRequest } from '../../src/lake/history-request.ts';
import { HOUR_US, hourOf } from '../../src/lake/layout.ts';
import type { OpenGap } from '../../src/lake/segment.ts';
import { chance, type RigFrame, type RigQuote, type RigSegment } from './journal-rig.ts';
import { HOUR_14 } from './lake-model.ts';

export const SYMBOL = 'BTC-USDT';
export const BUY = 'okx';
export const SELL = 'binance';
const SYMBOLS = [SYMBOL, 'ETH-USDT', 'BTC-USDC'];
const VENUES: readonly VenueId[] = [BUY, SELL];
const AGE = 60_000_000;

/** A row of the route's two instruments in the order of arrival. */
export interface ModelRow extends RigQuote {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly order: number;
}

/** A spell as it was, before any hour split it; `to` = Infinity: it has not ended. */
export interface ModelGap {
  readonly venue: VenueId;
  readonly symbol: string | null;
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}

export interface Recording {
  readonly segments: readonly RigSegment[];
  readonly rows: readonly ModelRow[];
  /** As they stand in the lake, those of trades alone too. */
  readonly gapRows: readonly GapRow[];
  /** That touch quotes. */
  readonly gaps: readonly ModelGap[];
  readonly start: number;
  readonly end: number;
}

export interface RecordingStyle {
  /** Whether rows may have equal times. */
  readonly ties: boolean;
  /** Whether it ends in peace: what is open is written down at its end. */
  readonly closed: boolean;
}

interface Open {
  from: number;
  readonly since: number;
  readonly reason: GapReason;
}

/** A random recording of two venues, as a recorder writes it: ends, gaps split at hours, frames that come twice, unsound quotes, equal times, long silences. */
export function randomRecording(seed: number, style: RecordingStyle, size = 220): Recording {
  const random = chance(seed);
  const pick = (n: number) => Math.floor(random() * n);
  const rows: ModelRow[] = [];
  const gapRows: GapRow[] = [];
  const gaps: ModelGap[] = [];
  const open = new Map<string, Open & { readonly venue: VenueId; readonly symbol: string | null }>();
  const pending = new Map<VenueId, RigQuote[]>();
  let pendingGaps: GapRow[] = [];
  const segments: RigSegment[] = [];
  const start = HOUR_14 + 3_300_000_000 + pick(250_000_000);
  let time = start;
  let [frameNumber, order] = [100, 0];
  let frames: RigFrame[] = [];
  let before: { frames: readonly RigFrame[]; names: RigSegment['instruments'] } = { frames: [], names: [] };
  let names = namesOf(0);
  let openAtStart: OpenGap[] = [];

  for (let step = 0; step < size; step += 1) {
    pass(time + stepOf());
    const venue = VENUES[pick(2)] as VenueId;
    const symbol = SYMBOLS[pick(8) < 6 ? 0 : 1 + pick(2)] as string;
    const what = random();
    if (what < 0.06) end(venue, symbol);
    else if (what < 0.08) venueGap(venue);
    else if (what < 0.1) lateGap(venue);
    else quote(venue, symbol);
    if (random() < 0.25) flush();
    if (random() < 0.06) closeSegment();
  }
  if (style.closed) for (const key of [...open.keys()]) closeOpen(key, time);
  closeSegment();
  // What is open of a whole venue is told at the beginning of a segment alone.
  closeSegment();
  for (const gap of open.values()) gaps.push({ ...gap, from: gap.since, to: Number.POSITIVE_INFINITY });
  return { segments, rows, gapRows, gaps, start, end: time };

  function stepOf(): number {
    const kind = random();
    if (kind < 0.3) return style.ties ? 0 : 1 + pick(3);
    if (kind < 0.7) return 1 + pick(2_000_000);
    if (kind < 0.92) return pick(25_000_000) + 1;
    if (kind < 0.96) return AGE - 1 + pick(3);
    return kind < 0.99 ? AGE + pick(200_000_000) : 20 * AGE;
  }

  /** Time goes on; at the end of an hour what is open is written down as far. */
  function pass(to: number): void {
    for (let hour = hourOf(time) + HOUR_US; hour <= to; hour += HOUR_US) {
      for (const gap of open.values()) {
        if (gap.from >= hour) continue;
        gapRow(gap.venue, gap.symbol, gap.from, hour, gap.reason);
        gap.from = hour;
      }
    }
    time = to;
  }

  function quote(venue: VenueId, symbol: string): void {
    const whole = open.get(`${venue} `);
    if (whole !== undefined) closeOpen(`${venue} `, time);
    closeOpen(`${venue} ${symbol}`, time);
    const bid = 100 + pick(1000) / 100;
    const row = {
      ...{ venueTime: time - 1000, receiveTime: time, kind: QuoteKind.quote, sequence: order },
      ...{ bid, bidSize: 1 + pick(9), ask: bid + pick(3) / 100, askSize: 1 + pick(9) },
    };
    const broken = random();
    if (broken < 0.02) row.ask = bid - 0.01;
    else if (broken < 0.04) row.bidSize = broken < 0.03 ? 0 : Number.NaN;
    else if (broken < 0.06) row.bid = broken < 0.05 ? Number.NaN : 0;
    else if (broken < 0.07) row.ask = Number.NaN;
    say(venue, symbol, row);
  }

  function end(venue: VenueId, symbol: string): void {
    const kind = [QuoteKind.ended, QuoteKind.silent, QuoteKind.unlisted][pick(3)] as number;
    const none = { bid: Number.NaN, bidSize: Number.NaN, ask: Number.NaN, askSize: Number.NaN };
    say(venue, symbol, { venueTime: Number.NaN, receiveTime: time, kind, sequence: Number.NaN, ...none });
    const reason = (['connection', 'silence', 'unlisted'] as const)[kind - 1] as GapReason;
    const key = `${venue} ${symbol}`;
    if (!open.has(key)) open.set(key, { venue, symbol, from: time, since: time, reason });
  }

  function say(venue: VenueId, symbol: string, row: Omit<RigQuote, 'instrument'>): void {
    const instrument = names.find(([, v, s]) => v === venue && s === symbol)?.[0] ?? -1;
    const list = pending.get(venue) ?? [];
    pending.set(venue, list);
    list.push({ instrument, ...row });
    order += 1;
    rows.push({ instrument, ...row, venue, symbol, order });
  }

  /** Nobody looks at the venue until its next quote. */
  function venueGap(venue: VenueId): void {
    if (!open.has(`${venue} `))
      open.set(`${venue} `, { venue, symbol: null, from: time, since: time, reason: 'disk' });
  }

  /** Found out afterwards: rows were lost between others that were not; or some instant of no length. */
  function lateGap(venue: VenueId): void {
    const from = random() < 0.3 ? time : Math.max(start, time - pick(5_000_000));
    const stream = [null, 'quotes', 'trades'][pick(3)] as GapRow['stream'];
    const symbol = random() < 0.5 ? null : (SYMBOLS[pick(2)] as string);
    const middle = hourOf(time) > from ? hourOf(time) : time;
    gapRow(venue, symbol, from, middle, 'overflow', stream);
    if (middle < time) gapRow(venue, symbol, middle, time, 'overflow', stream);
    if (stream !== 'trades') gaps.push({ venue, symbol, from, to: time, reason: 'overflow' });
  }

  function closeOpen(key: string, to: number): void {
    const gap = open.get(key);
    if (gap === undefined) return;
    open.delete(key);
    gapRow(gap.venue, gap.symbol, gap.from, to, gap.reason);
    gaps.push({ venue: gap.venue, symbol: gap.symbol, from: gap.since, to, reason: gap.reason });
  }

  function gapRow(
    venue: VenueId,
    symbol: string | null,
    from: number,
    to: number,
    reason: GapReason,
    stream: GapRow['stream'] = null,
  ): void {
    const row = { venue, symbol, stream, from, to, reason, rowsLost: null };
    gapRows.push(row);
    pendingGaps.push(row);
  }

  function flush(): void {
    for (const [venue, list] of pending)
      frames.push({ kind: 'quotes', venue, number: nextNumber(), rows: list });
    if (pendingGaps.length > 0) frames.push({ kind: 'gaps', number: nextNumber(), rows: pendingGaps });
    pending.clear();
    pendingGaps = [];
  }

  function closeSegment(): void {
    flush();
    // A frame that comes again says what it said: under the names of its own segment.
    segments.push({
      ...{ number: 3 + 2 * segments.length, run: 'life', createdAt: time, instruments: names },
      ...{ openGaps: openAtStart, venues: [], frames },
    });
    const again = before.names === names ? [] : frames.slice(frames.length - pick(3));
    before = { frames: again, names };
    if (again.length === 0) names = namesOf(pick(3));
    frames = [...again];
    frameNumber += 3;
    openAtStart = [...open.values()].map(({ venue, symbol, from, reason }) => ({
      ...{ instrument: names.find(([, v, s]) => v === venue && s === symbol)?.[0] ?? null },
      ...{ venue, symbol, stream: null, from, reason },
    }));
  }

  function nextNumber(): number {
    frameNumber += 1;
    return frameNumber;
  }

  function namesOf(shift: number): RigSegment['instruments'] {
    return VENUES.flatMap((venue, v) =>
      SYMBOLS.map((symbol, i) => [v * 10 + ((i + shift) % SYMBOLS.length), venue, symbol] as const),
    );
  }
}

/** A point of the model: NaN where the route stops being valid. */
export type ModelPoint = readonly [time: number, value: number];

/** The series by the rules alone, each moment looked at by itself. */
export function modelSeries(recording: Recording, request: HistoryRequest): ModelPoint[] {
  const { from, to, maxQuoteAge = AGE } = request;
  const [buy, sell] = [legOf(recording, request.buy, request), legOf(recording, request.sell, request)];
  const steps = [...buy.quotes, ...sell.quotes].sort(
    (a, b) =>
      a.receiveTime - b.receiveTime ||
      Number(a.venue !== request.buy) - Number(b.venue !== request.buy) ||
      a.order - b.order,
  );
  const points: ModelPoint[] = [];
  const last: { buy?: ModelRow; sell?: ModelRow } = {};
  const valuedAt = new Set<number>();
  for (const row of steps) {
    last[row.venue === request.buy ? 'buy' : 'sell'] = row;
    const time = row.receiveTime;
    if (last.buy === undefined || last.sell === undefined) continue;
    if (!counts(last.buy, buy, time, maxQuoteAge) || !counts(last.sell, sell, time, maxQuoteAge)) continue;
    valuedAt.add(time);
    if (time >= from && time <= to) points.push([time, spreadOf(last.buy, last.sell, request)]);
  }
  const moments = new Set<number>();
  for (const { quotes, gaps, ends } of [buy, sell]) {
    for (const { receiveTime } of quotes) moments.add(receiveTime).add(receiveTime + maxQuoteAge + 1);
    for (const gap of gaps) moments.add(gap.from).add(gap.to);
    for (const { receiveTime } of ends) moments.add(receiveTime);
  }
  const isValid = (time: number) =>
    [buy, sell].every((leg) => {
      const said = leg.quotes.filter((row) => row.receiveTime <= time);
      const newest = said.reduce<ModelRow | undefined>(
        (best, row) =>
          best === undefined ||
          row.receiveTime > best.receiveTime ||
          (row.receiveTime === best.receiveTime && row.order > best.order)
            ? row
            : best,
        undefined,
      );
      return newest !== undefined && counts(newest, leg, time, maxQuoteAge);
    });
  for (const time of moments)
    if (time >= from && time <= to && !isValid(time) && (isValid(time - 1) || valuedAt.has(time)))
      points.push([time, Number.NaN]);
  // A break comes after what was valid at its moment.
  return points
    .map((point, i) => ({ point, i }))
    .sort((a, b) => a.point[0] - b.point[0] || a.i - b.i)
    .map(({ point }) => point);
}

interface ModelLeg {
  readonly quotes: readonly ModelRow[];
  readonly ends: readonly ModelRow[];
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
}

function legOf({ rows, gapRows, gaps }: Recording, venue: VenueId, { symbol }: HistoryRequest): ModelLeg {
  const own = rows.filter((row) => row.venue === venue && row.symbol === symbol);
  const covers = (gap: { venue: VenueId; symbol: string | null }) =>
    gap.venue === venue && (gap.symbol === null || gap.symbol === symbol);
  const open = gaps.filter((gap) => covers(gap) && gap.to === Number.POSITIVE_INFINITY);
  return {
    quotes: own.filter((row) => row.kind === QuoteKind.quote),
    ends: own.filter((row) => row.kind !== QuoteKind.quote),
    gaps: [...gapRows.filter((gap) => covers(gap) && gap.stream !== 'trades'), ...open],
  };
}

/** Whether a quote counts at a time, by the words of the rule. */
function counts(row: ModelRow, leg: ModelLeg, time: number, maxAge: number): boolean {
  const said = row.receiveTime;
  const sound =
    row.bid > 0 && row.ask >= row.bid && Number.isFinite(row.ask) && row.bidSize > 0 && row.askSize > 0;
  if (!sound || time - said > maxAge) return false;
  for (const gap of leg.gaps) {
    if (time >= gap.from && said <= gap.from && said !== gap.to) return false;
    if (time >= gap.to && said < gap.to) return false;
  }
  for (const end of leg.ends) {
    if (end.receiveTime > time || end.order < row.order) continue;
    // An end and its next quote at one time are a gap of no length, and that ends nothing of its own time.
    const next = leg.quotes.find((quote) => quote.order > end.order);
    if (next?.receiveTime !== said) return false;
  }
  return true;
}

function spreadOf(buy: ModelRow, sell: ModelRow, { kind, fees }: HistoryRequest): number {
  if (kind === 'gross') return sell.bid / buy.ask - 1;
  if (kind === 'basis') return sell.bid / buy.bid - 1;
  return (sell.bid * (1 - fees.sell)) / (buy.ask * (1 + fees.buy)) - 1;
}

/** The gaps of both legs that touch the range, cut to it. */
export function modelGaps({ gaps }: Recording, { from, to, now, symbol }: HistoryRequest): string[] {
  return gaps
    .filter((gap) => gap.symbol === null || gap.symbol === symbol)
    .map((gap) => ({ ...gap, to: Math.min(gap.to, to, Number.isFinite(gap.to) ? gap.to : now) }))
    .filter((gap) => gap.to >= from && gap.from <= gap.to)
    .map((gap) => `${gap.venue} ${Math.max(gap.from, from)} ${gap.to} ${gap.reason}`)
    .sort();
}
