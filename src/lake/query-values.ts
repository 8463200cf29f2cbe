import {
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';

/** A value of an answer, as the engine gives it. */
export type SqlValue = DuckDBValue;

/** A value as text, exact; times as ISO 8601 (those with a zone in UTC), nested values as JSON. Null = there is none. */
export function textOf(value: SqlValue): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  if (value instanceof DuckDBTimestampTZValue) return zoned(value);
  if (isTimestamp(value)) return value.toString().replace(' ', 'T');
  if (value instanceof DuckDBUnionValue) return textOf(value.value);
  return isNested(value) ? jsonOf(value) : value.toString();
}

/** A value as the source text of JSON. Whole and decimal numbers keep all their digits; what JSON has no number for (NaN, infinity) is text. */
export function jsonOf(value: SqlValue): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return `[${value.items.map(jsonOf).join(',')}]`;
  if (value instanceof DuckDBStructValue)
    return object(Object.entries(value.entries).map(([key, item]) => [key, item]));
  if (value instanceof DuckDBMapValue)
    return object(value.entries.map(({ key, value: item }) => [textOf(key) ?? '', item]));
  if (value instanceof DuckDBUnionValue) return jsonOf(value.value);
  return JSON.stringify(textOf(value));
}

function object(entries: readonly (readonly [string, SqlValue])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`).join(',')}}`;
}

function isNested(value: object): boolean {
  return [DuckDBListValue, DuckDBArrayValue, DuckDBStructValue, DuckDBMapValue].some(
    (type) => value instanceof type,
  );
}

function isTimestamp(value: object): boolean {
  return [
    DuckDBTimestampValue,
    DuckDBTimestampSecondsValue,
    DuckDBTimestampMillisecondsValue,
    DuckDBTimestampNanosecondsValue,
  ].some((type) => value instanceof type);
}

/** The engine's own text is in the zone of whoever runs it. */
function zoned({ micros }: DuckDBTimestampTZValue): string {
  const text = new DuckDBTimestampValue(micros).toString();
  return /^\d/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
}
