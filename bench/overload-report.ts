import { printTable } from './harness.ts';
import type { DelayResult, RunResult } from './overload-result.ts';

/** Prints the verdicts first: figures of a run that broke its promises are no figures. */
export function printRun(result: RunResult): void {
  const { options, load } = result;
  console.log(
    `\n${options.target}: ${options.rate} messages/s, 8 × ${options.symbols} instruments, ${options.clients} clients (${options.stalled} stalled, ${options.slow} slow), load average ${load}`,
  );
  for (const { what, held, detail } of result.verdicts)
    console.log(`  ${held ? 'held  ' : 'BROKEN'}  ${what}: ${detail}`);
  if (result.died !== undefined) console.log(`  the server died: ${result.died}`);
  console.log('');
  printTable(phaseRows(result));
  console.log('');
  printTable(delayRows(result));
  console.log('');
  printMemory(result);
  printClients(result);
  for (const line of result.complaints.slice(-8)) console.log(`  ${line.slice(0, 220)}`);
}

function phaseRows({ phases }: RunResult): string[][] {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return [
    ['phase', 'seconds', 'asked/s', 'made/s', 'CPU server', 'CPU simulator', 'CPU clients'],
    ...phases.map(({ name, from, to, askedRate, madeRate, cpu }) => [
      name,
      ((to - from) / 1000).toFixed(0),
      askedRate.toFixed(0),
      madeRate.toFixed(0),
      percent(cpu.server),
      percent(cpu.simulator),
      percent(cpu.clients),
    ]),
  ];
}

function delayRows({ delays, slow }: RunResult): string[][] {
  const row = (who: string, { phase, exchange, delivery }: DelayResult): string[] => [
    `${who}, ${phase}`,
    `${exchange.count}`,
    ...[exchange.p50, exchange.p99, exchange.p999, exchange.max, delivery.p50, delivery.p99].map((ms) =>
      ms.toFixed(1),
    ),
  ];
  return [
    ['delay in ms', 'samples', 'p50', 'p99', 'p99.9', 'max', 'from server p50', 'p99'],
    ...delays.map((each) => row('healthy', each)),
    ...slow.delays.map((each) => row('slow', each)),
  ];
}

function printMemory({ samples, rss, threads, healthy, metrics }: RunResult): void {
  const mb = (pick: (sample: (typeof samples)[number]) => number): string =>
    `${(Math.max(0, ...samples.map(pick)) / 1e6).toFixed(1)} MB`;
  const answers = samples.flatMap(({ answerMs }) => answerMs ?? []).sort((a, b) => a - b);
  const silent = samples.length - answers.length;
  console.log(
    `memory: ${rss.max.toFixed(0)} MB at most, ${rss.end.toFixed(0)} MB at the end, growth ${rss.growth.slope.toFixed(1)} MB/min (95 % ${rss.growth.low.toFixed(1)} … ${rss.growth.high.toFixed(1)})`,
  );
  console.log(
    `kernel: ${mb((s) => s.kernelBytes ?? 0)} for the server's sockets (ss -tm), ${mb((s) => s.sendBytes)} waiting to be sent, ${mb((s) => s.receiveBytes)} waiting to be read by clients; files ${Math.max(0, ...samples.map(({ files }) => files))}`,
  );
  console.log(
    `a small request was answered in ${(answers[answers.length >> 1] ?? Number.NaN).toFixed(1)} ms (median), ${(answers.at(-1) ?? Number.NaN).toFixed(1)} ms at most, and ${silent} of ${samples.length} were not within a second; the clients' own loop stood still for ${healthy.ownLoopMaxMs.toFixed(0)} ms at most`,
  );
  console.log(
    `threads of the server, CPU s: ${threads
      .slice(0, 8)
      .map(({ name, cpuSeconds }) => `${name} ${cpuSeconds.toFixed(1)}`)
      .join(', ')}`,
  );
  // How late the server's own loop is, where it says so.
  for (const line of metrics
    .split('\n')
    .filter((each) => /^[^#]*loop/i.test(each))
    .slice(0, 8))
    console.log(`  ${line}`);
}

function printClients({ healthy, slow, stalls, closedByServer, stop }: RunResult): void {
  console.log(
    `healthy: ${healthy.clients} clients, ${healthy.messages} messages, ${(healthy.bytes / 1e6).toFixed(0)} MB; slow: closed ${slow.codes.join(', ') || 'none'}, ${slow.resyncs} resyncs`,
  );
  for (const { client, topics, closedAfterMs, code } of stalls) {
    const when =
      closedAfterMs === null ? 'never closed' : `closed after ${(closedAfterMs / 1000).toFixed(1)} s`;
    console.log(`stalled client ${client} (${topics} topics): ${when}, read code ${code ?? 'none'}`);
  }
  console.log(
    `the server's log: closed with ${closedByServer.join(', ') || 'none'}; the stop took ${stop.ms.toFixed(0)} ms`,
  );
}
