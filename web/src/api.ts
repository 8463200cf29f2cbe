import { askForToken, token } from './token.ts';

const TIMEOUT_MS = 10_000;
const UNAUTHORIZED = 401;

/** What the server refused, in its words. */
export class Refused extends Error {}

/** What a path of `/api/v1/` answers as text of this type. Throws `Refused`, or what the network throws. */
export async function askText(path: string, type: string): Promise<string> {
  const known = token();
  const headers = { accept: type, ...(known === null ? {} : { authorization: `Bearer ${known}` }) };
  const reply = await fetch(`/api/v1/${path}`, { headers });
  const text = await reply.text();
  if (!reply.ok) throw new Refused(`the server answers ${reply.status}`);
  return text;
}

/** Asks `/api/v1/…`; `body` makes it a POST. Throws `Refused`, or what the network throws. */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const known = token();
  const headers = {
    ...(known === null ? {} : { authorization: `Bearer ${known}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const order = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const reply = await fetch(`/api/v1/${path}`, {
    ...order,
    headers,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  // Only if it is not an answer to an older token.
  if (reply.status === UNAUTHORIZED && token() === known) askForToken();
  const content = (await reply.json()) as { readonly error?: { readonly message?: string } };
  if (!reply.ok) throw new Refused(content.error?.message ?? `the server answers ${reply.status}`);
  return content as T;
}
