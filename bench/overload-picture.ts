import { type Band, type Chart, chartSvg, escapeText, type Line } from './chart.ts';
import type { RunResult } from './overload-result.ts';

const COLORS = { spreadscope: '#1a7f5a', naive: '#c2410c' } as const;
const PALE = { spreadscope: '#7fc4aa', naive: '#f0a27e' } as const;

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:32px auto;max-width:1000px;padding:0 16px;color:#1c2321;background:#fff}
h1{font-size:20px;margin:0 0 4px}h2{font-size:15px;margin:26px 0 2px}p{margin:4px 0;color:#55605c}
svg{width:100%;height:auto;display:block}path{fill:none;stroke-width:1.8;stroke-linejoin:round}
.grid{stroke:#e4e8e6}.tick{font-size:11px;fill:#6b7672}.end{font-size:11.5px;font-weight:600}
.band0{fill:#f6f8f7}.band1{fill:#eef2f0}line.limit{stroke:#9a3412;stroke-dasharray:6 4}text.limit{font-size:11px;fill:#9a3412}
table{border-collapse:collapse;margin-top:8px}td,th{padding:3px 14px 3px 0;text-align:left;font-weight:400;vertical-align:top}
th{color:#6b7672}.held{color:#1a7f5a;font-weight:600}.broken{color:#c2410c;font-weight:600}`;

/** A page without anything outside itself: memory, delay and rate over time of each run, and what held. */
export function pictureOf(results: readonly RunResult[]): string {
  const [first] = results;
  if (first === undefined) return '';
  const { options } = first;
  const charts = [memoryChart(results), delayChart(results), rateChart(results)];
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>overload</title>',
    `<style>${STYLE}</style><h1>Overload: ${options.rate.toLocaleString('en')} messages a second, 8 × ${options.symbols} instruments</h1>`,
    `<p>${options.clients} clients, of which ${options.stalled} are stopped and ${options.slow} read 16 KB a second. Load average of the machine ${first.load}.</p>`,
    ...charts.map((chart) => `<h2>${escapeText(chart.title)}</h2>${chartSvg(chart)}`),
    ...results.map(verdictTable),
    '</html>',
  ].join('\n');
}

function verdictTable({ options, verdicts }: RunResult): string {
  const rows = verdicts.map(
    ({ what, held, detail }) =>
      `<tr><td class="${held ? 'held' : 'broken'}">${held ? 'held' : 'broken'}</td><td>${escapeText(what)}</td><td>${escapeText(detail)}</td></tr>`,
  );
  return `<h2>${options.target}</h2><table>${rows.join('')}</table>`;
}

/** Seconds since the first sample of a run. */
function secondsIn({ samples }: RunResult): (time: number) => number {
  const from = samples[0]?.time ?? 0;
  return (time) => Math.max(0, (time - from) / 1000);
}

function xMaxOf(results: readonly RunResult[]): number {
  return Math.max(1, ...results.map((run) => secondsIn(run)(run.samples.at(-1)?.time ?? 0)));
}

/** The phases of the run that lasted longest. */
function bandsOf(results: readonly RunResult[]): Band[] {
  const [longest] = [...results].sort((a, b) => b.phases.length - a.phases.length);
  if (longest === undefined) return [];
  const seconds = secondsIn(longest);
  return longest.phases.map(({ name, from, to }) => ({ name, from: seconds(from), to: seconds(to) }));
}

function memoryChart(results: readonly RunResult[]): Chart {
  const lines = results.map((run): Line => {
    const seconds = secondsIn(run);
    const end = run.died === undefined ? `${run.rss.end.toFixed(0)} MB` : `† ${run.died}`;
    const points = run.samples.map(({ time, rss }) => ({ x: seconds(time), y: rss / 1e6 }));
    return { name: run.options.target, color: COLORS[run.options.target], points, end };
  });
  const budgetMb = results[0]?.options.budgetMb ?? 512;
  return {
    ...{ title: 'Resident memory', lines, bands: bandsOf(results), xMax: xMaxOf(results) },
    limit: { y: budgetMb, name: `the budget, ${budgetMb} MB` },
    format: (y) => `${y.toFixed(0)} MB`,
  };
}

function delayChart(results: readonly RunResult[]): Chart {
  const lines = results.flatMap((run): Line[] => {
    const seconds = secondsIn(run);
    const line = (pick: 'p50' | 'p99'): Line['points'] =>
      run.seconds.map((second) => ({ x: seconds(second.time), y: second[pick] }));
    const { target } = run.options;
    return [
      { name: `${target} p99`, color: COLORS[target], points: line('p99') },
      { name: `${target} p50`, color: PALE[target], points: line('p50') },
    ];
  });
  return {
    title: 'From the exchange to a healthy client, each second (log)',
    ...{ lines, bands: bandsOf(results), xMax: xMaxOf(results), log: true },
    format: (y) => (y >= 1000 ? `${y / 1000} s` : `${y} ms`),
  };
}

function rateChart(results: readonly RunResult[]): Chart {
  const lines = results.map((run): Line => {
    const seconds = secondsIn(run);
    const known = run.samples.filter(({ published }) => published !== null);
    const points = known.slice(1).map(({ time, published }, i) => {
      const before = known[i];
      const ms = time - (before?.time ?? time);
      return { x: seconds(time), y: ((published ?? 0) - (before?.published ?? 0)) / Math.max(ms, 1) };
    });
    return { name: run.options.target, color: COLORS[run.options.target], points };
  });
  return {
    title: 'Messages that the simulator got rid of, thousands a second (it stops when nobody reads)',
    ...{ lines, bands: bandsOf(results), xMax: xMaxOf(results) },
    format: (y) => `${y.toFixed(0)} k`,
  };
}
