import type { VenueId } from '../core/venue-ids.ts';
import type { VenueRow } from '../wire/api.ts';
import type { Told } from './alert-route-watch.ts';
import type { VenueRule } from './alert-rules.ts';
import { venueAlert } from './alert-words.ts';

/** How one rule stands with one venue; µs, NaN = not. */
interface Standing {
  since: number;
  told: boolean;
  lastTold: number;
}

/** The rules about venues, by what the board says of them: told once for each spell, and at most once within the cooldown. */
export class AlertVenueWatch {
  readonly #rules: readonly VenueRule[];
  readonly #told: Told;
  readonly #numberOf: () => number;
  readonly #standings = new Map<string, Standing>();

  constructor(rules: readonly VenueRule[], told: Told, numberOf: () => number) {
    this.#rules = rules;
    this.#told = told;
    this.#numberOf = numberOf;
  }

  /** Whether there is any rule. */
  get watches(): boolean {
    return this.#rules.length > 0;
  }

  /** @param now µs since the epoch */
  look(venues: readonly VenueRow[], now: number): void {
    for (const rule of this.#rules)
      for (const row of venues) if (rule.venues.has(row.venue)) this.#judge(rule, row, now);
  }

  #judge(rule: VenueRule, row: VenueRow, now: number): void {
    const standing = this.#standingOf(rule.name, row.venue);
    const lag = row.lagMs.p99;
    const holds = rule.on === 'venue-down' ? row.state === 'down' : lag !== null && lag >= rule.lagMs;
    if (!holds) {
      standing.since = Number.NaN;
      standing.told = false;
      return;
    }
    if (Number.isNaN(standing.since)) standing.since = now;
    const lasted = now - standing.since;
    if (standing.told || lasted < rule.lastingMs * 1000) return;
    if (now - standing.lastTold < rule.cooldown * 1e6) return;
    standing.told = true;
    standing.lastTold = now;
    const why = rule.on === 'venue-down' ? row.reason : `p99 ${Math.round(lag ?? 0)} ms`;
    this.#told(
      venueAlert(this.#numberOf(), rule.on, rule.name, now, row.venue, Math.round(lasted / 1000), why),
      rule.sinks,
    );
  }

  #standingOf(rule: string, venue: VenueId): Standing {
    const key = `${rule} ${venue}`;
    const known = this.#standings.get(key);
    if (known !== undefined) return known;
    const fresh = { since: Number.NaN, told: false, lastTold: -Infinity };
    this.#standings.set(key, fresh);
    return fresh;
  }
}
