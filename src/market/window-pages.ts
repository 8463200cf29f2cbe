/** Bytes of a page: some forty samples of a busy instrument. */
export const PAGE_BYTES = 256;
/** What is kept about a page: four links, a time, two counts. */
const FACT_BYTES = 4 * 4 + 8 + 2 + 1;
const NONE = -1;

/** Bytes that so many pages take. */
export function pagesBytes(pages: number): number {
  return pages * (PAGE_BYTES + FACT_BYTES);
}

/** How many pages fit into so many bytes. */
export function pagesIn(bytes: number): number {
  return Math.max(0, Math.floor(bytes / (PAGE_BYTES + FACT_BYTES)));
}

/**
 * A fixed number of pages, each with one owner, who fills its last one. The pages in use are in the order in which they were last written to: the first of them is the one that nobody
 * has written to for the longest. An owner's pages stand in it in the order in which they were taken, so the first is always its owner's oldest.
 */
export class PagePool {
  readonly bytes: Uint8Array;
  readonly #lastTime: Float64Array;
  readonly #fill: Uint16Array;
  readonly #samples: Uint8Array;
  readonly #owner: Int32Array;
  /** The owner's next page; of a free page the next free one. */
  readonly #following: Int32Array;
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  readonly #oldest: Int32Array;
  readonly #newest: Int32Array;
  #free = 0;
  #first = NONE;
  #last = NONE;
  #used = 0;
  #peak = 0;

  /** @param owners numbers 0 … owners − 1 may own pages */
  constructor(pages: number, owners: number) {
    const links = (length: number) => new Int32Array(length).fill(NONE);
    // Written once, so that the system gives the memory now: what the process takes then does not grow while windows fill.
    this.bytes = new Uint8Array(pages * PAGE_BYTES).fill(0);
    this.#lastTime = new Float64Array(pages);
    this.#fill = new Uint16Array(pages);
    this.#samples = new Uint8Array(pages);
    this.#owner = links(pages);
    this.#following = Int32Array.from({ length: pages }, (_, page) => (page + 1 < pages ? page + 1 : NONE));
    this.#before = links(pages);
    this.#after = links(pages);
    this.#oldest = links(owners);
    this.#newest = links(owners);
  }

  get capacity(): number {
    return this.#fill.length;
  }

  get used(): number {
    return this.#used;
  }

  get peak(): number {
    return this.#peak;
  }

  get isFull(): boolean {
    return this.#free === NONE;
  }

  /** The page that nobody has written to for the longest; −1 = none is in use. */
  get first(): number {
    return this.#first;
  }

  ownerOf(page: number): number {
    return this.#owner[page] as number;
  }

  /** The time of a page's last sample, µs. */
  lastTimeOf(page: number): number {
    return this.#lastTime[page] as number;
  }

  samplesOf(page: number): number {
    return this.#samples[page] as number;
  }

  fillOf(page: number): number {
    return this.#fill[page] as number;
  }

  oldestOf(owner: number): number {
    return this.#oldest[owner] as number;
  }

  newestOf(owner: number): number {
    return this.#newest[owner] as number;
  }

  /** The owner's page after this one; −1 = it is the newest. */
  following(page: number): number {
    return this.#following[page] as number;
  }

  hasRoom(page: number, bytes: number): boolean {
    return (this.#fill[page] as number) + bytes <= PAGE_BYTES;
  }

  /** Gives an owner an empty page, after its others. There must be a free one. */
  take(owner: number): number {
    const page = this.#free;
    this.#free = this.#following[page] as number;
    const newest = this.#newest[owner] as number;
    if (newest === NONE) this.#oldest[owner] = page;
    else this.#following[newest] = page;
    this.#newest[owner] = page;
    this.#following[page] = NONE;
    this.#owner[page] = owner;
    this.#fill[page] = 0;
    this.#samples[page] = 0;
    this.#append(page);
    this.#used++;
    this.#peak = Math.max(this.#peak, this.#used);
    return page;
  }

  /** Adds a sample of `time[at]` to an owner's newest page, which must have room. */
  write(page: number, bytes: Uint8Array, length: number, time: Float64Array, at: number): void {
    const fill = this.#fill[page] as number;
    const start = page * PAGE_BYTES + fill;
    for (let i = 0; i < length; i++) this.bytes[start + i] = bytes[i] as number;
    this.#fill[page] = fill + length;
    this.#samples[page] = (this.#samples[page] as number) + 1;
    this.#lastTime[page] = time[at] as number;
    if (page === this.#last) return;
    this.#unlink(page);
    this.#append(page);
  }

  /** Takes a page back, which must be its owner's oldest. */
  release(page: number): void {
    const owner = this.#owner[page] as number;
    const following = this.#following[page] as number;
    this.#oldest[owner] = following;
    if (following === NONE) this.#newest[owner] = NONE;
    this.#unlink(page);
    this.#owner[page] = NONE;
    this.#following[page] = this.#free;
    this.#free = page;
    this.#used--;
  }

  #append(page: number): void {
    this.#before[page] = this.#last;
    this.#after[page] = NONE;
    if (this.#last === NONE) this.#first = page;
    else this.#after[this.#last] = page;
    this.#last = page;
  }

  #unlink(page: number): void {
    const before = this.#before[page] as number;
    const after = this.#after[page] as number;
    if (before === NONE) this.#first = after;
    else this.#after[before] = after;
    if (after === NONE) this.#last = before;
    else this.#before[after] = before;
  }
}
