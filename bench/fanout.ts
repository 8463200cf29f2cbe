/**
 * What sending to many clients costs the thread that also feeds the market: CPU a frame, and how long the event loop is held. The same clients once with rounds spread over turns of
 * the loop, as the gateway does it, and once with whole rounds in one turn. The clients are in a process of their own.
 *
 *   npm run bench -- fanout
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FakeSources, start } from '../test/gateway/fake-sources.ts';
import { printTable } from './harness.ts';

const CASES = [
  { clients: 50, updatesPerSecond: 20 },
  { clients: 1000, updatesPerSecond: 5 },
];
const TURNS = { 'turns of 4 ms': 4, 'whole rounds': Number.POSITIVE_INFINITY };
const WARM_UP_MS = 3000;
const MEASURED_MS = 5000;
/** Topics of a client that are sent in every round: routes and route; venues come twice a second. */
const FAST_TOPICS = 2;

interface Report {
  readonly frames: number;
  readonly bytes: number;
  readonly closed: number;
  readonly holes: number;
  readonly delays: readonly number[];
}

async function measure(clients: number, updatesPerSecond: number, turnMs: number): Promise<string[]> {
  const sources = new FakeSources();
  sources.rows = 50;
  const gateway = await start(sources, {
    clock: () => (performance.timeOrigin + performance.now()) * 1000,
    limits: { clients, connections: clients + 10, updatesPerSecond, turnMs },
  });
  const child = fork(fileURLToPath(new URL('./fanout-clients.js', import.meta.url)), [
    String(gateway.port),
    String(clients),
  ]);
  while (gateway.clients() < clients) await sleep(50);
  await sleep(WARM_UP_MS);
  child.send('reset');
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const cpu = process.cpuUsage();
  const from = performance.now();
  await sleep(MEASURED_MS);
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  loop.disable();
  child.send('report');
  const [report] = (await once(child, 'message')) as [Report];
  const kernel = gateway.kernelBytes();
  child.kill();
  await gateway.stop();
  const expected = clients * updatesPerSecond * FAST_TOPICS * seconds;
  assert.equal(report.closed, 0);
  assert.equal(report.holes, 0);
  assert.ok(report.frames > expected * 0.8, `${report.frames} frames came, of ${expected}`);
  const delays = [...report.delays].sort((a, b) => a - b);
  const delay = (share: number): string =>
    ((delays[Math.floor(delays.length * share)] ?? 0) / 1000).toFixed(1);
  return [
    `${(report.frames / seconds).toFixed(0)}/s`,
    `${(report.bytes / report.frames / 1000).toFixed(1)} kB`,
    `${((user + system) / report.frames).toFixed(1)} µs`,
    `${((user + system) / 1e4 / seconds).toFixed(0)} %`,
    `${(loop.percentile(50) / 1e6).toFixed(1)} / ${(loop.percentile(99) / 1e6).toFixed(1)} / ${(loop.max / 1e6).toFixed(1)} ms`,
    `${delay(0.5)} / ${delay(0.99)} ms`,
    `${(kernel / 1000).toFixed(0)} kB`,
  ];
}

const rows: string[][] = [];
for (const { clients, updatesPerSecond } of CASES) {
  for (const [name, turnMs] of Object.entries(TURNS)) {
    const figures = await measure(clients, updatesPerSecond, turnMs);
    rows.push([`${clients} clients × ${updatesPerSecond}/s, ${name}`, ...figures]);
  }
}
printTable([
  ['', 'frames', 'a frame', 'CPU a frame', 'CPU', 'loop p50 / p99 / max', 'delay p50 / p99', 'in the kernel'],
  ...rows,
]);
