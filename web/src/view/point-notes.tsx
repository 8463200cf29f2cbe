import { timeOfDay } from '../clock.ts';
import { age, bps, shortTime } from '../format.ts';
import { blindSpells, pastState, shownPast } from '../route-past.ts';
import { pointedAt, shownChart } from './chart-view.tsx';

/** Under the legend: what is known of the point beneath the crosshair beside its values, or whether the past is here at all. */
export function PointNotes() {
  return <p class="notes">{noteText()}</p>;
}

function noteText(): string {
  const { loading, error } = pastState.value;
  const index = pointedAt.value;
  if (index === null) {
    if (error !== '') return `The past cannot be read: ${error}`;
    return loading ? 'Reading the past …' : shownText();
  }
  const series = shownChart.peek()?.shown.series;
  const at = series?.time[index];
  if (series === undefined || at === undefined) return '';
  const notes: string[] = [];
  const blind = blindSpells.peek().find(({ from, to }) => at >= from && at < to);
  if (blind !== undefined) notes.push(`not seen — ${blind.why}`);
  const [low, high] = [series.lower[index] ?? Number.NaN, series.upper[index] ?? Number.NaN];
  if (!Number.isNaN(high)) notes.push(`band ${bps(low)} … ${bps(high)} bps`);
  const [buyAge, sellAge] = [series.buyAge[index] ?? Number.NaN, series.sellAge[index] ?? Number.NaN];
  if (!Number.isNaN(buyAge)) notes.push(`quotes ${age(buyAge)} and ${age(sellAge)} old`);
  const mark = shownPast
    .peek()
    ?.marks.find(
      ({ start, end }) => at * 1e6 >= start - 5e5 && at * 1e6 <= (end ?? Number.POSITIVE_INFINITY),
    );
  if (mark !== undefined) {
    notes.push(
      `opportunity of ${timeOfDay(mark.start / 1e6)}: peak ${bps(mark.peakNetBps)} bps, ${shortTime(mark.durationMs)}`,
    );
  }
  return notes.join(' · ');
}

function shownText(): string {
  const past = shownPast.value;
  if (past === null) return '';
  const { gaps, sources } = past.reply;
  const from = [...new Set(sources.map(({ source }) => source))].join(' and ');
  const parts = [from === '' ? 'nothing recorded' : `from ${from}`];
  if (gaps.length > 0) parts.push(`${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}`);
  if (past.marks.length > 0)
    parts.push(`${past.marks.length} ${past.marks.length === 1 ? 'opportunity' : 'opportunities'}`);
  return parts.join(' · ');
}
