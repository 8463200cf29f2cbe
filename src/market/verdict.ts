import type { VerdictName } from '../core/route-notes.ts';
import type { RouteFigures } from './statistics-figures.ts';

/** The rules, in the order in which they are asked. Shares and spreads are fractions. */
export interface VerdictRules {
  /** Told with each verdict, so that one can be traced to its rules. */
  readonly version: string;
  readonly minSamples: number;
  readonly minMinutes: number;
  /** Fewer crossings of the mean a minute: it is on its way somewhere. */
  readonly trendingBelow: number;
  /** A greater share of the time over the threshold: the difference stays. */
  readonly aboveOver: number;
  readonly weakPeakBelow: number;
  readonly weakHighPeaksBelow: number;
  readonly excellentCrossings: number;
  readonly excellentPerHour: number;
  readonly excellentPeak: number;
  readonly excellentHighPeaks: number;
}

export interface Verdict {
  readonly name: VerdictName;
  /** One sentence, with the figures that decided. */
  readonly reason: string;
  readonly version: string;
}

/** What a route's statistics say of it. The first rule that holds decides. */
export function verdictOf(figures: RouteFigures, rules: VerdictRules): Verdict {
  const { samples, meanCrossingsPerMinute: crossings, timeAbove, opportunitiesPerHour: perHour } = figures;
  const [meanPeak, highPeaks] = [orZero(figures.meanPeak), orZero(figures.highPeaks)];
  const say = (name: VerdictName, reason: string): Verdict => ({ name, reason, version: rules.version });
  const minutes = samples / 60;
  if (samples < rules.minSamples || minutes < rules.minMinutes)
    return say(
      'not-enough-data',
      `${samples} seconds with both quotes; it takes ${Math.max(rules.minSamples, rules.minMinutes * 60)}`,
    );
  if (crossings < rules.trendingBelow)
    return say(
      'trending',
      `it crosses its mean ${round(crossings)} times a minute, fewer than ${rules.trendingBelow}`,
    );
  if (timeAbove > rules.aboveOver)
    return say(
      'does-not-close',
      `it is over the threshold ${percent(timeAbove)} of the time, more than ${percent(rules.aboveOver)}`,
    );
  const peaks = `the mean peak is ${percent(meanPeak)}, and ${percent(highPeaks)} of the peaks are over 0.5 %`;
  if (meanPeak < rules.weakPeakBelow && highPeaks < rules.weakHighPeaksBelow) return say('weak', peaks);
  if (
    crossings > rules.excellentCrossings &&
    perHour > rules.excellentPerHour &&
    meanPeak > rules.excellentPeak &&
    highPeaks > rules.excellentHighPeaks
  )
    return say(
      'excellent',
      `it crosses its mean ${round(crossings)} times a minute, opens ${round(perHour)} times an hour, ${peaks}`,
    );
  return say(
    'fair',
    `no rule speaks for or against it: ${round(crossings)} crossings a minute, ${round(perHour)} opportunities an hour, ${peaks}`,
  );
}

/** A route without opportunities has no peak. */
function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}
