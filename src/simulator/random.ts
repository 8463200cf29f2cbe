/** A seeded generator (xorshift128): the same seed gives the same numbers on every machine. */
export class Random {
  // Typed state: 32-bit values kept in plain fields would be boxed.
  readonly #state = new Int32Array(4);

  constructor(seed: number) {
    let x = seed | 0;
    for (let i = 0; i < 4; i += 1) {
      x = (x + 0x9e3779b9) | 0;
      let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[i] = (z ^ (z >>> 15)) | 1;
    }
    for (let i = 0; i < 16; i += 1) this.bits();
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    const s = this.#state;
    let t = s[3] as number;
    const first = s[0] as number;
    s[3] = s[2] as number;
    s[2] = s[1] as number;
    s[1] = first;
    t ^= t << 11;
    t ^= t >>> 8;
    t = t ^ first ^ (first >>> 19);
    s[0] = t;
    return t | 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return (this.bits() >>> 0) / 4_294_967_296;
  }

  /** Uniform integer in [0, below). */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** Mean 0, variance 1, bell-shaped within ±3.4 (a sum of four uniforms: cheap and bounded). */
  bell(): number {
    const a = this.bits();
    const b = this.bits();
    const sum = (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16);
    return (sum / 65_536 - 2) * Math.sqrt(3);
  }
}

/** A well-mixed 32-bit number for a text: for choices that must not depend on the order of anything. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 16)) >>> 0;
}
