import { CLOSE_CODES } from '../src/wire/stream.ts';
import { PLAIN, STALLED } from './overload-phases.ts';
import type { RunResult, StallResult, Verdict } from './overload-result.ts';

/** What is promised (of a machine that has its cores to itself). */
export const STALLED_CLOSED_WITHIN_MS = 10_000;
export const P99_RATIO = 1.1;
const MADE = 0.95;
const STORM_WITHIN_MS = 10_000;
/** MB a minute that count as noise. */
const GROWTH_NOISE = 1;
/** Runs shorter than this say nothing about growth. */
const GROWN_UP_S = 300;
const GOODBYES: readonly number[] = [CLOSE_CODES.slow.code, CLOSE_CODES.noPong.code];

/** Holds a run against the promises. */
export function verdictsOf(result: Omit<RunResult, 'verdicts'>): Verdict[] {
  return [
    alive(result),
    ...ledger(result),
    made(result),
    views(result),
    memory(result),
    ...growth(result),
    ...stalled(result),
    ...ratio(result),
    gaps(result),
    ...storm(result),
  ];
}

/** Healthy clients' p99 of the delay with stalled clients over that without them; NaN when one of the two is missing. */
export function p99Ratio({ delays }: Pick<RunResult, 'delays'>): number {
  const p99 = (name: string): number =>
    delays.find(({ phase }) => phase === name)?.exchange.p99 ?? Number.NaN;
  return p99(STALLED) / p99(PLAIN);
}

function alive({ died, stop, trouble }: Omit<RunResult, 'verdicts'>): Verdict {
  if (trouble !== undefined && died === undefined)
    return { what: 'every phase can be played', held: false, detail: trouble };
  return {
    what: 'the server lives to the end and ends in peace',
    held: died === undefined && stop.how === 'exit 0',
    detail:
      died === undefined ? `${stop.how} after ${Math.round(stop.ms)} ms` : `it ended by itself: ${died}`,
  };
}

function ledger({ ledger: rows, options }: Omit<RunResult, 'verdicts'>): Verdict[] {
  if (options.target === 'naive') return [];
  const sum = (pick: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  const [sent, recorded, lost] = [sum((row) => row.sent), sum((row) => row.recorded), sum((row) => row.lost)];
  const wrong = rows.filter(
    (row) => row.missing !== row.lost || row.foreign > 0 || row.sent !== row.recorded + row.lost,
  );
  return [
    {
      what: 'sent = recorded + counted as lost, by venue and stream',
      held: sent > 0 && wrong.length === 0,
      detail: `${sent} = ${recorded} + ${lost}${wrong.map((row) => `; ${row.venue} ${row.stream}: sent ${row.sent}, recorded ${row.recorded}, lost ${row.lost}, missing ${row.missing}, foreign ${row.foreign}`).join('')}`,
    },
    {
      what: 'nothing is lost',
      held: lost === 0 && sum((row) => row.missing) === 0,
      detail: `${lost} rows lost`,
    },
  ];
}

/** A rate that was not made says nothing about it. */
function made({ phases }: Omit<RunResult, 'verdicts'>): Verdict {
  const steady = phases.filter(({ name }) => name !== 'burst');
  const share = Math.min(...steady.map(({ askedRate, madeRate }) => madeRate / askedRate));
  return {
    what: 'the simulator made the rate that it was asked for (if not, the machine was too small or too busy for this run)',
    held: share >= MADE,
    detail: `${(share * 100).toFixed(0)} % in the worst phase`,
  };
}

function views({ views: { compared, wrong } }: Omit<RunResult, 'verdicts'>): Verdict {
  return {
    what: 'what healthy clients saw last is the truth',
    held: compared > 0 && wrong.length === 0,
    detail: `${compared} quotes compared${wrong
      .slice(0, 3)
      .map((text) => `; ${text}`)
      .join('')}`,
  };
}

function memory({ rss, options }: Omit<RunResult, 'verdicts'>): Verdict {
  const budget = options.budgetMb;
  return {
    what: 'resident memory stays under the budget',
    held: rss.max <= budget,
    detail: `at most ${rss.max.toFixed(0)} MB of ${budget.toFixed(0)} MB`,
  };
}

function growth({ rss, options }: Omit<RunResult, 'verdicts'>): Verdict[] {
  // Sooner, heaps and caches are still growing up.
  if (options.seconds < GROWN_UP_S) return [];
  const { slope, low, high } = rss.growth;
  return [
    {
      what: 'resident memory does not grow',
      held: !(low > GROWTH_NOISE),
      detail: `${slope.toFixed(1)} MB/min, 95 % ${low.toFixed(1)} … ${high.toFixed(1)}`,
    },
  ];
}

function stalled({ stalls, closedByServer, options }: Omit<RunResult, 'verdicts'>): Verdict[] {
  if (stalls.length === 0) return [];
  const late = stalls.filter(
    ({ closedAfterMs }) => closedAfterMs === null || closedAfterMs > STALLED_CLOSED_WITHIN_MS,
  );
  const verdicts: Verdict[] = [
    {
      what: `stalled clients are closed within ${STALLED_CLOSED_WITHIN_MS / 1000} s`,
      held: late.length === 0,
      detail: `after ${stalls.map(after).join(', ')}`,
    },
  ];
  if (options.target === 'naive') return verdicts;
  const right = closedByServer.filter((code) => GOODBYES.includes(code)).length;
  // A goodbye finds no room in buffers that are full, so that what the clients read is told but not judged.
  verdicts.push({
    what: `the server closes them with ${GOODBYES.join(' or ')}`,
    held: right >= stalls.length && right === closedByServer.length,
    detail: `it counted ${closedByServer.join(', ') || 'none'}; they read ${stalls.map(({ code }) => code ?? 'nothing').join(', ')}`,
  });
  return verdicts;
}

function after({ closedAfterMs }: StallResult): string {
  return closedAfterMs === null ? 'never' : `${(closedAfterMs / 1000).toFixed(1)} s`;
}

function ratio(result: Omit<RunResult, 'verdicts'>): Verdict[] {
  const value = p99Ratio(result);
  if (Number.isNaN(value)) return [];
  return [
    {
      what: `healthy clients' p99 with stalled ones is at most ${P99_RATIO} of that without`,
      held: value <= P99_RATIO,
      detail: `ratio ${value.toFixed(2)}`,
    },
  ];
}

function gaps({ healthy }: Omit<RunResult, 'verdicts'>): Verdict {
  return {
    what: 'no healthy client is closed or misses a message without being told',
    held: healthy.silentGaps === 0 && healthy.codes.length === 0,
    detail: `${healthy.silentGaps} silent gaps, ${healthy.resyncs} resyncs, closed ${healthy.codes.join(', ') || 'none'}`,
  };
}

function storm({ storm: times }: Omit<RunResult, 'verdicts'>): Verdict[] {
  if (times === undefined) return [];
  return [
    {
      what: `${times.clients} clients that break off are back with everything within ${STORM_WITHIN_MS / 1000} s`,
      held: times.returnMs <= STORM_WITHIN_MS,
      detail: `${(times.returnMs / 1000).toFixed(1)} s; when they first came ${(times.firstMs / 1000).toFixed(1)} s`,
    },
  ];
}
