import type { ByteWriter } from './byte-writer.ts';
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

/** Text messages whose shape depends on the variant alone; one for all markets of a channel. */
export class TemplateEncoder implements Encoder {
  readonly opcode = 1;
  readonly #variant: (tick: Tick) => Variant;
  readonly #templates: readonly Template[];

  /** @param text the message with fields (`F`) in it, the market's name among them */
  constructor(kind: 'quote' | 'trade', text: (variant: Variant) => string) {
    this.#variant = kind === 'quote' ? quoteVariant : tradeVariant;
    const variants: readonly Variant[] = kind === 'quote' ? [0, 1, 2, 3] : [0, 1];
    this.#templates = variants.map((variant) => new Template(text(variant)));
  }

  write(out: Outbox, tick: Tick): void {
    this.writeText(out.writer, tick);
  }

  writeText(out: ByteWriter, tick: Tick): void {
    (this.#templates[this.#variant(tick)] as Template).write(out, tick);
  }
}
