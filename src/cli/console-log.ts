import type { Log, LogFields } from '../core/log.ts';
import { plain } from './output.ts';

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** One JSON object a line instead of text. */
  readonly json: boolean;
  /** Takes one finished line without its line break. */
  readonly write: (line: string) => void;
}

/** A log of lines for people (`12:30:01 warn message key=value`) or, as JSON, for programs. */
export function createLog(options: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(options.level);
  const at = (level: LogLevel) => {
    if (LOG_LEVELS.indexOf(level) < least) return () => undefined;
    const format = options.json ? jsonLine : textLine;
    return (message: string, fields: LogFields = {}): void => options.write(format(level, message, fields));
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function jsonLine(level: LogLevel, message: string, fields: LogFields): string {
  const own = { time: new Date().toISOString(), level, message };
  // First, and whatever fields there are: collectors sort by these.
  return JSON.stringify({ ...own, ...fields, ...own });
}

function textLine(level: LogLevel, message: string, fields: LogFields): string {
  const time = new Date().toISOString().slice(11, 19);
  const parts = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`);
  return plain([time, level.padEnd(5), message, ...parts].join(' '));
}

function fieldText(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
