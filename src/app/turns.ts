import { SpreadscopeError } from '../core/errors.ts';

/** Lets so many work at once and so many wait for their turn, in order; who comes beyond is refused. */
export class Turns {
  readonly #atOnce: number;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #working = 0;
  #peak = 0;
  #refused = 0;

  constructor(atOnce: number, waiting: number) {
    this.#atOnce = atOnce;
    this.#most = waiting;
  }

  get used(): number {
    return this.#working + this.#waiting.length;
  }

  get peak(): number {
    return this.#peak;
  }

  get refused(): number {
    return this.#refused;
  }

  /**
   * Resolves when it is one's turn; what it answers is called when the work is done, once.
   * @throws HISTORY_BUSY at once when too many wait, and the signal's reason
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#working >= this.#atOnce) {
      if (this.#waiting.length >= this.#most) {
        this.#refused += 1;
        throw new SpreadscopeError(
          'HISTORY_BUSY',
          `${this.#atOnce} histories are being read and ${this.#most} wait; ask again in a moment`,
        );
      }
      this.#peak = Math.max(this.#peak, this.used + 1);
      await this.#wait(signal);
    } else {
      this.#working += 1;
      this.#peak = Math.max(this.#peak, this.used);
    }
    return () => this.#next();
  }

  /** Whoever is done hands over to the one who waits longest. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#working -= 1;
    else next();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
