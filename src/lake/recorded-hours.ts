import { HOUR_US } from './layout.ts';
import { hoursOf } from './partitions.ts';

/**
 * The hours of a lake that hold quotes, by its folders; what waits in the journal is not seen.
 * @returns µs: the beginning of the first and the end of the last; null = none
 */
export function recordedHours(lake: string): { readonly from: number; readonly to: number } | null {
  const hours = hoursOf(lake, 'quotes');
  const [first, last] = [hours[0], hours.at(-1)];
  return first === undefined || last === undefined ? null : { from: first, to: last + HOUR_US };
}
