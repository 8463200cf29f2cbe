import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Duck, openDuck, sqlText } from '../../src/lake/duck.ts';
import { PieceRanges } from '../../src/lake/piece-ranges.ts';
import { chance, temporaryLake } from './journal-rig.ts';

let duck: Duck;
const folder = temporaryLake();
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
});
after(() => {
  duck.close();
  rmSync(folder, { recursive: true });
});

test('of many pieces the one with the symbol is found, whatever was asked before, with few footers read', async () => {
  const random = chance(3);
  // Text is compared by its bytes: the last ones are out of order for whoever compares UTF-16.
  const symbols = [
    ...Array.from({ length: 90 }, (_, i) => `C${String(i).padStart(3, '0')}-USDT`),
    'Ａ-USDT',
    '𝔸-USDT',
  ];
  const pieces: string[][] = [];
  for (let at = 0; at < symbols.length; ) {
    const size = 1 + Math.floor(random() * 4);
    // Between pieces there are symbols that no piece has.
    pieces.push(symbols.slice(at, at + size).filter((_, i) => i !== 1));
    at += size;
  }
  const paths = pieces.map((_, i) => join(folder, `${i}.parquet`));
  for (const [i, names] of pieces.entries())
    await duck.run(
      `COPY (SELECT unnest([${names.map(sqlText).join(', ')}]) AS symbol) TO ${sqlText(paths[i] ?? '')} (FORMAT parquet)`,
    );
  let footers = 0;
  const counted = {
    rows: async (sql: string) => {
      footers += 1;
      return await duck.rows(sql);
    },
  };
  const ranges = new PieceRanges();
  const mixed = [...symbols, 'A', 'ZZZ', '龙-USDT']
    .map((symbol) => ({ symbol, key: random() }))
    .sort((a, b) => a.key - b.key);
  for (const { symbol } of mixed) {
    const [found, ...more] = await ranges.pick(counted, paths, symbol);
    const at = pieces.findIndex((names) => names.includes(symbol));
    assert.deepEqual(more, []);
    if (at >= 0) assert.equal(found, paths[at], symbol);
  }
  assert.ok(footers <= paths.length);
  const before = footers;
  const fresh = new PieceRanges();
  await fresh.pick(counted, paths, 'C050-USDT');
  assert.ok(footers - before <= 8, `${footers - before} footers for one symbol of ${paths.length} pieces`);
  assert.deepEqual(await ranges.pick(counted, paths.slice(0, 3), 'ZZZ'), paths.slice(0, 3));
});
