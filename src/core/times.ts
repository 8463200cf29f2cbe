import { SpreadscopeError } from './errors.ts';

/** What `parseTime` takes, for messages and help. */
export const TIMES_ALLOWED =
  'an ISO 8601 time (2026-11-23T14:00:00Z, 2026-11-23; without a zone it is UTC), seconds, ms or µs since the epoch, a time back from now (-2h, -90m, -1d12h), now, today or yesterday';

const SECOND_US = 1_000_000;
const UNITS_US: Readonly<Record<string, number>> = {
  w: 7 * 86_400 * SECOND_US,
  d: 86_400 * SECOND_US,
  h: 3600 * SECOND_US,
  m: 60 * SECOND_US,
  s: SECOND_US,
};
const DAY_US = 86_400 * SECOND_US;
/** The last µs whose day has a year of four digits. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999) * 1000 + 999;
/** Numbers below are no time that anything was recorded at: 2026 and 20261123 are dates without their dashes. */
const LEAST_EPOCH = 1e8;
const LEAST_MS = 1e11;
const LEAST_US = 1e14;

// A plus sign in a query string becomes a space.
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+\- ]\d\d(?::?\d\d)?)?)?$/i;
const RELATIVE = /^-(?:\d+(?:\.\d+)?[wdhms])+$/i;
const DECIMAL = /^\d+(?:\.\d+)?$/;

/**
 * A time given by people, as whole µs since the epoch.
 * @param now µs since the epoch
 * @param name of what takes it, for the message
 * @throws BAD_REQUEST
 */
export function parseTime(text: string, now: number, name = 'time'): number {
  const given = text.trim();
  const time = byWord(given, now) ?? backFrom(given, now) ?? sinceEpoch(given) ?? fromIso(given);
  if (time !== undefined && time >= 0 && time <= LAST_TIME) return time;
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  throw new SpreadscopeError('BAD_REQUEST', `${name} is ${shown}; allowed is ${TIMES_ALLOWED}`);
}

function byWord(text: string, now: number): number | undefined {
  const today = Math.floor(now / DAY_US) * DAY_US;
  const word = text.toLowerCase();
  if (word === 'now') return Math.floor(now);
  if (word === 'today') return today;
  return word === 'yesterday' ? today - DAY_US : undefined;
}

function backFrom(text: string, now: number): number | undefined {
  if (!RELATIVE.test(text)) return undefined;
  let back = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)([wdhms])/gi))
    back += Number(count) * (UNITS_US[unit.toLowerCase()] ?? Number.NaN);
  return Math.floor(now) - Math.round(back);
}

function sinceEpoch(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  if (value < LEAST_EPOCH) return undefined;
  return Math.round(value * (value < LEAST_MS ? SECOND_US : value < LEAST_US ? 1000 : 1));
}

function fromIso(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const sound = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  const given = (field: number) => (Number.isNaN(field) ? 0 : field);
  if (!sound || given(hour) > 23 || given(minute) > 59 || given(second) > 59) return undefined;
  const zone = zoneMinutes(match[8]);
  if (zone === undefined) return undefined;
  const micros = Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  // Not from parts: that takes years below 100 for others.
  const dayStart = Date.parse(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`) * 1000;
  const inDay = ((given(hour) * 60 + given(minute) - zone) * 60 + given(second)) * SECOND_US;
  return dayStart + inDay + micros;
}

function zoneMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || '0')];
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
