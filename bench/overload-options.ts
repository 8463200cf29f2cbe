import { readFlags, whole, wrongUse } from './flags.ts';

export type Target = 'spreadscope' | 'naive';

export interface OverloadOptions {
  readonly target: Target;
  /** Messages a second over all venues. */
  readonly rate: number;
  /** Liquid symbols of each venue. */
  readonly symbols: number;
  /** All clients: the stalled and the slow are of them. */
  readonly clients: number;
  readonly stalled: number;
  readonly slow: number;
  /** What is measured, in all. */
  readonly seconds: number;
  readonly burst: { readonly rate: number; readonly seconds: number } | undefined;
  /** Clients of the reconnect storm; 0 = none. */
  readonly storm: number;
  /** The failure timeline of the old system instead of the pairs of phases. */
  readonly timeline: boolean;
  readonly updatesPerSecond: number;
  readonly budgetMb: number;
  /** Further flags of `spreadscope start`. */
  readonly flags: readonly string[];
  /** Where lake, journal and logs are kept; undefined = in a folder that goes. */
  readonly keep: string | undefined;
}

export interface Asked {
  readonly runs: readonly OverloadOptions[];
  /** The file of the report as JSON, and beside it the picture as HTML; undefined = neither. */
  readonly out: string | undefined;
}

const FLAGS = {
  rate: { type: 'string', default: '100000' },
  symbols: { type: 'string', default: '1000' },
  clients: { type: 'string', default: '50' },
  stalled: { type: 'string', default: '5' },
  slow: { type: 'string', default: '5' },
  minutes: { type: 'string' },
  seconds: { type: 'string' },
  burst: { type: 'string' },
  storm: { type: 'string', default: '0' },
  phases: { type: 'boolean', default: false },
  updates: { type: 'string', default: '10' },
  budget: { type: 'string', default: '512' },
  rival: { type: 'string' },
  flag: { type: 'string', multiple: true, default: [] as string[] },
  keep: { type: 'string' },
  out: { type: 'string' },
} as const;

const SHORT_SECONDS = 60;

/** Reads the command line; what is wrong ends the process with a line that says it. */
export function readOptions(args: readonly string[]): Asked {
  const { values } = readFlags(FLAGS, args);
  const seconds =
    values.seconds !== undefined
      ? whole('seconds', values.seconds)
      : whole('minutes', values.minutes ?? String(SHORT_SECONDS / 60)) * 60;
  const options: Omit<OverloadOptions, 'target'> = {
    rate: whole('rate', values.rate),
    symbols: whole('symbols', values.symbols),
    clients: whole('clients', values.clients),
    stalled: whole('stalled', values.stalled),
    slow: whole('slow', values.slow),
    seconds,
    burst: burstOf(values.burst),
    storm: whole('storm', values.storm),
    timeline: values.phases,
    updatesPerSecond: whole('updates', values.updates),
    budgetMb: whole('budget', values.budget),
    flags: values.flag,
    keep: values.keep,
  };
  if (options.stalled + options.slow >= options.clients) {
    return wrongUse('--clients counts the stalled and the slow ones too, and some must be healthy');
  }
  return { runs: targetsOf(values.rival).map((target) => ({ ...options, target })), out: values.out };
}

function targetsOf(rival: string | undefined): Target[] {
  if (rival === undefined || rival === 'none') return ['spreadscope'];
  if (rival === 'naive') return ['naive'];
  if (rival === 'both') return ['spreadscope', 'naive'];
  return wrongUse(`--rival is none, naive or both, not ${rival}`);
}

function burstOf(text: string | undefined): OverloadOptions['burst'] {
  if (text === undefined) return undefined;
  const [rate = '', seconds = ''] = text.split(':');
  return { rate: whole('burst', rate), seconds: whole('burst', seconds) };
}
