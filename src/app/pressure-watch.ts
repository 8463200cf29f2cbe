import type { Log } from '../core/log.ts';
import type { Alarm } from '../wire/api.ts';
import { type MemoryReading, Pressure, SHED_STEPS, type ShedStep } from './pressure.ts';

const EVERY_MS = 500;

export interface PressureHooks {
  readonly read: () => MemoryReading;
  /** µs since the epoch. */
  readonly clock: () => number;
  /** Leaves these steps and takes all others up again. */
  readonly apply: (isShed: (step: ShedStep) => boolean) => void;
  readonly log: Log;
}

/** Looks at the memory twice a second, leaves optional work before anything breaks, and says so. */
export class PressureWatch {
  readonly pressure = new Pressure();
  readonly #hooks: PressureHooks;
  readonly #timer: NodeJS.Timeout;
  #since = 0;

  constructor(hooks: PressureHooks) {
    this.#hooks = hooks;
    this.#timer = setInterval(() => this.look(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes one reading now. */
  look(): void {
    const before = this.pressure.level;
    if (!this.pressure.update(this.#hooks.read(), performance.now())) return;
    const { level, share } = this.pressure;
    if (before === 0) this.#since = Math.floor(this.#hooks.clock());
    this.#hooks.apply((step) => this.pressure.isShed(step));
    const fields = { percent: Math.round(share * 100), left: this.#left() };
    if (level > before) this.#hooks.log.warn('memory is short: work is left', { ...fields, steps: level });
    else this.#hooks.log.info('memory is less short: work is taken up again', { ...fields, steps: level });
  }

  alarms(): Alarm[] {
    const { level, share } = this.pressure;
    if (level === 0) return [];
    const says = SHED_STEPS.slice(0, level).map((step) => step.says);
    return [
      {
        code: 'MEMORY_PRESSURE',
        message: `Memory is short (${Math.round(share * 100)} % of its limit): ${says.join('; ')}. It comes back by itself; raise memory.budget, or watch fewer markets, if it lasts.`,
        since: this.#since,
      },
    ];
  }

  #left(): string {
    return SHED_STEPS.slice(0, this.pressure.level)
      .map(({ name }) => name)
      .join(' ');
  }
}
