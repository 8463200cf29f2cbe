import type { StatusReply } from '../../src/wire/api.ts';
import { status } from './state.ts';
import { askForToken, token, tokenNeeded } from './token.ts';

const EVERY_MS = 5_000;
const UNAUTHORIZED = 401;

/** Reads `/api/v1/status` every few seconds while the tab is seen. */
export function pollStatus(): void {
  readStatus();
  window.setInterval(readStatus, EVERY_MS);
  document.addEventListener('visibilitychange', readStatus);
}

/** Reads it now. A failed read shows no figures; the banner says why. */
export function readStatus(): void {
  if (document.hidden || tokenNeeded.peek()) return;
  fetchStatus().then(
    (reply) => {
      status.value = reply;
    },
    () => {
      status.value = null;
    },
  );
}

async function fetchStatus(): Promise<StatusReply> {
  const known = token();
  const response = await fetch('/api/v1/status', {
    headers: known === null ? {} : { authorization: `Bearer ${known}` },
    signal: AbortSignal.timeout(EVERY_MS - 500),
  });
  // Only if it is not an answer to an older token.
  if (response.status === UNAUTHORIZED && token() === known) askForToken();
  if (!response.ok) throw new Error(`status ${response.status}`);
  return (await response.json()) as StatusReply;
}
