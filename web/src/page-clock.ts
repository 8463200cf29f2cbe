import { effect } from '@preact/signals';
import { moment } from './base.ts';
import { now, status } from './state.ts';

/** The clock of what is shown, when that is a recording. */
let heard: { readonly time: number; readonly at: number; readonly speed: number } | null = null;

effect(() => {
  const replay = status.value?.replay ?? null;
  // A failed reading of the status stops no clock.
  if (replay === null) return;
  const speed = replay.ended ? 0 : (replay.speed ?? 0);
  heard = { time: replay.time / 1000, at: Date.now(), speed };
});

/** What time it is in what is shown, ms since the epoch: now, or the time of a recording. */
export function pageNow(): number {
  if (heard !== null) return heard.time + (Date.now() - heard.at) * heard.speed;
  return moment ?? Date.now();
}

/** The same for a view, which is drawn again as it goes on. */
export function shownNow(): number {
  return now.value > 0 ? pageNow() : 0;
}
