import { effect, signal } from '@preact/signals';
import type { PastMoment, PastReply } from '../../src/wire/api.ts';
import { ApiError, postPresent } from './api.ts';
import { moment } from './base.ts';
import { readStatus } from './status-poll.ts';
import type { Stream } from './stream.ts';
import { tokenNeeded } from './token.ts';

const READING_MS = 400;
const AGAIN_MS = 2000;

/** How the moment that the page shows fares; null = not heard yet. */
export const past = signal<PastMoment | null>(null);
/** Why it cannot be opened, in the server's words. */
export const pastError = signal('');

/** Opens a moment that could not be shown once more. */
export let tryAgain: () => void = () => undefined;

/** Has the page's moment opened, calls `begin` when it is, and opens it again when it was given up meanwhile. */
export function followMoment(stream: Stream, begin: () => void): void {
  let begun = false;
  let timer = 0;
  const look = async (): Promise<void> => {
    const wait = await lookOnce();
    if (past.peek()?.state === 'ready') {
      if (!begun) begin();
      else stream.retryNow();
      begun = true;
      readStatus();
    } else if (past.peek()?.state !== 'failed') timer = window.setTimeout(() => void look(), wait);
  };
  tryAgain = () => void look();
  effect(() => {
    if (stream.connection.value.phase !== 'lost') return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), AGAIN_MS);
  });
  void look();
}

/** One look; answers when to look again. Never rejects. */
async function lookOnce(): Promise<number> {
  if (tokenNeeded.peek()) return AGAIN_MS;
  try {
    // Asked for again and again, so that the server knows that somebody waits.
    take(await order({}));
    return past.peek()?.state === 'reading' ? READING_MS : AGAIN_MS;
  } catch (error) {
    pastError.value =
      error instanceof ApiError ? `${error.message} (${error.code})` : 'the server cannot be reached';
    return error instanceof ApiError && error.code === 'PAST_BUSY' ? READING_MS : AGAIN_MS;
  }
}

/** Goes on from the moment at so many times the pace of life; 0 = stands still. Never rejects. */
export async function goOn(speed: number): Promise<void> {
  try {
    take(await order({ speed }));
    readStatus();
  } catch (error) {
    pastError.value = error instanceof Error ? error.message : String(error);
  }
}

async function order(more: { readonly speed?: number }): Promise<PastReply> {
  return await postPresent<PastReply>('past', { moment: (moment ?? 0) * 1000, ...more });
}

function take({ moments }: PastReply): void {
  const own = moments.find((one) => one.moment === (moment ?? 0) * 1000) ?? null;
  past.value = own;
  pastError.value = own?.error == null ? '' : `${own.error.message} (${own.error.code})`;
}
