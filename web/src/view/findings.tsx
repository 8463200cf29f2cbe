import type { RouteFindings } from '../../../src/wire/api.ts';
import { bps, count, lasting } from '../format.ts';

/** What the last hour says of the route, and the verdict with its reason. */
export function Findings({ findings }: { findings: RouteFindings }) {
  const { statistics: own, verdict, bands, identity, thresholds } = findings;
  const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(0)} %`);
  const rate = (figure: number | null): string => (figure === null ? '–' : figure.toFixed(1));
  const pairs: readonly (readonly [string, string])[] = [
    ['Band, bps', `${bps(bands.lowBps)} … ${bps(bands.highBps)}`],
    ['Seconds seen', count(own.samples)],
    ['Opportunities an hour', count(own.opportunitiesPerHour)],
    ['Mean peak, bps', bps(own.meanPeakBps)],
    ['Highest peak, bps', bps(own.maxPeakBps)],
    ['Mean duration', lasting(own.meanDurationMs)],
    ['Mean crossings a minute', rate(own.meanCrossingsPerMinute)],
    ['Time over the threshold', percent(own.timeAbove)],
    ['Half-life', lasting(own.halfLifeMs)],
    ['Cycles 0.3 / 0.4 / 0.5 %', own.cycles.map(count).join(' / ')],
    ['Opens at, closes below, bps', `${bps(thresholds.openBps)}, ${bps(thresholds.closeBps)}`],
    ['Identity', identity.state],
  ];
  return (
    <section class="findings" aria-label="Statistics of the last hour">
      <p id="verdict-of-route">
        <b class={`verdict ${verdict.name}`}>{verdict.name.replaceAll('-', ' ')}</b>{' '}
        <span class="dim">{verdict.reason}</span>
      </p>
      <dl>
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
