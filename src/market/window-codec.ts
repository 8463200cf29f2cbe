/**
 * How samples lie in a page: varints, so that one takes 5 to 10 bytes instead of 24, and reads back as the very doubles it was made of. A sample is the time since the one before
 * (µs; in a page's first the time itself), then a number whose low two bits say what follows:
 *
 * - `moved`: the rest is ask − bid in ticks; then the bid's change since the last price, in ticks, zigzag
 * - `same`: bid and ask as the last price
 * - `none`: there is no price; the rest is why
 * - `whole`: the rest is 0: bid and ask as doubles; or the exponent of a tick + 1: then the bid in ticks of 10^−exponent, and ask − bid
 *
 * A page is read without what was before it.
 */
const MOVED = 0;
const SAME = 1;
const NONE = 2;
const WHOLE = 3;

/** A sample as doubles; the bid of one without a price is NaN, and its ask says why. */
export const TIME = 0;
export const BID = 1;
export const ASK = 2;

/** What is remembered of an instrument's last sample in its page. */
export const STATE_STRIDE = 4;
const LAST_TIME = 0;
const BID_TICKS = 1;
const SPREAD_TICKS = 2;
/** −1 = there was no price in ticks yet. */
const EXPONENT = 3;

/** Two doubles, a time and a head at most. */
const LONGEST = 32;
const MAX_EXPONENT = 15;
/** Four times as much, and a bit of sign, are still whole doubles. */
const MAX_TICKS = 2 ** 50;
const POWERS = Float64Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

/** Columns of equal length; times are µs. */
export interface SampleColumns {
  readonly time: Float64Array;
  /** NaN = there is no price; `ask` then says why. */
  readonly bid: Float64Array;
  readonly ask: Float64Array;
}

/** Makes bytes of one sample at a time. */
export class SampleEncoder {
  /** The last sample's bytes, from the start. */
  readonly bytes = new Uint8Array(LONGEST);
  readonly #pair = new Float64Array(2);
  readonly #pairBytes = new Uint8Array(this.#pair.buffer);
  #length = 0;

  /**
   * Encodes the sample at `at` of `samples`; answers how many bytes it has.
   * @param state of the instrument, at `stateAt`; it is brought up to date
   * @param first whether it begins a page: nothing before it is referred to
   */
  encode(samples: Float64Array, at: number, state: Float64Array, stateAt: number, first: boolean): number {
    const time = samples[at + TIME] as number;
    const bid = samples[at + BID] as number;
    const ask = samples[at + ASK] as number;
    this.#length = 0;
    this.#put(first ? time : time - (state[stateAt + LAST_TIME] as number));
    state[stateAt + LAST_TIME] = time;
    if (first) state[stateAt + EXPONENT] = -1;
    if (Number.isNaN(bid)) this.#put(ask * 4 + NONE);
    else this.#putPrices(bid, ask, state, stateAt);
    return this.#length;
  }

  #putPrices(bid: number, ask: number, state: Float64Array, at: number): void {
    const before = state[at + EXPONENT] as number;
    const exponent = exponentOf(bid, ask, Math.max(0, before));
    if (exponent < 0) {
      this.#putDoubles(bid, ask);
      return;
    }
    const power = POWERS[exponent] as number;
    const ticks = Math.round(bid * power);
    const spread = Math.round(ask * power) - ticks;
    const moved = ticks - (state[at + BID_TICKS] as number);
    if (exponent !== before) {
      this.#put((exponent + 1) * 4 + WHOLE);
      this.#put(ticks);
      this.#put(spread);
    } else if (moved === 0 && spread === (state[at + SPREAD_TICKS] as number)) {
      this.#put(SAME);
    } else {
      this.#put(spread * 4 + MOVED);
      this.#put(moved >= 0 ? 2 * moved : -2 * moved - 1);
    }
    state[at + EXPONENT] = exponent;
    state[at + BID_TICKS] = ticks;
    state[at + SPREAD_TICKS] = spread;
  }

  #putDoubles(bid: number, ask: number): void {
    this.#put(WHOLE);
    this.#pair[0] = bid;
    this.#pair[1] = ask;
    this.bytes.set(this.#pairBytes, this.#length);
    this.#length += this.#pairBytes.length;
  }

  /** Beyond 31 bits, so no shifts. */
  #put(value: number): void {
    let left = value;
    while (left >= 128) {
      const rest = Math.floor(left / 128);
      this.bytes[this.#length++] = left - rest * 128 + 128;
      left = rest;
    }
    this.bytes[this.#length++] = left;
  }
}

/** The least exponent ≥ `least` with which both prices are whole ticks, exactly; −1 = there is none. A price that was a short decimal in the venue's text has one. */
function exponentOf(bid: number, ask: number, least: number): number {
  for (let exponent = least; exponent <= MAX_EXPONENT; exponent++) {
    const power = POWERS[exponent] as number;
    const ticks = Math.round(ask * power);
    if (!(ticks < MAX_TICKS)) return -1;
    if (ticks / power === ask && Math.round(bid * power) / power === bid) return exponent;
  }
  return -1;
}

/** Reads the samples of one page, whose bytes are `from` to `end`, into columns from place `at` on; answers the place after the last. */
export function decodePage(
  bytes: Uint8Array,
  from: number,
  end: number,
  columns: SampleColumns,
  at: number,
): number {
  const reader = new ByteReader(bytes, from);
  let time = 0;
  let power = 1;
  let ticks = 0;
  let spread = 0;
  let place = at;
  while (reader.at < end) {
    time += reader.number();
    const head = reader.number();
    const rest = Math.floor(head / 4);
    const what = head - rest * 4;
    columns.time[place] = time;
    if (what === NONE || (what === WHOLE && rest === 0)) {
      columns.bid[place] = what === NONE ? Number.NaN : reader.double();
      columns.ask[place] = what === NONE ? rest : reader.double();
      place++;
      continue;
    }
    if (what === MOVED) {
      spread = rest;
      ticks += unzigzag(reader.number());
    } else if (what === WHOLE) {
      power = POWERS[rest - 1] as number;
      ticks = reader.number();
      spread = reader.number();
    }
    columns.bid[place] = ticks / power;
    columns.ask[place] = (ticks + spread) / power;
    place++;
  }
  return place;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

class ByteReader {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #pair = new Float64Array(1);
  readonly #pairBytes = new Uint8Array(this.#pair.buffer);

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  number(): number {
    const bytes = this.#bytes;
    let value = 0;
    // Most numbers are small integers, which cost less than doubles.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[this.at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    return this.#beyond(value);
  }

  #beyond(low: number): number {
    let value = low;
    for (let weight = 2 ** 28; ; weight *= 128) {
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
  }

  double(): number {
    this.#pairBytes.set(this.#bytes.subarray(this.at, this.at + 8));
    this.at += 8;
    return this.#pair[0] as number;
  }
}
