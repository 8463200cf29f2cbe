/** What is left when memory is short, in this order; what was left last comes back first. Rings, windows and the recorder are never touched. */
export const SHED_STEPS = [
  { name: 'compaction', says: 'the lake merges no finished hours' },
  { name: 'history', says: 'requests for history are refused with HISTORY_BUSY' },
  { name: 'updates', says: 'clients get half as many updates' },
  { name: 'clients', says: 'new stream clients are refused with TOO_MANY_CLIENTS' },
] as const;
export type ShedStep = (typeof SHED_STEPS)[number]['name'];

/** Share of a limit in use at which each step is left. Under the load that the budget is made for, four fifths of it are resident, 78 MB of program files included. */
const AT = [0.92, 0.95, 0.97, 0.985] as const;
/** A step comes back when the share is so far below its own, */
const BELOW = 0.05;
/** and has been for so long. */
const CALM_MS = 10_000;
/** The heap holds garbage until it is collected: the least of so many readings counts. */
const HEAP_READINGS = 3;

export interface MemoryReading {
  /** Bytes. */
  readonly heapUsed: number;
  readonly heapLimit: number;
  readonly rss: number;
  readonly budget: number;
}

/** Decides what is left. Pure: whoever calls reads the memory and the clock, about twice a second. */
export class Pressure {
  readonly #heap: number[] = [];
  /** How often each step was taken. */
  readonly #taken = SHED_STEPS.map(() => 0);
  #level = 0;
  #calmSince = Number.NaN;
  #share = 0;

  /** How many steps are left now. */
  get level(): number {
    return this.#level;
  }

  /** The larger of the two shares, heap of its limit and RSS of the budget. */
  get share(): number {
    return this.#share;
  }

  isShed(step: ShedStep): boolean {
    return SHED_STEPS.findIndex(({ name }) => name === step) < this.#level;
  }

  taken(step: ShedStep): number {
    return this.#taken[SHED_STEPS.findIndex(({ name }) => name === step)] ?? 0;
  }

  /** Takes a reading; answers whether the level has changed. Up at once and as far as need be, down one step at a time. */
  update({ heapUsed, heapLimit, rss, budget }: MemoryReading, nowMs: number): boolean {
    this.#heap.push(heapUsed / heapLimit);
    if (this.#heap.length > HEAP_READINGS) this.#heap.shift();
    const heap = this.#heap.length < HEAP_READINGS ? 0 : Math.min(...this.#heap);
    this.#share = Math.max(heap, rss / budget);
    const wanted = AT.filter((at) => this.#share >= at).length;
    if (wanted > this.#level) {
      for (let step = this.#level; step < wanted; step += 1) this.#taken[step] = (this.#taken[step] ?? 0) + 1;
      this.#level = wanted;
      this.#calmSince = Number.NaN;
      return true;
    }
    return this.#level > 0 && this.#relax(nowMs);
  }

  #relax(nowMs: number): boolean {
    const own = AT[this.#level - 1] ?? 1;
    if (this.#share > own - BELOW) {
      this.#calmSince = Number.NaN;
      return false;
    }
    if (Number.isNaN(this.#calmSince)) this.#calmSince = nowMs;
    if (nowMs - this.#calmSince < CALM_MS) return false;
    this.#level -= 1;
    this.#calmSince = nowMs;
    return true;
  }
}
