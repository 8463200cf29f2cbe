import type { Fault } from './faults.ts';
import type { ScenarioName } from './options.ts';

interface Step {
  readonly atMs: number;
  readonly fault: Fault;
}

/** Faults on a timeline that begins again after `everyMs`. */
export interface Scenario {
  readonly everyMs: number;
  readonly steps: readonly Step[];
}

const step = (atMs: number, fault: Fault): Step => ({ atMs, fault });

export const SCENARIO_STEPS: Readonly<Record<ScenarioName, Scenario>> = {
  calm: { everyMs: 60_000, steps: [] },
  overload: { everyMs: 20_000, steps: [step(5_000, { venue: '*', kind: 'overload', factor: 8, ms: 8_000 })] },
  'reconnect-storm': {
    everyMs: 9_000,
    steps: [
      step(3_000, { venue: '*', kind: 'drop' }),
      step(6_000, { venue: '*', kind: 'drop', ms: 500 }),
      step(9_000, { venue: 'binance', kind: 'drop', ms: 1_500 }),
    ],
  },
  'silent-venue': { everyMs: 60_000, steps: [step(10_000, { venue: 'okx', kind: 'silent', ms: 25_000 })] },
  'half-open': { everyMs: 90_000, steps: [step(10_000, { venue: 'bybit', kind: 'half-open', ms: 40_000 })] },
  malformed: {
    everyMs: 30_000,
    steps: [step(5_000, { venue: '*', kind: 'malformed', share: 0.05, ms: 15_000 })],
  },
  gap: { everyMs: 10_000, steps: [step(5_000, { venue: '*', kind: 'gap', count: 5_000 })] },
  rename: { everyMs: 86_400_000, steps: [step(15_000, { venue: '*', kind: 'rename' })] },
  // Two tickers that are other coins on one venue, from the start, and a true dislocation of half a minute.
  collision: {
    everyMs: 86_400_000,
    steps: [
      step(0, { venue: 'gate', kind: 'reprice', factor: 7.3 }),
      step(0, { venue: 'kucoin', kind: 'reprice', factor: 1000 }),
      step(20_000, { venue: 'okx', kind: 'reprice', factor: 1.05, ms: 30_000 }),
    ],
  },
  crossed: { everyMs: 30_000, steps: [step(5_000, { venue: 'gate', kind: 'crossed', ms: 10_000 })] },
};

/** Plays a scenario until the returned function is called. */
export function playScenario(name: ScenarioName, apply: (fault: Fault) => void): () => void {
  const { everyMs, steps } = SCENARIO_STEPS[name];
  const timers = new Set<NodeJS.Timeout>();
  const round = (): void => {
    timers.clear();
    for (const { atMs, fault } of steps) timers.add(setTimeout(() => apply(fault), atMs));
    timers.add(setTimeout(round, everyMs));
  };
  if (steps.length > 0) round();
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
