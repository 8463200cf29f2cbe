import type { LakeReport } from '../../src/app/lake-host.ts';
import type { MetricsReading } from '../../src/app/metrics.ts';
import { Pressure } from '../../src/app/pressure.ts';
import type { ThreadReading } from '../../src/app/thread-watch.ts';
import { type BoundReading, boundOf } from '../../src/core/bounds.ts';
import type { FeedStatus } from '../../src/core/feed-status.ts';
import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';
import { VenueCounters } from '../../src/feed/venue-counters.ts';
import { CLOSE_CODES } from '../../src/wire/stream.ts';

const THREAD: ThreadReading = {
  delaySeconds: { p50: 0.001, p99: 0.02, max: 0.3 },
  heap: { usedBytes: 40e6, limitBytes: 4e9 },
};

function bound(name: string): BoundReading {
  const facts = {
    name,
    policy: 'refuse',
    capacity: 1024,
    capacityBytes: 65_536,
    cleanedBy: 'the reader',
  } as const;
  return boundOf(facts, { used: 10, peak: 20, refused: 1, lost: 2 });
}

/** A reading in which every metric has a value. */
export function fullReading(now = 1_700_000_000_000_000): MetricsReading {
  const bounds = ['feed0.quotes', 'gateway.outboxes'].map(bound);
  const statuses = VENUE_IDS.map(statusOf);
  return {
    now,
    statuses,
    venues: statuses.map((status) => ({
      ...status,
      ...{ title: status.venue, rates: { frames: 1, quotes: 2, trades: 3 }, lastMessageAgeMs: 12 },
      ...{ errors: status.bad, takerFeeBps: 10, recording: null },
    })),
    rings: [{ reading: bound('feed0.quotes'), lag: { market: 3, recorder: 10 } }],
    market: { symbols: 7, routes: 8 },
    lake: lakeOf(now),
    clients: 5,
    closed: Object.fromEntries(Object.keys(CLOSE_CODES).map((reason) => [reason, 1])),
    kernelBytes: 4096,
    ledger: { budget: 512e6, allowance: 108e6, bounds },
    process: {
      ...{
        version: '1.2.3',
        startTime: 1_699_999_000.5,
        rss: 200e6,
        budget: 512e6,
        pressure: new Pressure(),
      },
      threads: [
        ['main', THREAD],
        ['feed0', THREAD],
      ],
    },
  };
}

function statusOf(venue: VenueId): FeedStatus {
  return {
    ...{ venue, state: 'live', reason: '', epoch: 3, instruments: 4, reconnects: 1, lastMessageTime: 1 },
    connections: { open: 1, wanted: 2 },
    subscriptions: { pending: 1, silent: 1, live: 1, refused: 1 },
    totals: { frames: 100, quotes: 90, trades: 9 },
    ...{ passedFrames: 1, bad: new VenueCounters().bad(), lagMs: { p50: 1.5, p99: 20 } },
    ...{ quotesReplaced: 1, tradesLost: 2, tradesRepeated: 3, foreignRecords: 4, refused: [], silent: [] },
  };
}

function lakeOf(now: number): LakeReport {
  const trouble = { code: 'LAKE_NEARLY_FULL', message: 'the disk is "nearly"\nfull', since: 1 } as const;
  const row = { quotes: 5, trades: 6 };
  return {
    folder: 'lake',
    recorder: {
      ...{
        recording: true,
        gaps: 2,
        syncedTime: now - 250_000,
        writeErrors: 1,
        syncErrors: 2,
        clockSteps: 0,
      },
      venues: VENUE_IDS.map((venue) => ({ venue, recorded: row, lost: row, gaps: 1 })),
      ...{ journal: { segments: 2, bytes: 1000 }, troubles: [trouble] },
      opportunities: { recorded: 12, lost: 3 },
    },
    keeper: {
      ...{ doing: 'idle', backlog: { segments: 1, bytes: 10 }, errors: 3, troubles: [trouble] },
      converted: { rows: 100, files: 2, segments: 3, refused: 0 },
      compacted: { rows: 0, filesBefore: 0, filesAfter: 0 },
      removed: { files: 0, bytes: 0 },
      disk: { freeBytes: 1e9, totalBytes: 2e9, lakeBytes: 1e8 },
    },
    opportunities: { recorded: 12, lost: 3 },
    troubles: [trouble, trouble],
  };
}
