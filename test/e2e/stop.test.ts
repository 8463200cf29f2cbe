import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VenuesReply } from '../../src/wire/api.ts';
import { collect, spawnProgram } from '../cli/run.ts';
import { startSimulatorProcess, until } from './simulated.ts';

type Simulator = Awaited<ReturnType<typeof startSimulatorProcess>>;

async function states(url: string): Promise<Map<string, string>> {
  const reply = (await (await fetch(`${url}/api/v1/venues`)).json()) as VenuesReply;
  return new Map(reply.venues.map((row) => [row.venue, row.state]));
}

async function allLive(url: string): Promise<void> {
  const live = async (): Promise<boolean> => [...(await states(url)).values()].every((s) => s === 'live');
  await until(live, 30_000, 'eight live venues');
}

/** What the venues do when the stop comes. */
const MOMENTS: readonly {
  readonly name: string;
  readonly before?: (simulator: Simulator) => Promise<void>;
  readonly reach: (simulator: Simulator, url: string) => Promise<void>;
}[] = [
  { name: 'with eight live venues', reach: (_simulator, url) => allLive(url) },
  {
    name: 'with a half-open, a silent and a down venue among live ones',
    reach: async (simulator, url) => {
      await allLive(url);
      await simulator.fault({ venue: 'bybit', kind: 'silent' });
      await simulator.fault({ venue: 'okx', kind: 'drop', ms: 600_000 });
      await until(async () => (await states(url)).get('okx') === 'down', 20_000, 'okx is down');
      await simulator.fault({ venue: 'gate', kind: 'half-open' });
    },
  },
  {
    name: 'while instrument lists and dials hang',
    before: (simulator) => simulator.fault({ venue: '*', kind: 'half-open' }),
    reach: () => Promise.resolve(),
  },
  {
    name: 'while it dials',
    reach: (_simulator, url) =>
      until(async () => [...(await states(url)).values()].includes('connecting'), 5_000, 'dialling'),
  },
];

const IN_PROCESS = join(import.meta.dirname, 'stop-child.js');

const PROGRAMS: readonly {
  readonly name: string;
  readonly start: (via: string) => ChildProcess;
  readonly end: (child: ChildProcess) => void;
  /** Whether it says what is left open. */
  readonly tells: boolean;
}[] = [
  {
    name: 'SIGTERM to start',
    start: (via) => spawnProgram(['start', '--port', '0', '--via', via, '--symbols', '5']),
    end: (child) => child.kill('SIGTERM'),
    tells: false,
  },
  {
    name: 'stop() in a program',
    start: (via) => spawn(process.execPath, [IN_PROCESS, via], { stdio: 'pipe' }),
    end: (child) => child.stdin?.end(),
    tells: true,
  },
];

/** A pipe is standard input, output or errors. */
const STDIO = /^(PipeWrap|Immediate)$/;

for (const program of PROGRAMS) {
  for (const moment of MOMENTS) {
    test(`${program.name} ${moment.name}: the end comes within 2 s, with exit 0 and nothing left open`, async () => {
      const simulator = await startSimulatorProcess(['--symbols', '5', '--rate', '400']);
      await moment.before?.(simulator);
      const child = program.start(simulator.url);
      const [out, err] = [collect(child.stdout), collect(child.stderr)];
      const ended = once(child, 'close') as Promise<[number | null]>;
      try {
        const [, url] = await out.match(/^spreadscope (\S+)\n/);
        await moment.reach(simulator, url as string);
        program.end(child);
        // A stop of `start` that takes 1.9 s exits with 1 and names what is open.
        assert.deepEqual(await ended, [0, null], err.text());
        if (!program.tells) return;
        const said = out.text().trim().split('\n').at(-1) ?? '';
        const { tookMs, open } = JSON.parse(said) as { tookMs: number; open: string[] };
        assert.ok(tookMs < 2_000, `${tookMs} ms`);
        assert.deepEqual(
          open.filter((name) => !STDIO.test(name)),
          [],
        );
      } finally {
        child.kill('SIGKILL');
        await simulator.stop();
      }
    });
  }
}
