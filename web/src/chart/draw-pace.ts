/** What a pace needs of its surroundings; times in ms of any one clock. */
export interface DrawClock {
  now(): number;
  /** Calls back after so many ms; answers how to call it off. */
  after(ms: number, then: () => void): () => void;
  /** Calls back at the next frame; answers how to call it off. */
  atFrame(then: () => void): () => void;
}

/** Draws at the next frame, but not sooner after the last drawing than what is asked for: of all that ask, the most hurried. */
export class DrawPace {
  readonly #clock: DrawClock;
  readonly #draw: () => void;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #dueAt = Number.POSITIVE_INFINITY;
  #callOff: (() => void) | null = null;

  constructor(clock: DrawClock, draw: () => void) {
    this.#clock = clock;
    this.#draw = draw;
  }

  /** @param gap least ms since the last drawing */
  soon(gap: number): void {
    const now = this.#clock.now();
    const due = Math.max(now, this.#drawnAt + gap);
    // A live chart has a slow drawing under way nearly always: what the reader asks for must not wait for it.
    if (due >= this.#dueAt) return;
    this.stop();
    this.#dueAt = due;
    this.#callOff = this.#clock.after(due - now, () => {
      this.#dueAt = Number.NEGATIVE_INFINITY;
      this.#callOff = this.#clock.atFrame(() => this.#drawNow());
    });
  }

  stop(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #drawNow(): void {
    this.#callOff = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#drawnAt = this.#clock.now();
    this.#draw();
  }
}
