import type { Duck } from '../lake/duck.ts';

/** An engine that is opened when it is needed first, and kept. One that could not be opened is tried again by whoever needs it next. */
export class KeptEngine {
  readonly #open: () => Promise<Duck>;
  #engine: Promise<Duck> | undefined;

  constructor(open: () => Promise<Duck>) {
    this.#open = open;
  }

  async get(): Promise<Duck> {
    this.#engine ??= this.#open();
    const engine = this.#engine;
    try {
      return await engine;
    } catch (error) {
      if (this.#engine === engine) this.#engine = undefined;
      throw error;
    }
  }

  /** When nobody uses it any more. */
  async close(): Promise<void> {
    (await this.#engine)?.close();
  }
}
