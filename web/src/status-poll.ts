import type { StatusReply } from '../../src/wire/api.ts';
import { getJson } from './api.ts';
import { status } from './state.ts';
import { tokenNeeded } from './token.ts';

const EVERY_MS = 5_000;

/** Reads `/api/v1/status` every few seconds while the tab is seen. */
export function pollStatus(): void {
  readStatus();
  window.setInterval(readStatus, EVERY_MS);
  document.addEventListener('visibilitychange', readStatus);
}

/** Reads it now. A failed read shows no figures; the banner says why. */
export function readStatus(): void {
  if (document.hidden || tokenNeeded.peek()) return;
  getJson<StatusReply>('status', {}, AbortSignal.timeout(EVERY_MS - 500)).then(
    (reply) => {
      status.value = reply;
    },
    () => {
      status.value = null;
    },
  );
}
