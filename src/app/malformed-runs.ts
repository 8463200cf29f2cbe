import type { FeedStatus } from '../core/feed-status.ts';
import type { VenueId } from '../core/venue-ids.ts';

/** A spell in which messages of a venue could not be read. Times are µs since the epoch. */
export interface MalformedRun {
  readonly venue: VenueId;
  readonly from: number;
  readonly to: number;
  readonly messages: number;
}

/** A run has ended when so long no message was bad. */
const QUIET_US = 2_000_000;
/** A longer run is told in parts, so that it is known before it ends. */
const LONGEST_US = 60_000_000;

interface Watched {
  bad: number;
  /** When it was last looked at. */
  seenAt: number;
  run: { from: number; to: number; messages: number } | undefined;
}

/** Makes runs out of the feeds' counts of bad messages. */
export class MalformedRuns {
  readonly #venues = new Map<VenueId, Watched>();

  /** Looks at the counts now, and answers the runs that have ended. */
  update(statuses: readonly FeedStatus[], now: number): MalformedRun[] {
    const ended: MalformedRun[] = [];
    for (const { venue, bad } of statuses) {
      const count = Object.values(bad).reduce((sum, of) => sum + of, 0);
      const watched = this.#venues.get(venue) ?? { bad: 0, seenAt: now, run: undefined };
      this.#venues.set(venue, watched);
      // Counts begin anew when a feed was started again.
      const more = count >= watched.bad ? count - watched.bad : count;
      if (more > 0) {
        watched.run ??= { from: watched.seenAt, to: now, messages: 0 };
        watched.run.to = now;
        watched.run.messages += more;
      }
      watched.bad = count;
      watched.seenAt = now;
      const { run } = watched;
      if (run === undefined || !(now - run.to >= QUIET_US || now - run.from >= LONGEST_US)) continue;
      ended.push({ venue, ...run });
      watched.run = undefined;
    }
    return ended;
  }

  /** The runs that have not ended; they end now. */
  rest(): MalformedRun[] {
    const runs: MalformedRun[] = [];
    for (const [venue, watched] of this.#venues) {
      if (watched.run !== undefined) runs.push({ venue, ...watched.run });
      watched.run = undefined;
    }
    return runs;
  }
}
