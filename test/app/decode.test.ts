import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { decodeFrames } from '../../src/app/decode.ts';
import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');

async function decode(venue: VenueId, input: string, instruments?: string) {
  const [output, errors] = [new Collector(), new Collector()];
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(input);
  }
  await decodeFrames({ venue, instruments, input: chunks(), output, errors });
  const records = output.lines.map((line) => JSON.parse(line) as unknown);
  return { records, errors: errors.lines.slice(0, -1), totals: errors.lines.at(-1) };
}

class Collector extends Writable {
  #text = '';

  constructor() {
    // Always full: the writer has to wait each time.
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#text += chunk.toString();
    setImmediate(done);
  }

  get lines(): string[] {
    return this.#text.split('\n').slice(0, -1);
  }
}

const QUOTE =
  '{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}';

test('a frame becomes one line in the form of the journal, absent values null', async () => {
  const { records, totals } = await decode('binance', `${QUOTE}\n`);
  assert.deepEqual(records, [
    {
      kind: 'quote',
      venue: 'binance',
      symbol: 'BNB-USDT',
      sequence: 400900217,
      venueTime: null,
      bid: 25.3519,
      bidSize: 31.21,
      ask: 25.3652,
      askSize: 40.66,
    },
  ]);
  assert.equal(totals, '1 lines, 1 quotes, 0 trades, 0 passed over, 0 bad, 0 control');
});

test('bad frames go to the error stream with line number and kind, and are counted by kind', async () => {
  const { records, errors, totals } = await decode(
    'binance',
    `${QUOTE}\n\nbase64:!\n{"a":1}\n${QUOTE.slice(0, 50)}\n`,
  );
  assert.equal(records.length, 1);
  assert.deepEqual(errors, ['line 3: malformed', 'line 4: foreign', 'line 5: truncated']);
  assert.equal(
    totals,
    '5 lines, 1 quotes, 0 trades, 0 passed over, 3 bad (malformed 1, foreign 1, truncated 1), 0 control',
  );
});

test('an instrument list decides symbols, also out of a capture line, and unlisted ids are unknown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-decode-'));
  try {
    const list = JSON.stringify({
      symbols: [
        {
          symbol: 'BNBUSDT',
          status: 'TRADING',
          baseAsset: 'BNBU',
          quoteAsset: 'SDT',
          isSpotTradingAllowed: true,
        },
      ],
    });
    for (const text of [
      list,
      `\ufeff${list}`,
      `one line\nhttps://api/exchangeInfo -> 1633998511.1: ${list}\n`,
    ]) {
      const file = join(folder, 'list.json');
      writeFileSync(file, text);
      const { records, errors } = await decode(
        'binance',
        `${QUOTE}\n${QUOTE.replace('BNBUSDT', 'XUSDT')}\n`,
        file,
      );
      assert.deepEqual(
        records.map((record) => (record as { symbol: string }).symbol),
        ['BNBU-SDT'],
      );
      assert.deepEqual(errors, ['line 2: unknown-symbol']);
    }
    const wrong = join(folder, 'wrong.json');
    writeFileSync(wrong, '{"no":"list"}');
    await assert.rejects(decode('binance', '', wrong), { code: 'VENUE_REPLY_INVALID' });
    await assert.rejects(decode('binance', '', join(folder, 'none.json')), { code: 'FILE_UNREADABLE' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('hundreds of thousands of characters of output arrive whole through a stream that is always full', async () => {
  const { records, totals } = await decode('binance', `${QUOTE}\n`.repeat(5000));
  assert.equal(records.length, 5000);
  assert.match(totals ?? '', /^5000 lines, 5000 quotes/);
});

/** Renamed coins keep their old id: only the venue's list knows the new name, not the suffix rule. */
const RENAMED: Readonly<Record<string, string>> = { 'BSV-USDT': 'BCHSV-USDT' };

interface Fixture {
  readonly frame: string;
  readonly records: readonly { readonly symbol: string }[];
}

for (const venue of VENUE_IDS) {
  test(`${venue}: the fixtures' frames decode to their records with symbols by the suffix rule`, async () => {
    const text = readFileSync(join(FIXTURES, venue, 'frames.ndjson'), 'utf8');
    const fixtures = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Fixture);
    for (const { frame, records } of fixtures) {
      const expected = records.map((record) => ({
        ...record,
        symbol: RENAMED[record.symbol] ?? record.symbol,
      }));
      assert.deepEqual((await decode(venue, frame)).records, expected, frame);
    }
  });
}
