import { SpreadscopeError } from '../core/errors.ts';

/** The symbols the market knows, by dense number, and which of them a reader wants. */
export class SymbolBook {
  readonly capacity: number;
  readonly #names: string[] = [];
  /** The names in capitals, for searches. */
  readonly #capitals: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #wanted: Uint8Array;
  readonly #alphabet: Int32Array;
  #sorted = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#wanted = new Uint8Array(capacity);
    this.#alphabet = new Int32Array(capacity);
  }

  get count(): number {
    return this.#names.length;
  }

  /** The symbol's number, given now if it is new. */
  add(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= this.capacity) {
      throw new SpreadscopeError(
        'INSTRUMENTS_FULL',
        `more than ${this.capacity} symbols; raise limits.instruments or filter more (minUsdVolume, quotes)`,
      );
    }
    const number = this.#names.length;
    this.#names.push(name);
    this.#capitals.push(name.toUpperCase());
    this.#numbers.set(name, number);
    return number;
  }

  /** −1 = unknown. */
  numberOf(name: string): number {
    return this.#numbers.get(name) ?? -1;
  }

  nameOf(number: number): string {
    return this.#names[number] ?? '';
  }

  names(): readonly string[] {
    return this.#names;
  }

  /**
   * Marks with 1 the symbols a filter asks for: that symbol alone if one has exactly this name, else those that contain the text; any case. The array is
   * overwritten by the next call.
   */
  matching(filter: string | undefined): Uint8Array {
    const wanted = this.#wanted.subarray(0, this.count);
    if (filter === undefined || filter === '') return wanted.fill(1);
    const text = filter.toUpperCase();
    const same = this.numberOf(filter);
    const exact = same >= 0 ? same : this.#capitals.indexOf(text);
    if (exact >= 0) {
      wanted.fill(0)[exact] = 1;
      return wanted;
    }
    for (let i = 0; i < wanted.length; i++) wanted[i] = this.#capitals[i]?.includes(text) ? 1 : 0;
    return wanted;
  }

  /** Each symbol's place in alphabetical order. */
  alphabet(): Int32Array {
    if (this.#sorted !== this.count) {
      const order = this.#names.map((_, i) => i).sort((a, b) => (this.nameOf(a) < this.nameOf(b) ? -1 : 1));
      order.forEach((symbol, place) => {
        this.#alphabet[symbol] = place;
      });
      this.#sorted = this.count;
    }
    return this.#alphabet;
  }
}
