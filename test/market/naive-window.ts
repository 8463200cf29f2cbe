export interface NaiveSample {
  readonly time: number;
  /** NaN = none. */
  readonly bid: number;
  readonly ask: number;
  readonly kind: number;
}

interface NaivePage {
  readonly owner: number;
  samples: NaiveSample[];
  /** When it was last written to, in counts of all writes. */
  written: number;
}

/**
 * The windows as one would write them with lists: it is told which samples began a page and how many pages there are, and keeps, expires and evicts as the documentation says.
 */
export class NaiveWindows {
  readonly #resolution: number;
  readonly #span: number;
  readonly #pages: number;
  readonly open = new Map<number, NaiveSample & { slot: number }>();
  readonly covered = new Map<number, number>();
  #lists: NaivePage[] = [];
  #writes = 0;
  evicted = 0;

  constructor(resolution: number, span: number, pages: number) {
    this.#resolution = resolution;
    this.#span = span;
    this.#pages = pages;
  }

  get used(): number {
    return this.#lists.length;
  }

  /** @param fits whether a sample goes into the page of an owner that holds so many */
  add(owner: number, sample: NaiveSample, fits: (samples: readonly NaiveSample[]) => boolean): void {
    const slot = Math.floor(sample.time / this.#resolution);
    const open = this.open.get(owner);
    if (open === undefined) {
      this.covered.set(owner, sample.time);
    } else if (sample.time < open.time) {
      if (open.time - sample.time <= this.#resolution) {
        this.open.set(owner, { ...sample, time: open.time, slot: open.slot });
        return;
      }
      this.#lists = this.#lists.filter((page) => page.owner !== owner);
      this.covered.set(owner, sample.time);
    } else if (slot !== open.slot) {
      this.#putAway(owner, open, sample.time, fits);
    }
    this.open.set(owner, { ...sample, slot });
  }

  samples(owner: number): NaiveSample[] {
    const open = this.open.get(owner);
    const pages = this.#lists.filter((page) => page.owner === owner);
    return [...pages.flatMap((page) => page.samples), ...(open === undefined ? [] : [open])];
  }

  #putAway(
    owner: number,
    sample: NaiveSample,
    now: number,
    fits: (samples: readonly NaiveSample[]) => boolean,
  ): void {
    for (;;) {
      const first = this.#longestUnwritten();
      if (first === undefined || (first.samples.at(-1)?.time ?? 0) >= now - this.#span) break;
      this.#release(first);
    }
    let page = this.#lists.filter((one) => one.owner === owner).at(-1);
    if (page === undefined || !fits([...page.samples, sample])) {
      const first = this.#longestUnwritten();
      if (this.#lists.length === this.#pages && first !== undefined) {
        this.#release(first);
        this.evicted += 1;
      }
      page = { owner, samples: [], written: 0 };
      this.#lists.push(page);
    }
    page.samples.push(sample);
    this.#writes += 1;
    page.written = this.#writes;
  }

  #longestUnwritten(): NaivePage | undefined {
    return [...this.#lists].sort((a, b) => a.written - b.written)[0];
  }

  #release(page: NaivePage): void {
    this.covered.set(page.owner, (page.samples.at(-1)?.time ?? 0) + 1);
    this.#lists = this.#lists.filter((one) => one !== page);
  }
}
