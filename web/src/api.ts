import type { ErrorReply } from '../../src/wire/api.ts';
import { apiUrl, presentApiUrl } from './base.ts';
import { askForToken, token } from './token.ts';

const UNAUTHORIZED = 401;
const TIMEOUT_MS = 60_000;

/** The server's word on why not; `code` is one of docs/ERRORS.md, or empty when it did not answer. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads a path of the API. Parameters that are null or empty are left out. */
export async function getJson<T>(
  path: string,
  params: Readonly<Record<string, string | number | null>> = {},
  signal?: AbortSignal,
): Promise<T> {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== null && value !== '') query.set(key, String(value));
  }
  const text = query.size === 0 ? '' : `?${query}`;
  return await ask<T>(apiUrl(`${path}${text}`), { signal: within(signal) });
}

export async function postJson<T>(path: string, body: object): Promise<T> {
  return await post<T>(apiUrl(path), body);
}

/** Like `getJson`, of the program that runs now, also where a recorded moment is shown. */
export async function getPresent<T>(path: string): Promise<T> {
  return await ask<T>(presentApiUrl(path), { signal: within(undefined) });
}

export async function postPresent<T>(path: string, body: object): Promise<T> {
  return await post<T>(presentApiUrl(path), body);
}

async function post<T>(url: string, body: object): Promise<T> {
  return await ask<T>(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    signal: within(undefined),
  });
}

async function ask<T>(url: string, init: RequestInit): Promise<T> {
  const known = token();
  const headers = { ...init.headers, ...(known === null ? {} : { authorization: `Bearer ${known}` }) };
  const response = await fetch(url, { ...init, headers });
  // Only if it is not an answer to an older token.
  if (response.status === UNAUTHORIZED && token() === known) askForToken();
  if (response.ok) return (await response.json()) as T;
  throw await errorOf(response);
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as ErrorReply;
    return new ApiError(error.code, error.message);
  } catch {
    return new ApiError('', `the server answered ${response.status}`);
  }
}

function within(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
