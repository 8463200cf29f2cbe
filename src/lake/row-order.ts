/**
 * Orders rows by symbol, then receive time; ties stay in the order of arrival. A counting sort by symbol keeps the order in time for nothing; only symbols for which the clock
 * went back are sorted.
 * @param ranks of each row's symbol, all < `symbols`
 * @param times row i's is at `i * stride + offset`
 * @param starts scratch of at least `symbols` + 1 entries
 * @param order receives the row numbers
 */
export function orderRows(
  ranks: Uint32Array,
  times: Float64Array,
  rows: number,
  symbols: number,
  starts: Uint32Array,
  order: Uint32Array,
  stride = 1,
  offset = 0,
): void {
  starts.fill(0, 0, symbols + 1);
  for (let i = 0; i < rows; i += 1) {
    const next = (ranks[i] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let s = 1; s <= symbols; s += 1) starts[s] = (starts[s] as number) + (starts[s - 1] as number);
  // From here on `starts[s]` is where the next row of s goes; in the end, where s ends.
  for (let i = 0; i < rows; i += 1) {
    const rank = ranks[i] as number;
    const at = starts[rank] as number;
    order[at] = i;
    starts[rank] = at + 1;
  }
  for (let s = 0, from = 0; s < symbols; s += 1) {
    const to = starts[s] as number;
    if (wentBack(times, order, from, to, stride, offset))
      sortByTime(times, order.subarray(from, to), stride, offset);
    from = to;
  }
}

function wentBack(
  times: Float64Array,
  order: Uint32Array,
  from: number,
  to: number,
  stride: number,
  offset: number,
): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i += 1) {
    const time = times[(order[i] as number) * stride + offset] as number;
    if (time < last) return true;
    last = time;
  }
  return false;
}

function sortByTime(times: Float64Array, order: Uint32Array, stride: number, offset: number): void {
  const timeOf = (row: number) => times[row * stride + offset] as number;
  order.sort((a, b) => timeOf(a) - timeOf(b) || a - b);
}
