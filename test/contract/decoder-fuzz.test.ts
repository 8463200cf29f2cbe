import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRADE_ID_BYTES } from '../../src/core/records.ts';
import { VENUES } from '../../src/venues/index.ts';
import { BAD_FRAMES, type ControlEvent, type DecodeSink, type Venue } from '../../src/venues/venue.ts';
import { frameBytes, loadFixture, tableOf } from './fixture.ts';
import { seededRandom } from './reshape-json.ts';

/** Inputs per decoder, beside every cut of every fixture frame. */
const INPUTS = 100_000;

/** Bytes a mutation likes to put in: those that mean something in the encodings we read. */
const TELLING = [
  ...Buffer.from('{}[]",:\\0123456789.-eEtfn \n'),
  0,
  1,
  0x0a,
  0x1a,
  0x1f,
  0x7f,
  0x80,
  0x8b,
  0xc3,
  0xff,
];

for (const venue of Object.values<Venue>(VENUES)) {
  test(`${venue.id}: no input makes the decoder throw, stay silent or deliver nonsense`, () => {
    const fixture = loadFixture(venue.id);
    const seeds = [...fixture.frames, ...fixture.others].map(({ frame }) => frameBytes(frame));
    const sink = new CheckingSink(Object.keys(fixture.symbols).length);
    const decoder = venue.createDecoder(tableOf(fixture.symbols), sink);
    const feed = (bytes: Uint8Array, binary: boolean): void => {
      const before = sink.calls;
      const delivered = sink.delivered;
      try {
        decoder.decode(bytes, 0, bytes.length, binary);
      } catch (error) {
        assert.fail(`threw ${String(error)} at hex:${Buffer.from(bytes).toString('hex')}`);
      }
      if (!binary && sink.delivered > delivered) assertWhole(bytes);
      if (sink.calls === before) assert.fail(`no call for hex:${Buffer.from(bytes).toString('hex')}`);
    };

    for (const { bytes, binary } of seeds) {
      for (let length = 0; length < bytes.length; length += 1) feed(bytes.subarray(0, length), binary);
    }
    const random = seededRandom(20_261_123);
    for (let i = 0; i < INPUTS; i += 1) {
      const seed = pick(seeds, random);
      feed(mutate(seed.bytes, seeds, random), random() < 0.05 ? !seed.binary : seed.binary);
    }
    // A fuzz that only ever meets refusals, or none, says little.
    assert.ok(sink.delivered > INPUTS / 1_000, `${sink.delivered} delivered`);
    assert.ok(sink.bads > INPUTS / 10, `${sink.bads} refused`);
  });
}

/** What was believed must be whole JSON to another reader too, whichever way it went through the decoder. */
function assertWhole(bytes: Uint8Array): void {
  if (bytes[0] === 0x0a || bytes[0] === 0x1f) return;
  const text = Buffer.from(bytes).toString();
  try {
    JSON.parse(text);
  } catch (error) {
    assert.fail(`believed what is not JSON (${String(error)}): ${text}`);
  }
}

/** Counts the calls, and fails when one carries what the contract forbids. */
class CheckingSink implements DecodeSink {
  calls = 0;
  delivered = 0;
  bads = 0;
  readonly #instruments: number;

  constructor(instruments: number) {
    this.#instruments = instruments;
  }

  quote(instrument: number, fields: Float64Array): void {
    this.#count(instrument);
    for (const value of fields)
      if (!Number.isFinite(value) && !Number.isNaN(value)) assert.fail(`field ${value}`);
    for (let i = 0; i < 4; i += 2) {
      const [price, size] = [fields[i] as number, fields[i + 1] as number];
      const absent = Number.isNaN(price) && Number.isNaN(size);
      if (!absent && !(price > 0 && size > 0)) assert.fail(`a side of ${price} × ${size}`);
    }
  }

  trade(
    instrument: number,
    fields: Float64Array,
    side: number,
    idBytes: Uint8Array,
    idStart: number,
    idLength: number,
  ): void {
    this.#count(instrument);
    const [price, size, time] = fields;
    if (!(Number.isFinite(price) && (price as number) > 0)) assert.fail(`price ${price}`);
    if (!(Number.isFinite(size) && (size as number) >= 0)) assert.fail(`size ${size}`);
    if (!Number.isFinite(time) && !Number.isNaN(time)) assert.fail(`time ${time}`);
    if (side !== 0 && side !== 1) assert.fail(`side ${side}`);
    const fits =
      idLength >= 0 && idLength <= TRADE_ID_BYTES && idStart >= 0 && idStart + idLength <= idBytes.length;
    if (!fits) assert.fail(`id at ${idStart} of ${idLength}`);
  }

  control(event: ControlEvent): void {
    this.calls += 1;
    assert.equal(typeof event.type, 'string');
  }

  passed(): void {
    this.calls += 1;
  }

  bad(kind: string): void {
    this.calls += 1;
    this.bads += 1;
    if (!(BAD_FRAMES as readonly string[]).includes(kind)) assert.fail(`unknown kind ${kind}`);
  }

  #count(instrument: number): void {
    this.calls += 1;
    this.delivered += 1;
    if (!(instrument >= 0 && instrument < this.#instruments)) assert.fail(`instrument ${instrument}`);
  }
}

interface Message {
  readonly bytes: Uint8Array;
  readonly binary: boolean;
}

/** One to three changes of a real frame, or now and then bytes that never were one. */
function mutate(real: Uint8Array, seeds: readonly Message[], random: () => number): Uint8Array {
  if (random() < 0.03) return Uint8Array.from({ length: below(200, random) }, () => below(256, random));
  let bytes: Uint8Array = Uint8Array.from(real);
  const changes = 1 + below(3, random);
  for (let i = 0; i < changes; i += 1) bytes = change(bytes, seeds, random);
  return bytes;
}

function change(bytes: Uint8Array, seeds: readonly Message[], random: () => number): Uint8Array {
  const at = below(bytes.length + 1, random);
  const run = 1 + below(8, random);
  switch (below(6, random)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << below(8, random));
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = pick(TELLING, random);
      return bytes;
    case 2:
      return joined(
        bytes.subarray(0, at),
        Uint8Array.from({ length: run }, () => pick(TELLING, random)),
        bytes.subarray(at),
      );
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + run)));
    case 4:
      return bytes.subarray(0, at);
    default: {
      const other = pick(seeds, random).bytes;
      return joined(bytes.subarray(0, at), other.subarray(below(other.length + 1, random)));
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function below(limit: number, random: () => number): number {
  return Math.floor(random() * limit);
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[below(items.length, random)] as T;
}
