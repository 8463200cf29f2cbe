import { ERRORS, type ErrorCode, SpreadscopeError } from '../core/errors.ts';
import type { BoundsReply } from '../wire/api.ts';

export type { BoundPolicy, BoundReading } from '../core/bounds.ts';
export type { BoundsReply } from '../wire/api.ts';

const TIMEOUT_MS = 5000;
/** A ledger has some forty lines. */
const MOST_BYTES = 1024 * 1024;

/**
 * The ledger of a running spreadscope.
 * @param url where its page is
 * @param token if it asks for one
 * @throws SERVER_UNREACHABLE, and what the server refuses with
 */
export async function fetchBounds(url: string, token: string | undefined): Promise<BoundsReply> {
  const address = addressOf(url);
  const { ok, status, text } = await ask(address, token);
  const reply = parse(text);
  if (ok && isLedger(reply)) return reply;
  throw refusalOf(reply) ?? unreachable(address, ok ? 'what it answers is no ledger' : `HTTP ${status}`);
}

function addressOf(url: string): URL {
  const address = URL.canParse(url) ? new URL('/api/v1/bounds', url) : undefined;
  if (address !== undefined && /^https?:$/.test(address.protocol)) return address;
  throw new SpreadscopeError(
    'USAGE',
    `--url takes an address such as http://127.0.0.1:8080, not ${JSON.stringify(url)}`,
  );
}

async function ask(
  address: URL,
  token: string | undefined,
): Promise<{ readonly ok: boolean; readonly status: number; readonly text: string }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const reply = await fetch(address, {
      headers: { ...headers, connection: 'close' },
      signal,
      redirect: 'error',
    });
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

function isLedger(reply: unknown): reply is BoundsReply {
  return typeof reply === 'object' && reply !== null && 'bounds' in reply && Array.isArray(reply.bounds);
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
