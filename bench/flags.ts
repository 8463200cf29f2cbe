import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What a benchmark was called with; what is wrong ends it with one line that says what may be. */
export function readFlags<const T extends NonNullable<ParseArgsConfig['options']>>(
  options: T,
  args: readonly string[] = process.argv.slice(2),
) {
  try {
    return parseArgs({ options, args: [...args], allowPositionals: true });
  } catch (error) {
    const flags = Object.keys(options).map((name) => `--${name}`);
    const said = error instanceof Error ? error.message.split('. ')[0] : String(error);
    return wrongUse(`${said}; this benchmark takes ${flags.join(', ')}`);
  }
}

/** A flag's number, from 0 to 999,999,999. */
export function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return wrongUse(`--${name} takes a whole number, not ${text}`);
}

export function wrongUse(message: string): never {
  console.error(`error USAGE: ${message}`);
  process.exit(2);
}
