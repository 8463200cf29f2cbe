import type uPlot from 'uplot';

/**
 * A path builder for step lines over typed arrays in which NaN is a gap: a quote holds until the next one, and nothing is drawn across an invalid leg.
 * (uPlot's own builders take only null for a gap, which a typed array cannot hold.)
 */
export function stepPath(u: uPlot, seriesIdx: number, idx0: number, idx1: number): uPlot.Series.Paths {
  const stroke = new Path2D();
  const times = u.data[0] ?? [];
  const values = u.data[seriesIdx] ?? [];
  const scale = u.series[seriesIdx]?.scale ?? 'y';
  let penDown = false;
  let y = 0;
  for (let i = idx0; i <= idx1; i++) {
    const value = values[i] ?? Number.NaN;
    const x = u.valToPos(times[i] as number, 'x', true);
    if (penDown) stroke.lineTo(x, y);
    if (Number.isNaN(value)) {
      penDown = false;
      continue;
    }
    y = u.valToPos(value, scale, true);
    if (penDown) stroke.lineTo(x, y);
    else stroke.moveTo(x, y);
    penDown = true;
  }
  return { stroke, fill: null, clip: null, flags: 1 };
}
