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
/** A wall clock that is further behind was set; a smaller lag is caught up slowly, so that time never runs backwards. */
const STEP_MS = 1000;
const SLEW = 0.1;
/** When the thread was held up for longer between looking at the two clocks, their difference says nothing. */
const HELD_MS = 1;

/** Where time comes from, ms: since whenever, and since the epoch. */
export interface ClockSource {
  readonly monotonic: () => number;
  readonly wall: () => number;
  /** Wall time when the monotonic clock was 0. */
  readonly origin: number;
}

const MACHINE: ClockSource = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  origin: performance.timeOrigin,
};

/** The machine's clocks. */
export function systemClock({ monotonic, wall, origin }: ClockSource = MACHINE): FeedClock {
  let offsetMs = origin;
  /** What is to be caught up, and from when on it is. */
  let lagMs = 0;
  let lagSince = monotonic();
  const at = (now: number): number => offsetMs + now - Math.min(lagMs, SLEW * (now - lagSince));
  return {
    // Whole, as the lake keeps them: what is computed live and from the lake is then the same.
    micros: () => Math.floor(at(monotonic()) * 1000),
    ms: monotonic,
    anchor: () => {
      const now = monotonic();
      const time = at(now);
      const ahead = time - wall();
      if (monotonic() - now > HELD_MS) return 0;
      offsetMs = time - now;
      [lagMs, lagSince] = [0, now];
      if (Math.abs(ahead) < NOISE_MS) return 0;
      if (ahead > 0 && ahead < STEP_MS) {
        lagMs = ahead;
        return 0;
      }
      offsetMs -= ahead;
      return -ahead;
    },
  };
}
