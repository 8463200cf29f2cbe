import { type FileHandle, open } from 'node:fs/promises';
import { SpreadscopeError } from '../core/errors.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Protocol } from './protocols/protocol.ts';
import { tradeMicros, writeLongTail } from './template.ts';
import type { Tick } from './tick.ts';
import type { SimInstrument } from './universe.ts';

const CHUNK_BYTES = 262_144;
const LINE_ROOM = 1_024;
const MAX_CHUNKS = 16;
const FLUSH_EVERY_MS = 100;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const TIME = encode(',"venueTime":');
const BID = encode(',"bid":');
const BID_SIZE = encode(',"bidSize":');
const ASK = encode(',"ask":');
const ASK_SIZE = encode(',"askSize":');
const PRICE = encode(',"price":');
const SIZE = encode(',"size":');
const BUY = encode(',"side":"buy"}\n');
const SELL = encode(',"side":"sell"}\n');
const END = encode('}\n');
const NULL = encode('null');
const QUOTATION = encode('"');
const ZEROS = encode('000');

/** What the journal has to know of a slot. */
interface SlotFacts {
  readonly protocol: Protocol;
  readonly quoteHead: Uint8Array;
  readonly tradeHead: Uint8Array;
}

/** One NDJSON line per published quote and trade, in order, in a file. Holds at most `MAX_CHUNKS` chunks that are not written yet. */
export class Journal {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #facts: SlotFacts[] = [];
  readonly #free: Uint8Array[] = [];
  readonly #full: Uint8Array[] = [];
  #out = new ByteWriter(new Uint8Array(CHUNK_BYTES));
  #chunks = 1;
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #flushedMs = 0;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  static async create(
    path: string,
    instruments: readonly SimInstrument[],
    protocolOf: (instrument: SimInstrument) => Protocol,
  ): Promise<Journal> {
    let file: FileHandle;
    try {
      file = await open(path, 'w');
    } catch (error) {
      throw new SpreadscopeError('FILE_UNWRITABLE', `cannot write the journal ${path}: choose another file`, {
        cause: error,
      });
    }
    const journal = new Journal(file, path);
    for (const each of instruments) {
      const protocol = protocolOf(each);
      const names = `"venue":"${each.venue}","symbol":${JSON.stringify(each.symbol)}`;
      journal.#facts[each.slot] = {
        protocol,
        quoteHead: encode(`{"kind":"quote",${names},"sequence":`),
        tradeHead: encode(`{"kind":"trade",${names},"id":"${protocol.tradeIdPrefix}`),
      };
    }
    return journal;
  }

  /** Whether another line can be taken; false while the disk is behind. */
  ready(): boolean {
    if (this.#failure !== undefined) return false;
    if (this.#out.at + LINE_ROOM <= CHUNK_BYTES) return true;
    if (this.#free.length === 0 && this.#chunks >= MAX_CHUNKS) return false;
    this.#handOver();
    return true;
  }

  get failure(): unknown {
    return this.#failure;
  }

  quote(tick: Tick): void {
    const out = this.#out;
    const { market, slot } = tick;
    const { protocol, quoteHead } = this.#facts[slot] as SlotFacts;
    out.copy(quoteHead);
    if (protocol.quoteSequence) out.integer(market.sequence[slot] as number);
    else out.copy(NULL);
    out.copy(TIME);
    if (protocol.quoteTime) {
      out.copy(tick.eventDigits);
      out.copy(ZEROS);
    } else {
      out.copy(NULL);
    }
    this.#side(BID, BID_SIZE, market.bid[slot] as number, market.bidSize[slot] as number, tick);
    this.#side(ASK, ASK_SIZE, market.ask[slot] as number, market.askSize[slot] as number, tick);
    out.copy(END);
  }

  trade(tick: Tick, longSize: boolean): void {
    const out = this.#out;
    const { market, slot } = tick;
    const { protocol, tradeHead } = this.#facts[slot] as SlotFacts;
    out.copy(tradeHead);
    out.integer(market.tradeNumber[slot] as number);
    out.copy(QUOTATION);
    out.copy(TIME);
    out.copy(tick.eventDigits);
    if (protocol.tradeMicros === true) out.decimal(tradeMicros(tick), 0, 0);
    else out.copy(ZEROS);
    out.copy(PRICE);
    out.decimal(market.tradePrice[slot] as number, market.priceDecimals[slot] as number, 0);
    out.copy(SIZE);
    const lots = market.tradeSize[slot] as number;
    const decimals = market.sizeDecimals[slot] as number;
    out.decimal(lots, decimals, 0);
    if (longSize) writeLongTail(out, lots, decimals);
    out.copy(market.tradeSell[slot] === 1 ? SELL : BUY);
  }

  /** Starts writing what is there, at most every 100 ms. */
  tend(nowMs: number): void {
    if (nowMs - this.#flushedMs < FLUSH_EVERY_MS || this.#out.at === 0) return;
    if (this.#free.length === 0 && this.#chunks >= MAX_CHUNKS) return;
    this.#flushedMs = nowMs;
    this.#handOver();
  }

  /** Writes the rest and closes the file. Throws FILE_UNWRITABLE when anything could not be written. */
  async close(): Promise<void> {
    if (this.#out.at > 0) this.#handOver();
    await this.#writing;
    await this.#file.close();
    if (this.#failure !== undefined) {
      throw new SpreadscopeError('FILE_UNWRITABLE', `the journal ${this.#path} is not complete`, {
        cause: this.#failure,
      });
    }
  }

  #side(priceName: Uint8Array, sizeName: Uint8Array, price: number, size: number, tick: Tick): void {
    const out = this.#out;
    out.copy(priceName);
    if (price === 0) out.copy(NULL);
    else out.decimal(price, tick.market.priceDecimals[tick.slot] as number, 0);
    out.copy(sizeName);
    if (price === 0) out.copy(NULL);
    else out.decimal(size, tick.market.sizeDecimals[tick.slot] as number, 0);
  }

  #handOver(): void {
    this.#full.push(this.#out.bytes.subarray(0, this.#out.at));
    const free = this.#free.pop();
    if (free === undefined) this.#chunks += 1;
    this.#out = new ByteWriter(free ?? new Uint8Array(CHUNK_BYTES));
    this.#writing ??= this.#write();
  }

  /** Writes full chunks one after another until there are none. */
  async #write(): Promise<void> {
    try {
      for (let chunk = this.#full.shift(); chunk !== undefined; chunk = this.#full.shift()) {
        let written = 0;
        while (written < chunk.length) {
          const { bytesWritten } = await this.#file.write(chunk, written);
          written += bytesWritten;
        }
        this.#free.push(new Uint8Array(chunk.buffer, 0, CHUNK_BYTES));
      }
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#writing = undefined;
    }
  }
}
