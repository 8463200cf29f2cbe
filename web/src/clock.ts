import { clockTime, day } from './format.ts';
import { zone } from './settings.ts';

/** A time of day by the clock of the reader's choice; seconds since the epoch. */
export function timeOfDay(seconds: number | null): string {
  return clockTime(seconds, zone.value === 'UTC');
}

/** The same with its day. */
export function dayAndTime(seconds: number | null): string {
  return `${day(seconds, zone.value === 'UTC')} ${timeOfDay(seconds)}`;
}
