import type { ByteWriter } from './byte-writer.ts';
import type { Tick } from './tick.ts';

// What a field is written as. Literal numbers in the switch below, so that it becomes a jump table.
const DECIMAL = 0;
const KINDS = {
  nativeId: 9,
  lowerId: 10,
  sequence: 1,
  eventMs: 2,
  pushMs: 3,
  pushSeconds: 4,
  tradeNumber: 5,
  last: 6,
  tradeMicros: 7,
  size: 8,
};

/** How each field is written: the kind, and for a decimal the column (see `Tick.columns`) and the decimals shown at least. */
const FIELDS = {
  /** The venue's own id of the market, and the same in lower case. */
  nativeId: [KINDS.nativeId, 0, 0],
  lowerId: [KINDS.lowerId, 0, 0],
  bid: [DECIMAL, 0, 0],
  bidSize: [DECIMAL, 1, 0],
  ask: [DECIMAL, 2, 0],
  askSize: [DECIMAL, 3, 0],
  // The same with eight decimals, as Binance writes them.
  bid8: [DECIMAL, 0, 8],
  bidSize8: [DECIMAL, 1, 8],
  ask8: [DECIMAL, 2, 8],
  askSize8: [DECIMAL, 3, 8],
  price: [DECIMAL, 4, 0],
  price8: [DECIMAL, 4, 8],
  size: [KINDS.size, 5, 0],
  size8: [DECIMAL, 5, 8],
  sequence: [KINDS.sequence, 0, 0],
  eventMs: [KINDS.eventMs, 0, 0],
  pushMs: [KINDS.pushMs, 0, 0],
  pushSeconds: [KINDS.pushSeconds, 0, 0],
  tradeNumber: [KINDS.tradeNumber, 0, 0],
  /** The last price, for channels that mix book and trade. */
  last: [KINDS.last, 0, 0],
  /** Three digits of microseconds that belong to the trade. */
  tradeMicros: [KINDS.tradeMicros, 0, 0],
} as const satisfies Record<string, readonly [number, number, number]>;

export type FieldName = keyof typeof FIELDS;

const NAMES = Object.keys(FIELDS) as FieldName[];
const MARK = '\u0001';

/** Placeholders to be written into a template's text. */
export const F = Object.fromEntries(NAMES.map((name) => [name, MARK + name + MARK])) as Readonly<
  Record<FieldName, string>
>;

/**
 * A message whose text is fixed but for the fields named in it. The same for all markets of a channel, so that it stays in the processor's cache:
 * with a template for each market, fetching them cost more than writing the message.
 */
export class Template {
  readonly #pieces: readonly Uint8Array[];
  /** For the field after each piece but the last: the kind, the column and the decimals shown. */
  readonly #fields: Uint8Array;

  constructor(text: string) {
    const parts = text.split(MARK);
    const names = parts.filter((_, n) => n % 2 === 1) as FieldName[];
    this.#pieces = parts.filter((_, n) => n % 2 === 0).map((part) => new TextEncoder().encode(part));
    this.#fields = Uint8Array.from(names.flatMap((name) => [...FIELDS[name]]));
  }

  write(out: ByteWriter, tick: Tick): void {
    const pieces = this.#pieces;
    const fields = this.#fields;
    out.copy(pieces[0] as Uint8Array);
    for (let i = 0, at = 0; at < fields.length; at += 3) {
      const kind = fields[at] as number;
      if (kind === DECIMAL) writeDecimal(out, tick, fields[at + 1] as number, fields[at + 2] as number);
      else writeOther(out, tick, kind);
      i += 1;
      out.copy(pieces[i] as Uint8Array);
    }
  }
}

function writeDecimal(out: ByteWriter, tick: Tick, column: number, shown: number): void {
  const value = (tick.columns[column] as Int32Array)[tick.slot] as number;
  const decimals = (tick.decimals[column] as Uint8Array)[tick.slot] as number;
  out.decimal(value, decimals, shown);
}

function writeOther(out: ByteWriter, tick: Tick, kind: number): void {
  const { market, slot } = tick;
  switch (kind) {
    case 1: // sequence
      out.integer(market.sequence[slot] as number);
      break;
    case 2: // eventMs
      out.copy(tick.eventDigits);
      break;
    case 3: // pushMs
      out.copy(tick.pushDigits);
      break;
    case 4: // pushSeconds
      out.copy(tick.pushDigits);
      out.at -= 3;
      break;
    case 5: // tradeNumber
      out.integer(market.tradeNumber[slot] as number);
      break;
    case 6: // last
      writeDecimal(out, tick, market.bid[slot] === 0 ? 2 : 0, 0);
      break;
    case 7: // tradeMicros
      out.decimal(tradeMicros(tick), 0, 0);
      break;
    case 9: // nativeId
      out.copyNamed(tick.nativeIds, slot);
      break;
    case 10: // lowerId
      out.copyNamed(tick.lowerIds, slot);
      break;
    default: // size
      writeDecimal(out, tick, 5, 0);
      if (tick.longSize) {
        writeLongTail(out, market.tradeSize[slot] as number, market.sizeDecimals[slot] as number);
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
