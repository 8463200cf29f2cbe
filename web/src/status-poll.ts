import type { StatusReply } from '../../src/wire/api.ts';
import { status } from './state.ts';

const EVERY_MS = 5_000;

/** Reads `/api/v1/status` every few seconds while the tab is seen. A failed read shows no figures; the banner says why. */
export function pollStatus(): void {
  const read = () => {
    if (!document.hidden) {
      readStatus().then(
        (reply) => {
          status.value = reply;
        },
        () => {
          status.value = null;
        },
      );
    }
  };
  read();
  window.setInterval(read, EVERY_MS);
  document.addEventListener('visibilitychange', read);
}

async function readStatus(): Promise<StatusReply> {
  const response = await fetch('/api/v1/status', { signal: AbortSignal.timeout(EVERY_MS - 500) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return (await response.json()) as StatusReply;
}
