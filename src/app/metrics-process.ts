import type { MetricsText, Sample } from './metrics-text.ts';
import { type Pressure, SHED_STEPS } from './pressure.ts';
import type { ThreadReading } from './thread-watch.ts';

export interface ProcessReading {
  readonly version: string;
  /** s since the epoch. */
  readonly startTime: number;
  readonly rss: number;
  readonly budget: number;
  readonly threads: readonly (readonly [name: string, ThreadReading])[];
  readonly pressure: Pressure;
}

/** The process: memory, processor, event loops, and what is left because memory is short. */
export function writeProcess(text: MetricsText, reading: ProcessReading): void {
  const { version, startTime, rss, budget, threads } = reading;
  const cpu = process.cpuUsage();
  text.gauge('build_info', 'What runs; always 1.', [[{ version, node: process.versions.node }, 1]]);
  text.gauge('start_time_seconds', 'When the process started, since the epoch.', startTime);
  text.counter('cpu_seconds_total', 'Processor time of the whole process.', [
    [{ mode: 'user' }, cpu.user / 1e6],
    [{ mode: 'system' }, cpu.system / 1e6],
  ]);
  text.gauge('memory_resident_bytes', 'Resident memory of the process.', rss);
  text.gauge('memory_budget_bytes', 'What the process may take: memory.budget.', budget);
  text.gauge(
    'heap_used_bytes',
    'Heap of V8 in use, garbage included, by thread.',
    threads.map(([thread, { heap }]): Sample => [{ thread }, heap.usedBytes]),
  );
  text.gauge(
    'heap_limit_bytes',
    'The most that heap may be, by thread.',
    threads.map(([thread, { heap }]): Sample => [{ thread }, heap.limitBytes]),
  );
  text.gauge(
    'loop_delay_seconds',
    'How late the event loop was over the last 5 to 10 s, by thread; quantile 1 is the longest.',
    threads.flatMap(([thread, { delaySeconds }]): Sample[] => [
      [{ thread, quantile: '0.5' }, delaySeconds.p50],
      [{ thread, quantile: '0.99' }, delaySeconds.p99],
      [{ thread, quantile: '1' }, delaySeconds.max],
    ]),
  );
  writePressure(text, reading.pressure);
}

function writePressure(text: MetricsText, pressure: Pressure): void {
  text.gauge(
    'memory_pressure',
    'How many steps of optional work are left now because memory is short.',
    pressure.level,
  );
  text.gauge(
    'shed',
    '1 while this work is left, by reason.',
    SHED_STEPS.map(({ name }): Sample => [{ reason: name }, Number(pressure.isShed(name))]),
  );
  text.counter(
    'shed_total',
    'How often this work was left, by reason.',
    SHED_STEPS.map(({ name }): Sample => [{ reason: name }, pressure.taken(name)]),
  );
}
