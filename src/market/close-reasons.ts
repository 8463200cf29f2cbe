import { CLOSE_REASONS, type CloseReason } from '../core/opportunity.ts';
import { LegEnd } from './tick-legs.ts';

const at = (reason: CloseReason): number => CLOSE_REASONS.indexOf(reason);

/** Indices into `CLOSE_REASONS`. */
export const SPREAD = at('spread');
export const STOPPED = at('stopped');
const OF_BUY = new Uint8Array(6);
const OF_SELL = new Uint8Array(6);
for (const end of ['ended', 'silent', 'unlisted', 'aged', 'book'] as const) {
  OF_BUY[LegEnd[end]] = at(`buy-${end}`);
  OF_SELL[LegEnd[end]] = at(`sell-${end}`);
}

/** The index of the reason, by a leg's `LegEnd` and whether it is the one that is bought on. */
export function closeReason(end: number, buys: boolean): number {
  return (buys ? OF_BUY[end] : OF_SELL[end]) as number;
}
