/** Numbers as people read them. Every function answers `–` for what is not known (null or NaN). */

const NOTHING = '–';

const PRICE = new Intl.NumberFormat('en-US', { minimumSignificantDigits: 6, maximumSignificantDigits: 10 });
const AMOUNT = new Intl.NumberFormat('en-US', { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
const COMPACT = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  minimumSignificantDigits: 4,
  maximumSignificantDigits: 4,
});
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const BPS = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: 'negative',
});
const SIGNED_BPS = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
});

/** A price over all magnitudes: 6 to 10 significant digits, so that it keeps what the venue sent and its width keeps still. */
export function price(value: number | null): string {
  return known(value) ? PRICE.format(value) : NOTHING;
}

/** A size or a notional: 4 significant digits, grouped, whole from a thousand on, and with its magnitude from a million on (`12.35M`). */
export function amount(value: number | null): string {
  if (!known(value)) return NOTHING;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6) return COMPACT.format(value);
  return size >= 1e3 ? WHOLE.format(value) : AMOUNT.format(value);
}

export function count(value: number | null): string {
  return known(value) ? WHOLE.format(value) : NOTHING;
}

/** Basis points with one decimal and a real minus. */
export function bps(value: number | null): string {
  return known(value) ? minus(BPS.format(value)) : NOTHING;
}

/** Basis points with their sign, `+` included. */
export function signedBps(value: number | null): string {
  return known(value) ? minus(SIGNED_BPS.format(value)) : NOTHING;
}

/** A lag in ms: `8`, `0.4`, `1,250`. */
export function lag(ms: number | null): string {
  if (!known(ms)) return NOTHING;
  const figure = Math.abs(ms) < 1 ? ms.toFixed(1) : WHOLE.format(ms);
  return minus(figure === '-0.0' ? '0.0' : figure);
}

/** How long ago, from ms: `0.3 s`, `45 s`, `3 min`, `2 h`. */
export function age(ms: number | null): string {
  if (!known(ms)) return NOTHING;
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  if (seconds < 7170) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** An uptime from ms: `42 s`, `3 min 5 s`, `4 h 12 min`, `3 d 4 h`. */
export function duration(ms: number | null): string {
  if (!known(ms)) return NOTHING;
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A short time from ms: `0.8 ms`, `45 ms`, `1.9 s`, then as `duration`. */
export function shortTime(ms: number | null): string {
  if (!known(ms)) return NOTHING;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}

/** A part of a whole, from 0 … 1: `0.4 %`, `37 %`. */
export function share(part: number | null): string {
  if (!known(part)) return NOTHING;
  const percent = part * 100;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Bytes as MB, 1 MB = 1,000,000 bytes as in the configuration. */
export function megabytes(bytes: number | null): string {
  return known(bytes) ? `${WHOLE.format(bytes / 1e6)} MB` : NOTHING;
}

/** Bytes with the unit that fits: `640 B`, `12.5 kB`, `3.1 MB`. */
export function bytes(value: number | null): string {
  if (!known(value)) return NOTHING;
  if (value < 1e3) return `${WHOLE.format(value)} B`;
  const [figure, unit] = value < 1e6 ? [value / 1e3, 'kB'] : [value / 1e6, 'MB'];
  return `${figure < 99.95 ? figure.toFixed(1) : WHOLE.format(figure)} ${unit}`;
}

/** The time of day of seconds since the epoch, `14:05:09`: local, or UTC. */
export function clockTime(seconds: number | null, utc = false): string {
  if (!known(seconds)) return NOTHING;
  const date = new Date(seconds * 1000);
  const [hours, minutes] = utc
    ? [date.getUTCHours(), date.getUTCMinutes()]
    : [date.getHours(), date.getMinutes()];
  return `${two(hours)}:${two(minutes)}:${two(date.getSeconds())}`;
}

/** The day of seconds since the epoch, `11-26`: local, or UTC. */
export function day(seconds: number | null, utc = false): string {
  if (!known(seconds)) return NOTHING;
  const date = new Date(seconds * 1000);
  const [month, dayOfMonth] = utc
    ? [date.getUTCMonth(), date.getUTCDate()]
    : [date.getMonth(), date.getDate()];
  return `${two(month + 1)}-${two(dayOfMonth)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function known(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function minus(text: string): string {
  return text.replace('-', '−');
}
