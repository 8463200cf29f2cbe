import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';
import { startPipeline, startSimulatorProcess, until } from './simulated.ts';

const SYMBOLS = 20;
/** From the cut to the last valid quote, ms. */
const CUT_WITHIN = 2_000;
const SILENT_WITHIN = 15_000;
const BACK_WITHIN = 30_000;

/** Quotes of a venue that are valid now, and routes that use it, as readers see them. */
function shown(
  pipeline: ReturnType<typeof startPipeline>,
  venue: VenueId,
): { quotes: number; routes: number } {
  const now = pipeline.micros();
  pipeline.drain();
  let quotes = 0;
  for (const { symbol } of pipeline.market.symbols()) {
    quotes += (pipeline.market.quotes(symbol, now) ?? []).filter(
      (row) => row.venue === venue && row.valid,
    ).length;
  }
  const { routes } = pipeline.market.routes({ limit: 1000 }, now);
  return { quotes, routes: routes.filter((row) => row.buy === venue || row.sell === venue).length };
}

const FAULTS = [
  { kind: 'drop', ms: 6_000, victim: 'okx', within: CUT_WITHIN, redials: true },
  { kind: 'half-open', ms: undefined, victim: 'gate', within: CUT_WITHIN, redials: true },
  { kind: 'silent', ms: undefined, victim: 'bybit', within: SILENT_WITHIN, redials: false },
] as const;

test('a venue that is cut, half-opened or silenced has no valid quote and no route in time; the other seven never notice; it comes back by itself', async (t) => {
  const simulator = await startSimulatorProcess(['--symbols', `${SYMBOLS}`, '--rate', '8000']);
  const pipeline = startPipeline(simulator.url, { symbolsPerVenue: `${SYMBOLS}` });
  const epochOf = (id: VenueId): number | undefined =>
    pipeline.board.rows(0).find((row) => row.venue === id)?.epoch;
  const allLive = (): boolean => pipeline.board.rows(0).every((row) => row.subscriptions.live === SYMBOLS);
  try {
    await until(allLive, 30_000, 'all instruments live');
    for (const { kind, ms, victim, within, redials } of FAULTS) {
      await t.test(`${kind}: ${victim}`, async () => {
        const others = VENUE_IDS.filter((id) => id !== victim);
        const epochs = new Map(pipeline.board.rows(0).map((row) => [row.venue, row.epoch]));
        await simulator.fault({ venue: victim, kind, ...(ms === undefined ? {} : { ms }) });
        await until(() => shown(pipeline, victim).quotes === 0, within, `${victim} has no valid quote`);
        assert.equal(shown(pipeline, victim).routes, 0);
        for (const id of others) {
          assert.equal(shown(pipeline, id).quotes, SYMBOLS, `${id} goes on`);
          const row = pipeline.board.rows(0).find((each) => each.venue === id);
          assert.deepEqual([row?.state, row?.epoch], ['live', epochs.get(id)], `${id} kept its connections`);
        }
        if (ms === undefined) await simulator.fault({ venue: victim, kind: 'heal' });
        // The board hears of a new connection a moment after its quotes are there; the next fault compares with it.
        const known = (): boolean => !redials || epochOf(victim) !== epochs.get(victim);
        await until(
          () => allLive() && known() && shown(pipeline, victim).quotes === SYMBOLS,
          BACK_WITHIN,
          `${victim} is back`,
        );
      });
    }
  } finally {
    await pipeline.stop();
    await simulator.stop();
  }
});
