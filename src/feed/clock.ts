/** The feed's two clocks, injected so that tests can hold them. */
export interface FeedClock {
  /** The wall clock in whole µs since the epoch; runs smoothly between calls of `anchor`. */
  micros(): number;
  /** A monotonic clock in ms, for intervals. */
  ms(): number;
  /** Follows the machine's wall clock; called now and then. Answers the step in ms that it made, 0 for none. */
  anchor(): number;
}

/** Differences below this are noise of a wall clock that counts in ms. */
const NOISE_MS = 5;
/** A wall clock that is further behind was set; a smaller lag is caught up slowly, so that time does not run backwards. */
const STEP_MS = 1000;
const SLEW = 0.1;

/** The machine's clocks. */
export function systemClock(): FeedClock {
  let offsetMs = performance.timeOrigin;
  let anchoredAt = performance.now();
  return {
    // Whole, as the lake keeps them: what is computed live and from the lake is then the same.
    micros: () => Math.floor((offsetMs + performance.now()) * 1000),
    ms: () => performance.now(),
    anchor: () => {
      const now = performance.now();
      const ahead = offsetMs + now - Date.now();
      const slewable = SLEW * (now - anchoredAt);
      anchoredAt = now;
      if (Math.abs(ahead) < NOISE_MS) return 0;
      const back = ahead > 0 && ahead < STEP_MS ? Math.min(ahead, slewable) : ahead;
      offsetMs -= back;
      return -back;
    },
  };
}
