import { ERRORS, type ErrorCode, SpreadscopeError } from '../core/errors.ts';

export type { BoundsReply, IdentityPair, IdentityReply, WhyReply } from '../wire/api.ts';

const TIMEOUT_MS = 5000;
/** More than the largest reply of the API. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A running spreadscope. */
export interface Remote {
  /** Where its page is. */
  readonly url: string;
  /** If it asks for one. */
  readonly token: string | undefined;
}

/**
 * Asks a running spreadscope.
 * @param path such as `/api/v1/bounds`
 * @param isReply whether what it answers is what was asked for
 * @param body makes it a POST
 * @throws SERVER_UNREACHABLE, and what the server refuses with
 */
export async function askRemote<T>(
  remote: Remote,
  path: string,
  isReply: (reply: unknown) => reply is T,
  body?: unknown,
): Promise<T> {
  const address = addressOf(remote.url, path);
  const { ok, status, text } = await ask(address, remote.token, body);
  const reply = parse(text);
  if (ok && isReply(reply)) return reply;
  throw refusalOf(reply) ?? unreachable(address, ok ? 'it answers something else' : `HTTP ${status}`);
}

/** Whether a reply is an object with a list of this name. */
export function hasList(reply: unknown, name: string): boolean {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    name in reply &&
    Array.isArray((reply as Readonly<Record<string, unknown>>)[name])
  );
}

function addressOf(url: string, path: string): URL {
  const address = URL.canParse(url) ? new URL(path, url) : undefined;
  if (address !== undefined && /^https?:$/.test(address.protocol)) return address;
  throw new SpreadscopeError(
    'USAGE',
    `--url takes an address such as http://127.0.0.1:8080, not ${JSON.stringify(url)}`,
  );
}

async function ask(
  address: URL,
  token: string | undefined,
  body: unknown,
): Promise<{ readonly ok: boolean; readonly status: number; readonly text: string }> {
  const headers = {
    connection: 'close',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const order = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const reply = await fetch(address, { ...order, headers, signal, redirect: 'error' });
    return { ok: reply.ok, status: reply.status, text: await textOf(reply) };
  } catch (error) {
    throw unreachable(address, reasonOf(error), error);
  }
}

async function textOf(reply: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of reply.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new Error(`it answers more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Another program may listen there.
    return undefined;
  }
}

/** The server's own words, when it is one of ours. */
function refusalOf(reply: unknown): SpreadscopeError | undefined {
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) return undefined;
  const { error } = reply;
  if (typeof error !== 'object' || error === null || !('code' in error && 'message' in error))
    return undefined;
  const code = String(error.code);
  if (!Object.hasOwn(ERRORS, code)) return undefined;
  return new SpreadscopeError(code as ErrorCode, String(error.message));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  return cause instanceof Error
    ? cause.message || String((cause as NodeJS.ErrnoException).code)
    : error.message;
}

function unreachable({ origin }: URL, reason: string, cause?: unknown): SpreadscopeError {
  return new SpreadscopeError(
    'SERVER_UNREACHABLE',
    `no spreadscope at ${origin} (${reason}); start one, or say where it is with --url`,
    { cause },
  );
}
