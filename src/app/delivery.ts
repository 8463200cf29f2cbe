import type { Alert, AlertSink, SinkReport } from '../core/alert.ts';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { Log } from '../core/log.ts';

/** A delivery that failed; `final` = trying again is of no use. */
export class DeliveryError extends Error {
  readonly final: boolean;

  constructor(message: string, final: boolean) {
    super(message);
    this.final = final;
  }
}

export interface DeliveryOptions {
  readonly sink: AlertSink;
  /** Resolves once the other side has it. Throws `DeliveryError`, or anything, which is tried again. */
  readonly send: (alert: Alert) => Promise<void>;
  readonly log: Log;
  /** How often one is tried, and the first pause, which doubles each time. */
  readonly tries?: number;
  readonly pauseMs?: number;
  /** From one post to the next at least. */
  readonly everyMs?: number;
}

const WAITING = 256;
const ALERT_BYTES = 1024;
const TRIES = 5;
const PAUSE_MS = 1000;
const EVERY_MS = 1000;

export function deliveryFacts(sink: AlertSink): BoundFacts {
  return {
    ...{ name: `alerts.${sink}`, policy: 'drop-oldest', capacity: WAITING },
    ...{ capacityBytes: WAITING * ALERT_BYTES, cleanedBy: 'delivery, or giving up after the last try' },
  };
}

/** Alerts on their way to one sink, one after the other: each is delivered at least once, or counted as undelivered. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #waiting: Alert[] = [];
  #delivered = 0;
  #undelivered = 0;
  #dropped = 0;
  #retries = 0;
  #peak = 0;
  #lastError = '';
  #isBusy = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #idle: (() => void) | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  add(alert: Alert): void {
    if (this.#stopped) {
      this.#undelivered++;
      return;
    }
    if (this.#waiting.length === WAITING) {
      // The first is on its way.
      this.#waiting.splice(1, 1);
      this.#dropped++;
      this.#undelivered++;
    }
    this.#waiting.push(alert);
    this.#peak = Math.max(this.#peak, this.#waiting.length);
    if (this.#isBusy) return;
    this.#isBusy = true;
    // Never rejects.
    void this.#work();
  }

  report(): SinkReport {
    return {
      ...{ sink: this.#options.sink, delivered: this.#delivered, undelivered: this.#undelivered },
      ...{ waiting: this.#waiting.length, retries: this.#retries, lastError: this.#lastError },
    };
  }

  bound(): BoundReading {
    return boundOf(deliveryFacts(this.#options.sink), {
      ...{ used: this.#waiting.length, peak: this.#peak, evicted: this.#dropped },
    });
  }

  /** Takes no more, gives what waits this long, and counts the rest as undelivered. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    if (this.#isBusy) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, graceMs);
        this.#idle = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    this.#undelivered += this.#waiting.length;
    this.#waiting.length = 0;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    if (!this.#isBusy) return;
    await new Promise<void>((done) => {
      this.#idle = done;
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      const [alert] = this.#waiting;
      if (alert === undefined) break;
      await this.#deliver(alert);
      // It may have been given up with the rest meanwhile.
      if (this.#waiting[0] === alert) this.#waiting.shift();
      if (this.#waiting.length > 0) await this.#pause(this.#options.everyMs ?? EVERY_MS);
    }
    this.#isBusy = false;
    this.#idle?.();
  }

  async #deliver(alert: Alert): Promise<void> {
    const { tries = TRIES, pauseMs = PAUSE_MS, sink, log } = this.#options;
    for (let tried = 1; ; tried++) {
      try {
        await this.#options.send(alert);
        if (this.#waiting[0] === alert) this.#delivered++;
        return;
      } catch (error) {
        this.#lastError = error instanceof Error ? error.message : String(error);
        const final = error instanceof DeliveryError && error.final;
        if (final || tried >= tries || this.#stopped) {
          if (this.#waiting[0] === alert) this.#undelivered++;
          log.warn('an alert could not be delivered', { sink, tries: tried, reason: this.#lastError });
          return;
        }
      }
      this.#retries++;
      await this.#pause(pauseMs * 2 ** (tried - 1));
    }
  }

  /** Cut short by `stop`. */
  async #pause(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.#wake = undefined;
  }
}
