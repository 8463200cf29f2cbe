import type { RouteReply } from '../../../src/wire/api.ts';
import { VERDICT_WORDS } from '../filters.ts';
import { bps, count, share, shortTime, signedBps } from '../format.ts';
import { BandBar } from './band-bar.tsx';

/** What the last hour says of the route: verdict and reason, bands, statistics. */
export function Findings({ reply }: { reply: RouteReply }) {
  const { findings } = reply;
  if (findings === null) return <p class="wait">No statistics are kept of this route.</p>;
  const { bands, statistics: s, verdict, identity, thresholds } = findings;
  const rows: readonly (readonly [name: string, value: string, title: string])[] = [
    ['Samples', `${count(s.samples)} s`, 'Seconds of the last hour at which both legs were valid'],
    [
      'Basis',
      `${signedBps(s.meanBps)} ± ${bps(s.deviationBps)} bps`,
      'Mean and standard deviation, bid to bid',
    ],
    ['Basis range', `${signedBps(s.minBps)} … ${signedBps(s.maxBps)} bps`, 'Least and greatest'],
    ['Mean crossings', `${rate(s.meanCrossingsPerMinute)} /min`, 'Changes of side of its own mean'],
    ['Parity crossings', `${rate(s.parityCrossingsPerMinute)} /min`, 'Changes of sign'],
    ['Cycles 0.3 · 0.4 · 0.5 %', s.cycles.map(count).join(' · '), 'Out beyond, and back to nothing'],
    ['Mean cycle', shortTime(s.meanCycleMs), 'From out to back'],
    [
      'Time above',
      share(s.timeAbove),
      `Share of time over the opening threshold of ${thresholds.openBps} bps`,
    ],
    ['Opportunities', `${rate(s.opportunitiesPerHour)} /h`, `${count(s.opportunities)} in the window`],
    ['Peak, mean · max', `${bps(s.meanPeakBps)} · ${bps(s.maxPeakBps)} bps`, 'Of opportunities that ended'],
    ['Duration, mean', shortTime(s.meanDurationMs), 'Of opportunities that ended'],
    ['Half-life', shortTime(s.halfLifeMs), 'In which a deviation of the basis shrinks by half'],
    [
      'Asymmetry',
      s.asymmetry === null ? '–' : s.asymmetry.toFixed(2).replace('-', '−'),
      '−1 … 1: which side it is on',
    ],
  ];
  return (
    <section class="findings" aria-label="Statistics of the last hour">
      <h3>
        Last hour: <b class={`verdict ${verdict.name}`}>{VERDICT_WORDS[verdict.name]}</b>
      </h3>
      <p id="verdict-reason">{verdict.reason}</p>
      {identity.state !== 'ok' && (
        <p class="trouble">
          Identity {identity.state}: the prices are{' '}
          {identity.ratio === null ? 'far' : `${identity.ratio.toPrecision(4)} times`} apart.
        </p>
      )}
      <div class="bands">
        <span>
          {100 - bands.percent}–{bands.percent} % band
        </span>
        <BandBar low={bands.lowBps} high={bands.highBps} value={reply.netBps} />
        <span class="num">
          {bps(bands.lowBps)} … {bps(bands.highBps)} bps
        </span>
      </div>
      <dl>
        {rows.map(([name, value, title]) => (
          <div key={name} title={title}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function rate(value: number | null): string {
  return value === null ? '–' : value.toFixed(value < 10 ? 1 : 0);
}
