import { ERRORS, SpreadscopeError } from '../core/errors.ts';

/** Control and format characters (a venue's text could move the cursor or turn the writing direction) become a visible mark. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

/** Exactly one line on standard error, `error CODE: message`, and the code's exit code. */
export function reportError(error: unknown): void {
  const known = error instanceof SpreadscopeError ? error : internal(error);
  process.stderr.write(`error ${known.code}: ${plain(known.message).trim()}\n`);
  process.exitCode = ERRORS[known.code].exit;
}

function internal(error: unknown): SpreadscopeError {
  if (process.env.SPREADSCOPE_STACK === '1' && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  const text = error instanceof Error ? error.message : String(error);
  return new SpreadscopeError('INTERNAL', `${text} (SPREADSCOPE_STACK=1 shows where)`, { cause: error });
}

/** A reader that went away (`spreadscope decode … | head`) ends us quietly. */
export function exitQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}

/** 12,345: whole numbers for people. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** 1 file, 12,345 files. */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}
