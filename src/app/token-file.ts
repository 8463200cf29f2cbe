import { readFileSync } from 'node:fs';
import { SpreadscopeError } from '../core/errors.ts';

const TOKEN = /^[\x21-\x7e]{16,256}$/;

/**
 * The token on the first line of a file. No message ever has anything of what the file holds.
 * @throws FILE_UNREADABLE, CONFIG_INVALID
 */
export function readTokenFile(path: string): string {
  const [line = ''] = read(path).split(/\r?\n/, 1);
  if (TOKEN.test(line)) return line;
  throw new SpreadscopeError(
    'CONFIG_INVALID',
    `server.tokenFile: the first line of ${path} is not a token, which is 16 to 256 visible characters; make one with: openssl rand -hex 32`,
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    throw new SpreadscopeError('FILE_UNREADABLE', `server.tokenFile: ${path} cannot be read (${code})`, {
      cause: error,
    });
  }
}
