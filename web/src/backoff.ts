const FIRST_MS = 400;
const CAP_MS = 15_000;

/** Full-jitter delay before try number `attempt` (0 = the first after a loss), in ms; `random` is in [0, 1). */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(FIRST_MS / 4 + random * ceiling);
}
