import type { BoundReading } from '../core/bounds.ts';
import type { Columns, ColumnType, Schema } from '../core/records.ts';

/**
 * A bounded ring of rows kept as columns in shared memory: one producer, consumers named at creation, each with its own cursor.
 * It works the same in one thread and across workers: pass `RingMemory` to the other thread and attach there.
 *
 * A consumer that gates holds the producer back: a row that it has not released is never overwritten, and `claim` answers −1 when
 * the ring is full for it. One that laps is never waited for: it learns how many rows it missed.
 */
export type ConsumerPolicy = 'gate' | 'lap';

export interface RingConsumerSpec {
  readonly name: string;
  readonly policy: ConsumerPolicy;
}

/** Everything another thread needs to attach; structured-cloneable. */
export interface RingMemory<S extends Schema> {
  readonly name: string;
  readonly schema: S;
  /** Rows; a power of two. */
  readonly capacity: number;
  readonly consumers: readonly RingConsumerSpec[];
  readonly buffer: SharedArrayBuffer;
}

/*
 * Layout: cursors (Int32, one cache line each, so that two threads never write the same line), counters (Float64), columns.
 * Cursors wrap at 2^32; differences are taken with `| 0`, right while capacity ≤ 2^30.
 */
const LINE = 64;
const CURSORS_PER_LINE = LINE / 4;
const HEAD = 0;
const RESERVED = CURSORS_PER_LINE;
const WAITERS = 2 * CURSORS_PER_LINE;
const FIRST_TAIL = 3 * CURSORS_PER_LINE;
/** Counter slots per party (the producer, then each consumer), a line apart. */
const COUNTERS_PER_LINE = LINE / 8;
const PRODUCED = 0;
const REFUSED = 1;
const PEAK = 2;
const CONSUMED = 0;
const MISSED = 1;
/** Rows that the producer marks as reserved at once, so that the shared mark costs one store in this many rows. */
const RESERVE_BLOCK = 64;

export function createRing<S extends Schema>(
  name: string,
  schema: S,
  capacity: number,
  consumers: readonly RingConsumerSpec[],
): RingMemory<S> {
  if (!Number.isInteger(Math.log2(capacity)) || capacity < 2 * RESERVE_BLOCK || capacity > 2 ** 30) {
    throw new RangeError(
      `ring ${name}: capacity must be a power of two from ${2 * RESERVE_BLOCK} to 2^30, not ${capacity}`,
    );
  }
  if (new Set(consumers.map((c) => c.name)).size !== consumers.length) {
    throw new RangeError(`ring ${name}: two consumers have the same name`);
  }
  const bytes = columnsOffset(consumers.length) + columnBytes(schema, capacity);
  return { name, schema, capacity, consumers, buffer: new SharedArrayBuffer(bytes) };
}

/** Bytes of shared memory that such a ring takes. */
export function ringBytes(schema: Schema, capacity: number, consumers: number): number {
  return columnsOffset(consumers) + columnBytes(schema, capacity);
}

/** The producing side. Claim a slot, fill `columns` there, and `publish` what was claimed, at best many rows at once. */
export class RingProducer<S extends Schema> {
  readonly memory: RingMemory<S>;
  readonly columns: Columns<S>;
  readonly #cursors: Int32Array;
  readonly #counters: Float64Array;
  readonly #mask: number;
  readonly #capacity: number;
  /** Indices into the cursors of the tails that gate. */
  readonly #gates: Int32Array;
  #next: number;
  #reserved: number;
  /** Rows that may be claimed before the gating tails must be read again. */
  #free = 0;

  constructor(memory: RingMemory<S>) {
    this.memory = memory;
    this.columns = columnsOf(memory);
    this.#cursors = cursorsOf(memory);
    this.#counters = countersOf(memory, 0);
    this.#capacity = memory.capacity;
    this.#mask = memory.capacity - 1;
    const gates = memory.consumers.flatMap((c, i) =>
      c.policy === 'gate' ? [FIRST_TAIL + i * CURSORS_PER_LINE] : [],
    );
    this.#gates = Int32Array.from(gates);
    this.#next = Atomics.load(this.#cursors, HEAD);
    this.#reserved = this.#next;
  }

  /** The next slot's index into `columns`, or −1 when a gating consumer has not yet made room. */
  claim(): number {
    if (this.#free === 0) {
      this.#free = this.#measureFree();
      if (this.#free === 0) return -1;
    }
    this.#free -= 1;
    const next = this.#next;
    if (((this.#reserved - next) | 0) <= 0) {
      // Marked a block ahead of the writes, so that a lapping reader can tell which rows may have changed under it.
      this.#reserved = (next + RESERVE_BLOCK) | 0;
      Atomics.store(this.#cursors, RESERVED, this.#reserved);
    }
    this.#next = (next + 1) | 0;
    return next & this.#mask;
  }

  /** Makes every claimed row visible, and wakes consumers that sleep. Cheap to call when nothing was claimed. */
  publish(): void {
    const cursors = this.#cursors;
    const added = (this.#next - (cursors[HEAD] as number)) | 0;
    if (added === 0) return;
    Atomics.store(cursors, HEAD, this.#next);
    this.#counters[PRODUCED] = (this.#counters[PRODUCED] as number) + added;
    if (Atomics.load(cursors, WAITERS) > 0) Atomics.notify(cursors, HEAD);
  }

  /** Counts a row that was given up because `claim` answered −1. */
  refuse(): void {
    this.#counters[REFUSED] = (this.#counters[REFUSED] as number) + 1;
  }

  #measureFree(): number {
    let lag = 0;
    for (const gate of this.#gates) {
      const behind = (this.#next - Atomics.load(this.#cursors, gate)) | 0;
      if (behind > lag) lag = behind;
    }
    if (lag > (this.#counters[PEAK] as number)) this.#counters[PEAK] = lag;
    return this.#capacity - lag;
  }
}

/** A consuming side. Read `available()` rows at `slot(0…)`, then `release` them. */
export class RingConsumer<S extends Schema> {
  readonly memory: RingMemory<S>;
  readonly columns: Columns<S>;
  readonly #cursors: Int32Array;
  readonly #counters: Float64Array;
  readonly #mask: number;
  readonly #laps: boolean;
  readonly #tailIndex: number;
  #tail: number;

  constructor(memory: RingMemory<S>, name: string) {
    const number = memory.consumers.findIndex((c) => c.name === name);
    const spec = memory.consumers[number];
    if (spec === undefined)
      throw new RangeError(`ring ${memory.name} was created without a consumer ${name}`);
    this.memory = memory;
    this.columns = columnsOf(memory);
    this.#cursors = cursorsOf(memory);
    this.#counters = countersOf(memory, 1 + number);
    this.#mask = memory.capacity - 1;
    this.#laps = spec.policy === 'lap';
    this.#tailIndex = FIRST_TAIL + number * CURSORS_PER_LINE;
    this.#tail = Atomics.load(this.#cursors, this.#tailIndex);
  }

  /** Rows missed because the producer lapped this consumer; always 0 for one that gates. */
  get missed(): number {
    return this.#counters[MISSED] as number;
  }

  /** Rows that can be read now. A lapping consumer first jumps over what was overwritten, and counts it. */
  available(): number {
    const lag = (Atomics.load(this.#cursors, HEAD) - this.#tail) | 0;
    if (!this.#laps || lag === 0) return lag;
    const gone = this.#overwritten();
    if (gone <= 0) return lag;
    this.#counters[MISSED] = this.missed + Math.min(gone, lag);
    this.#tail = (this.#tail + Math.min(gone, lag)) | 0;
    Atomics.store(this.#cursors, this.#tailIndex, this.#tail);
    return Math.max(0, lag - gone);
  }

  /** The index into `columns` of the i-th readable row. */
  slot(i: number): number {
    return (this.#tail + i) & this.#mask;
  }

  /**
   * Gives the first `rows` readable rows back. Answers how many of them, from the first on, the producer may have overwritten while they were
   * being read: a lapping consumer must have copied them and throws that many away (they are counted as missed). 0 for one that gates.
   */
  release(rows: number): number {
    const torn = this.#laps ? Math.max(0, Math.min(rows, this.#overwritten())) : 0;
    this.#tail = (this.#tail + rows) | 0;
    Atomics.store(this.#cursors, this.#tailIndex, this.#tail);
    this.#counters[CONSUMED] = (this.#counters[CONSUMED] as number) + rows - torn;
    if (torn > 0) this.#counters[MISSED] = this.missed + torn;
    return torn;
  }

  /** Sleeps until there is a row or `timeoutMs` has passed. Blocks the thread: for workers without an event loop of their own. */
  wait(timeoutMs: number): void {
    const cursors = this.#cursors;
    Atomics.add(cursors, WAITERS, 1);
    const head = Atomics.load(cursors, HEAD);
    if (head === this.#tail) Atomics.wait(cursors, HEAD, head, timeoutMs);
    Atomics.sub(cursors, WAITERS, 1);
  }

  /** Rows from our tail on whose slots the producer may be writing again. */
  #overwritten(): number {
    return (Atomics.load(this.#cursors, RESERVED) - this.#mask - 1 - this.#tail) | 0;
  }
}

/** The ring's line in the bounds ledger, read from any thread. */
export function readRing(memory: RingMemory<Schema>): BoundReading {
  const cursors = cursorsOf(memory);
  const head = Atomics.load(cursors, HEAD);
  let used = 0;
  let lost = 0;
  memory.consumers.forEach((_, i) => {
    const lag = (head - Atomics.load(cursors, FIRST_TAIL + i * CURSORS_PER_LINE)) | 0;
    used = Math.max(used, Math.min(lag, memory.capacity));
    lost += countersOf(memory, 1 + i)[MISSED] as number;
  });
  const producer = countersOf(memory, 0);
  const rowBytes = columnBytes(memory.schema, 1);
  return {
    name: memory.name,
    policy: memory.consumers.some((c) => c.policy === 'gate') ? 'refuse' : 'drop-oldest',
    capacity: memory.capacity,
    capacityBytes: memory.buffer.byteLength,
    cleanedBy: 'the reader',
    used,
    usedBytes: used * rowBytes,
    peak: Math.max(used, producer[PEAK] as number),
    refused: producer[REFUSED] as number,
    replaced: 0,
    evicted: 0,
    lost,
  };
}

/** Rows ever published, and the lag in rows of each consumer, read from any thread. */
export function ringProgress(memory: RingMemory<Schema>): { produced: number; lag: Record<string, number> } {
  const cursors = cursorsOf(memory);
  const head = Atomics.load(cursors, HEAD);
  const lag: Record<string, number> = {};
  memory.consumers.forEach((c, i) => {
    lag[c.name] = (head - Atomics.load(cursors, FIRST_TAIL + i * CURSORS_PER_LINE)) | 0;
  });
  return { produced: countersOf(memory, 0)[PRODUCED] as number, lag };
}

/** Columns of `rows` rows over one buffer; 8-byte columns first, so that each is aligned. */
export function layColumns<S extends Schema>(
  schema: S,
  rows: number,
  buffer: ArrayBufferLike,
  offset: number,
): Columns<S> {
  const columns: Record<string, Uint8Array | Uint32Array | Float64Array> = {};
  let at = offset;
  for (const [name, type] of byDescendingAlignment(schema)) {
    const width = columnWidth(type);
    if (type === 'f64') columns[name] = new Float64Array(buffer, at, rows);
    else if (type === 'u32') columns[name] = new Uint32Array(buffer, at, rows);
    else columns[name] = new Uint8Array(buffer, at, rows * width);
    at += rows * width;
  }
  return columns as Columns<S>;
}

/** Bytes that `rows` rows of this schema take. */
export function columnBytes(schema: Schema, rows: number): number {
  return Object.values(schema).reduce((sum, type) => sum + columnWidth(type) * rows, 0);
}

function columnWidth(type: ColumnType): number {
  if (type === 'f64') return 8;
  if (type === 'u32') return 4;
  if (type === 'u8') return 1;
  return Number(type.slice('bytes'.length));
}

function byDescendingAlignment(schema: Schema): [string, ColumnType][] {
  const rank = (type: ColumnType): number => (type === 'f64' ? 0 : type === 'u32' ? 1 : 2);
  return Object.entries(schema).sort((a, b) => rank(a[1]) - rank(b[1]));
}

function countersOffset(consumers: number): number {
  return (3 + consumers) * LINE;
}

function columnsOffset(consumers: number): number {
  return countersOffset(consumers) + (1 + consumers) * LINE;
}

function cursorsOf(memory: RingMemory<Schema>): Int32Array {
  return new Int32Array(memory.buffer, 0, (3 + memory.consumers.length) * CURSORS_PER_LINE);
}

function countersOf(memory: RingMemory<Schema>, party: number): Float64Array {
  return new Float64Array(
    memory.buffer,
    countersOffset(memory.consumers.length) + party * LINE,
    COUNTERS_PER_LINE,
  );
}

function columnsOf<S extends Schema>(memory: RingMemory<S>): Columns<S> {
  return layColumns(memory.schema, memory.capacity, memory.buffer, columnsOffset(memory.consumers.length));
}
