import { SpreadscopeError } from '../core/errors.ts';
import type { HistoryAnswer, HistoryColumns } from '../gateway/sources.ts';
import type { HistoryHead } from '../lake/history-request.ts';
import { BATCHES_AHEAD, type FromHistoryWorker } from './history-protocol.ts';

interface InboxEnds {
  /** A batch was taken: one more may be sent. */
  more(): void;
  /** Nothing more is wanted; `whole`: everything had come. Called once. */
  ended(whole: boolean): void;
}

/** One answer of the history thread as it comes in: at most `BATCHES_AHEAD` batches wait here, since each is asked for. */
export class HistoryInbox {
  readonly #ends: InboxEnds;
  readonly #signal: AbortSignal;
  readonly #batches: HistoryColumns[] = [];
  #head: HistoryHead | undefined;
  #whole = false;
  #failure: { readonly error: unknown } | undefined;
  #over = false;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal, ends: InboxEnds) {
    this.#signal = signal;
    this.#ends = ends;
    signal.addEventListener('abort', this.#aborted, { once: true });
  }

  /** Resolves when the head has come. */
  async answer(sources: HistoryAnswer['sources']): Promise<HistoryAnswer> {
    await this.#until(() => this.#head !== undefined);
    const { gaps, unrecorded } = this.#head as HistoryHead;
    return { gaps, unrecorded, sources, batches: this.#read() };
  }

  hear(message: Exclude<FromHistoryWorker, { type: 'answer' }>): void {
    if (this.#over) return;
    if (message.type === 'head') this.#head = message.head;
    else if (message.type === 'points') {
      if (this.#batches.length === BATCHES_AHEAD) throw new Error('a batch came that was not asked for');
      this.#batches.push(message.points);
    } else if (message.type === 'end') this.#whole = true;
    else this.fail(new SpreadscopeError(message.code, message.message));
    this.#wake?.();
    if (this.#whole) this.#end();
  }

  /** Ends it: whoever waits for it, or asks next, gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#batches.length = 0;
    this.#end();
    this.#wake?.();
  }

  readonly #aborted = (): void => this.fail(this.#signal.reason);

  async *#read(): AsyncGenerator<HistoryColumns, void, undefined> {
    try {
      for (;;) {
        await this.#until(() => this.#batches.length > 0 || this.#whole);
        const batch = this.#batches.shift();
        if (batch === undefined) return;
        if (!this.#over) this.#ends.more();
        yield batch;
      }
    } finally {
      this.#end();
    }
  }

  async #until(ready: () => boolean): Promise<void> {
    while (this.#failure === undefined && !ready())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#signal.removeEventListener('abort', this.#aborted);
    this.#ends.ended(this.#whole);
  }
}
