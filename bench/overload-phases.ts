import type { OverloadOptions } from './overload-options.ts';

/** A spell of the run with one name in the report. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  /** What the asked rate is multiplied with. */
  readonly factor: number;
  /** Whether a fresh lot of clients is stopped as it begins. */
  readonly stall: boolean;
  /** Whether the slow clients are there. */
  readonly slow: boolean;
  /** Every venue drops its connections at the beginning. */
  readonly drop?: boolean;
  /** The storm's clients all break off and return. */
  readonly storm?: boolean;
}

/** Long enough for a stopped client to be found out and for a p99 over some thousand messages. */
const SHORTEST_S = 8;
const LONGEST_S = 30;
const RECOVERY_S = 8;

export const PLAIN = 'without stalled';
export const STALLED = 'with stalled';

/** The phases of a run, in order; phases of one name are measured as one. */
export function phasesOf(options: OverloadOptions): Phase[] {
  const phases = options.timeline ? timeline(options) : pairs(options);
  if (options.storm > 0) phases.push(phase('client storm', 10, { storm: true }));
  if (options.burst !== undefined) {
    const factor = options.burst.rate / options.rate;
    phases.push(phase('burst', options.burst.seconds, { factor }), phase('recovery', RECOVERY_S));
  }
  return phases;
}

/** With and without stalled clients in turn, each first as often, so that the machine's drift hits both alike. */
function pairs({ seconds, stalled }: OverloadOptions): Phase[] {
  if (stalled === 0) return [phase(PLAIN, seconds)];
  const slices = Math.max(
    1,
    Math.round(seconds / 2 / Math.max(SHORTEST_S, Math.min(LONGEST_S, seconds / 4))),
  );
  const each = seconds / 2 / slices;
  const phases: Phase[] = [];
  for (let i = 0; i < slices; i += 1) {
    const two = [phase(PLAIN, each), phase(STALLED, each, { stall: true })];
    phases.push(...(i % 2 === 0 ? two : two.reverse()));
  }
  return phases;
}

/** The old system's last hour. */
function timeline({ seconds }: OverloadOptions): Phase[] {
  const share = seconds / 10;
  return [
    phase('calm', share, { factor: 0.2, slow: false }),
    phase('full load', 2 * share, { slow: false }),
    phase('slow clients', 1.5 * share),
    phase('stalled clients', 2 * share, { stall: true }),
    phase('venue storm', 1.5 * share, { drop: true }),
    phase('burst', share, { factor: 4 }),
    phase('recovery', share),
  ];
}

function phase(name: string, seconds: number, more: Partial<Phase> = {}): Phase {
  return { name, seconds, factor: 1, stall: false, slow: true, ...more };
}
