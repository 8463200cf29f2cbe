import type { BoundsReply } from '../src/wire/api.ts';
import { getJson } from './overload-sampler.ts';
import { readProcess, readSockets } from './proc.ts';

/** What must be back where it was when the clients have gone. */
export interface Gauges {
  readonly files: number;
  readonly connections: number;
  readonly clients: number;
  readonly subscriptions: number;
  readonly streams: number;
  readonly outboxes: number;
}

/** Reads them. Throws when the server does not answer. */
export async function readGauges(pid: number, url: string): Promise<Gauges> {
  const reply = (await getJson(`${url}/api/v1/bounds`)) as BoundsReply | undefined;
  if (reply === undefined) throw new Error('the server does not answer');
  const used = (name: string): number => reply.bounds.find((bound) => bound.name === name)?.used ?? 0;
  return {
    files: readProcess(pid)?.files ?? Number.NaN,
    connections: readSockets(Number(new URL(url).port)).peers.size,
    clients: used('gateway.clients'),
    subscriptions: used('gateway.subscriptions'),
    streams: used('gateway.streams'),
    outboxes: used('gateway.outboxes'),
  };
}

/** Names of gauges that are above where they were; `slack` is for what comes and goes by itself. */
export function grown(before: Gauges, after: Gauges, slack: Partial<Gauges>): string[] {
  const names = Object.keys(before) as (keyof Gauges)[];
  return names
    .filter((name) => after[name] > before[name] + (slack[name] ?? 0))
    .map((name) => `${name} ${before[name]} → ${after[name]}`);
}
