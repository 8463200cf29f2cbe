import type { Outbox } from './outbox.ts';
import { Template } from './template.ts';
import type { Tick } from './tick.ts';

/** Writes one message of one topic into a connection's outbox, as one frame. */
export interface Encoder {
  readonly opcode: 1 | 2;
  /** Writes the payload only; the frame is begun and ended by the caller. */
  write(out: Outbox, tick: Tick): void;
}

/** Which sides a quote has: bit 0 = no bid, bit 1 = no ask. For a trade: 1 = the taker sold. */
export type Variant = 0 | 1 | 2 | 3;

export function quoteVariant(tick: Tick): Variant {
  const { market, slot } = tick;
  return ((market.bid[slot] === 0 ? 1 : 0) | (market.ask[slot] === 0 ? 2 : 0)) as Variant;
}

export function tradeVariant(tick: Tick): Variant {
  return tick.market.tradeSell[tick.slot] === 1 ? 1 : 0;
}

/** Text messages whose shape depends on the variant alone. */
export class TemplateEncoder implements Encoder {
  readonly opcode = 1;
  readonly #text: (variant: Variant) => string;
  readonly #variant: (tick: Tick) => Variant;
  readonly #templates: (Template | undefined)[] = [undefined, undefined, undefined, undefined];

  constructor(kind: 'quote' | 'trade', text: (variant: Variant) => string) {
    this.#text = text;
    this.#variant = kind === 'quote' ? quoteVariant : tradeVariant;
  }

  write(out: Outbox, tick: Tick): void {
    this.template(tick).write(out.writer, tick);
  }

  template(tick: Tick): Template {
    const variant = this.#variant(tick);
    const known = this.#templates[variant];
    if (known !== undefined) return known;
    const made = new Template(this.#text(variant));
    this.#templates[variant] = made;
    return made;
  }
}
