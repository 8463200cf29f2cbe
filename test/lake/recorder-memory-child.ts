// A program of its own that records rows of so many instruments (argument 1) into a lake (argument 2), converts them, and says how much memory it took at most.
import { setImmediate as turn } from 'node:timers/promises';
import { QUOTE_SCHEMA, QuoteKind, TRADE_SCHEMA } from '../../src/core/records.ts';
import { VENUE_IDS } from '../../src/core/venue-ids.ts';
import { beginLife } from '../../src/lake/begin-life.ts';
import { realJournalFiles } from '../../src/lake/journal-files.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { Recorder } from '../../src/lake/recorder.ts';
import { RECORDER } from '../../src/lake/ring-intake.ts';
import { createRing, RingProducer } from '../../src/ring/ring.ts';

const ROWS = 1_500_000;
const INSTRUMENTS = Number(process.argv[2]);
const LAKE = process.argv[3] ?? '';
/** µs from row to row: 50,000 a second. */
const APART_US = 20;

const consumers = [{ name: RECORDER, policy: 'lap' }] as const;
const quotes = createRing('q', QUOTE_SCHEMA, 2 ** 16, consumers);
const trades = createRing('t', TRADE_SCHEMA, 1024, consumers);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let micros = Date.UTC(2026, 10, 23, 14) * 1000;
const life = beginLife(LAKE, VENUE_IDS, micros);
const recorder = new Recorder({
  rings: [{ quotes, trades, venues: VENUE_IDS }],
  venues: VENUE_IDS,
  instrumentCapacity: 16_384,
  files: realJournalFiles(LAKE),
  nextSegment: life.nextSegment,
  firstGaps: [],
  began: life.began,
  run: 'r',
  fromStart: true,
  clock: () => micros,
  ms: () => micros / 1000,
  log: silent,
});
const keeper = new Keeper({
  lake: LAKE,
  clock: () => micros,
  log: silent,
  retention: { days: null, maxBytes: null },
  memoryMb: 64,
});
recorder.announce(
  Array.from({ length: INSTRUMENTS }, (_, instrument) => {
    const base = `C${Math.trunc(instrument / VENUE_IDS.length)}`;
    const venue = VENUE_IDS[instrument % VENUE_IDS.length] ?? 'okx';
    return { instrument, venue, nativeId: base, symbol: `${base}-USDT`, base, quote: 'USDT', takerFee: 0 };
  }),
);

const producer = new RingProducer(quotes);
const numbers = new Float64Array(VENUE_IDS.length);
for (let row = 0; row < ROWS; row += 1) {
  // Evenly over all instruments.
  const instrument = row % INSTRUMENTS;
  const venue = instrument % VENUE_IDS.length;
  micros += APART_US;
  numbers[venue] = (numbers[venue] ?? 0) + 1;
  const [slot, into] = [producer.claim(), producer.columns];
  into.instrument[slot] = instrument;
  into.kind[slot] = QuoteKind.quote;
  into.epoch[slot] = 1;
  into.number[slot] = numbers[venue] ?? 0;
  into.venueTime[slot] = micros - 900;
  into.receiveTime[slot] = micros;
  into.bid[slot] = 100 + (row % 977) / 100;
  into.bidSize[slot] = row % 31;
  into.ask[slot] = 100.01 + (row % 977) / 100;
  into.askSize[slot] = row % 29;
  into.sequence[slot] = row;
  if (row % 512 !== 511) continue;
  producer.publish();
  recorder.tick();
  await turn();
  if (row % 65_536 === 65_535) while (await keeper.tick());
}
producer.publish();
const totals = VENUE_IDS.map((venue, i) => ({ venue, quotes: numbers[i] ?? 0, trades: 0 }));
const ending = setInterval(() => {
  micros += 10_000;
}, 1);
const { safe } = await recorder.stop(totals, micros, 60_000);
clearInterval(ending);
await keeper.finish();
const { converted } = keeper.status();
await keeper.close();
const lost = recorder.status().venues.reduce((sum, venue) => sum + venue.lost.quotes, 0);
process.stdout.write(
  JSON.stringify({ safe, lost, rows: converted.rows, maxRss: process.resourceUsage().maxRSS * 1024 }),
);
