/**
 * Messages per second on one core from bytes to normalized records, over the same messages in the same run: our decoder, tardis-dev's mapper and ccxt
 * pro's handler (these two get ready-made strings, we get bytes).
 *
 *   npm run bench -- decode
 */
import { VENUE_IDS } from '../src/core/venue-ids.ts';
import { VENUES } from '../src/venues/index.ts';
import { NativeIdTable } from '../src/venues/shared/symbol-table.ts';
import type { DecodeSink } from '../src/venues/venue.ts';
import { ccxtHandler, isCcxtVenue } from './alternatives/ccxt.ts';
import { isTardisVenue, tardisMapper } from './alternatives/tardis.ts';
import { coins, type FrameSet, makeFrames } from './frames.ts';
import { type Contestant, compare, perSecond, printTable } from './harness.ts';

const MESSAGES = 20_000;
const SYMBOLS = 1_000;
const ROUNDS = 5;
/** Our passes over the messages per round, so that a round is long enough to time. */
const PASSES = 10;

/** Keeps what a consumer would: the fields of each quote, summed. */
class SummingSink implements DecodeSink {
  readonly total = new Float64Array(2);

  quote(_instrument: number, fields: Float64Array): void {
    const total = this.total;
    total[0] =
      (total[0] as number) +
      (fields[0] as number) +
      (fields[1] as number) +
      (fields[2] as number) +
      (fields[3] as number);
    total[1] = (total[1] as number) + 1;
  }

  trade(): void {}
  control(): void {}
  passed(): void {}
  bad(kind: string): void {
    throw new Error(`a frame of the benchmark is ${kind}`);
  }
}

function ours(set: FrameSet): Contestant {
  const table = new NativeIdTable(set.nativeIds.length);
  set.nativeIds.forEach((id, i) => {
    table.add(id, i);
  });
  const sink = new SummingSink();
  const decoder = VENUES[set.venue].createDecoder(table, sink);
  const { bytes, offsets, binary } = set;
  const run = (): number => {
    sink.total.fill(0);
    for (let pass = 0; pass < PASSES; pass += 1) {
      for (let i = 0; i + 1 < offsets.length; i += 1) {
        decoder.decode(bytes, offsets[i] as number, offsets[i + 1] as number, binary);
      }
    }
    if (sink.total[1] !== PASSES * MESSAGES)
      throw new Error(`${sink.total[1]} quotes of ${PASSES * MESSAGES}`);
    return (sink.total[0] as number) / PASSES;
  };
  return { name: 'spreadscope', run };
}

const rows: string[][] = [['venue', 'spreadscope', 'tardis-dev', 'ratio', 'ccxt pro', 'ratio']];
for (const venue of VENUE_IDS) {
  const set = makeFrames(venue, MESSAGES, coins(SYMBOLS));
  const rivals: Contestant[] = [ours(set)];
  if (isTardisVenue(venue)) rivals.push({ name: 'tardis-dev', run: tardisMapper(venue, set.texts) });
  if (isCcxtVenue(venue))
    rivals.push({ name: 'ccxt pro', run: ccxtHandler(venue, set.nativeIds, set.texts) });
  const results = compare(rivals, MESSAGES, set.sum, ROUNDS);
  const rate = (results[0]?.rate ?? 0) * PASSES;
  const cells = ['tardis-dev', 'ccxt pro'].flatMap((name) => {
    const rival = results.find((result) => result.name === name);
    return rival === undefined ? ['–', '–'] : [perSecond(rival.rate), `${(rate / rival.rate).toFixed(1)} ×`];
  });
  rows.push([venue, perSecond(rate), ...cells]);
}
printTable(rows);
