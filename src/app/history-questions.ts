import { SpreadscopeError } from '../core/errors.ts';
import type { FromHistoryWorker, LakeAnswers } from './history-protocol.ts';

type Answer = LakeAnswers[keyof LakeAnswers];

interface Question {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions that wait for the answer of the history thread; each has its turn, as a history has. */
export class HistoryQuestions {
  readonly #waiting = new Map<number, Question>();

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves with the answer to the question of this number.
   * @throws what the thread answers instead; the signal's reason, at once
   */
  async answer(id: number, signal: AbortSignal): Promise<Answer> {
    const leave = (): void => this.#waiting.get(id)?.reject(signal.reason);
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await answered;
    } finally {
      signal.removeEventListener('abort', leave);
      this.#waiting.delete(id);
    }
  }

  /** Answers whether the message was for a question that waits. */
  hear(message: FromHistoryWorker): boolean {
    const question = this.#waiting.get(message.id);
    if (question === undefined) return false;
    if (message.type === 'answer') question.resolve(message.answer);
    else if (message.type === 'error') question.reject(new SpreadscopeError(message.code, message.message));
    return true;
  }

  fail(error: SpreadscopeError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
