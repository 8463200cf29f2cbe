import type { ByteWriter } from './byte-writer.ts';
import type { Tick } from './tick.ts';

const FIELDS = [
  'bid',
  'bidSize',
  'ask',
  'askSize',
  /** The same with eight decimals, as Binance writes them. */
  'bid8',
  'bidSize8',
  'ask8',
  'askSize8',
  'sequence',
  'eventMs',
  'pushMs',
  'pushSeconds',
  'price',
  'size',
  'price8',
  'size8',
  /** The last price for channels that mix book and trade. */
  'last',
  'tradeNumber',
  /** Three digits of microseconds that belong to the trade. */
  'tradeMicros',
] as const;

export type FieldName = (typeof FIELDS)[number];

const MARK = '\u0001';

/** Placeholders to be written into a template's text. */
export const F = Object.fromEntries(
  FIELDS.map((name, code) => [name, MARK + String.fromCharCode(0x41 + code) + MARK]),
) as Readonly<Record<FieldName, string>>;

const CODE = Object.fromEntries(FIELDS.map((name, code) => [name, code])) as Readonly<
  Record<FieldName, number>
>;

/** A message whose text is fixed but for the fields named in it. */
export class Template {
  readonly #pieces: Uint8Array[] = [];
  readonly #fields: Uint8Array;

  constructor(text: string) {
    const encoder = new TextEncoder();
    const parts = text.split(MARK);
    this.#fields = new Uint8Array((parts.length - 1) / 2);
    for (const [n, part] of parts.entries()) {
      if (n % 2 === 0) this.#pieces.push(encoder.encode(part));
      else this.#fields[(n - 1) / 2] = part.charCodeAt(0) - 0x41;
    }
  }

  write(out: ByteWriter, tick: Tick): void {
    const pieces = this.#pieces;
    const fields = this.#fields;
    out.copy(pieces[0] as Uint8Array);
    for (let i = 0; i < fields.length; i += 1) {
      writeField(out, fields[i] as number, tick);
      out.copy(pieces[i + 1] as Uint8Array);
    }
  }
}

function writeField(out: ByteWriter, field: number, tick: Tick): void {
  const { market, slot } = tick;
  const price = market.priceDecimals[slot] as number;
  const size = market.sizeDecimals[slot] as number;
  switch (field) {
    case CODE.bid: {
      out.decimal(market.bid[slot] as number, price, 0);
      return;
    }
    case CODE.bidSize: {
      out.decimal(market.bidSize[slot] as number, size, 0);
      return;
    }
    case CODE.ask: {
      out.decimal(market.ask[slot] as number, price, 0);
      return;
    }
    case CODE.askSize: {
      out.decimal(market.askSize[slot] as number, size, 0);
      return;
    }
    case CODE.bid8: {
      out.decimal(market.bid[slot] as number, price, 8);
      return;
    }
    case CODE.bidSize8: {
      out.decimal(market.bidSize[slot] as number, size, 8);
      return;
    }
    case CODE.ask8: {
      out.decimal(market.ask[slot] as number, price, 8);
      return;
    }
    case CODE.askSize8: {
      out.decimal(market.askSize[slot] as number, size, 8);
      return;
    }
    case CODE.sequence: {
      out.integer(market.sequence[slot] as number);
      return;
    }
    case CODE.eventMs: {
      out.copy(tick.eventDigits);
      return;
    }
    case CODE.pushMs: {
      out.copy(tick.pushDigits);
      return;
    }
    case CODE.pushSeconds:
      out.copy(tick.pushDigits);
      out.at -= 3;
      return;
    case CODE.price: {
      out.decimal(market.tradePrice[slot] as number, price, 0);
      return;
    }
    case CODE.size:
      out.decimal(market.tradeSize[slot] as number, size, 0);
      if (tick.longSize) writeLongTail(out, market.tradeSize[slot] as number, size);
      return;
    case CODE.price8: {
      out.decimal(market.tradePrice[slot] as number, price, 8);
      return;
    }
    case CODE.size8: {
      out.decimal(market.tradeSize[slot] as number, size, 8);
      return;
    }
    case CODE.last: {
      out.decimal((market.bid[slot] || market.ask[slot]) as number, price, 0);
      return;
    }
    case CODE.tradeNumber: {
      out.integer(market.tradeNumber[slot] as number);
      return;
    }
    default: {
      out.decimal(tradeMicros(tick), 0, 0);
      return;
    }
  }
}

/** The microseconds within the millisecond of the trade being published, 100 … 999. */
export function tradeMicros(tick: Tick): number {
  return 100 + ((tick.market.tradeNumber[tick.slot] as number) % 900);
}

/** Digits after the lot's own decimals, up to 19 in all. */
export function writeLongTail(out: ByteWriter, lots: number, decimals: number): void {
  if (decimals === 0) {
    out.bytes[out.at] = 0x2e;
    out.at += 1;
  }
  for (let i = decimals; i < 19; i += 1) {
    out.bytes[out.at] = 0x31 + ((lots + i * 7) % 9);
    out.at += 1;
  }
}
