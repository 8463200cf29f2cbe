import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IdentityDecisions } from '../../src/app/identity-decisions.ts';
import { IdentitySource } from '../../src/app/identity-source.ts';
import { SpreadscopeError } from '../../src/core/errors.ts';
import { Market } from '../../src/market/market.ts';
import { FREE } from '../market/rules.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z') * 1000;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-identity-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const codeOf = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof SpreadscopeError && error.code === code && text.test(error.message);

test('a decision is in the file before it counts, whichever venue is named first, and is there after a restart', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'new', 'identities.json');
    const decisions = new IdentityDecisions(path, () => NOW);
    assert.equal(decisions.of('ABC-USDT', 'okx', 'gate'), undefined);
    await decisions.decide('ABC-USDT', 'okx', 'gate', 'approved');
    const [a, b] = [decisions.of('ABC-USDT', 'gate', 'okx'), decisions.of('ABC-USDT', 'okx', 'gate')];
    assert.equal(a?.decision, 'approved');
    assert.deepEqual(a, b);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), {
      version: 1,
      decisions: [
        { symbol: 'ABC-USDT', venues: a?.venues, decision: 'approved', time: '2026-03-01T12:00:00.000Z' },
      ],
    });
    await decisions.decide('ABC-USDT', 'gate', 'okx', 'denied');
    const again = new IdentityDecisions(path, () => NOW);
    assert.equal(again.of('ABC-USDT', 'okx', 'gate')?.decision, 'denied');
    await again.decide('ABC-USDT', 'okx', 'gate', 'withdrawn');
    assert.equal(again.of('ABC-USDT', 'okx', 'gate'), undefined);
    assert.equal(new IdentityDecisions(path, () => NOW).bound().used, 0);
  }));

test('decisions at once are all kept', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'identities.json');
    const decisions = new IdentityDecisions(path, () => NOW);
    const symbols = Array.from({ length: 30 }, (_, i) => `C${i}-USDT`);
    await Promise.all(symbols.map((symbol) => decisions.decide(symbol, 'okx', 'gate', 'denied')));
    const again = new IdentityDecisions(path, () => NOW);
    for (const symbol of symbols) assert.equal(again.of(symbol, 'gate', 'okx')?.decision, 'denied', symbol);
  }));

test('one that cannot be written was not taken; the next one can be', () =>
  inFolder(async (folder) => {
    const blocked = join(folder, 'file');
    writeFileSync(blocked, '');
    const decisions = new IdentityDecisions(join(folder, 'identities.json'), () => NOW);
    const nowhere = new IdentityDecisions(join(folder, 'none', 'x.json'), () => NOW);
    // A folder that is a file.
    Object.defineProperty(nowhere, 'path', { value: join(blocked, 'x.json') });
    await assert.rejects(
      nowhere.decide('ABC-USDT', 'okx', 'gate', 'denied'),
      codeOf('FILE_UNWRITABLE', /was not taken/),
    );
    assert.equal(nowhere.of('ABC-USDT', 'okx', 'gate'), undefined);
    await decisions.decide('ABC-USDT', 'okx', 'gate', 'denied');
    assert.equal(decisions.of('ABC-USDT', 'okx', 'gate')?.decision, 'denied');
  }));

test('a decision counts once the name of its file is on the disk too', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'identities.json');
    const settled: { readonly folder: string; readonly text: string; readonly counts: boolean }[] = [];
    let fails = false;
    const decisions: IdentityDecisions = new IdentityDecisions(
      path,
      () => NOW,
      async (settling) => {
        const counts = decisions.of('ABC-USDT', 'okx', 'gate') !== undefined;
        settled.push({ folder: settling, text: readFileSync(path, 'utf8'), counts });
        if (fails) throw Object.assign(new Error('no'), { code: 'EIO' });
      },
    );
    fails = true;
    await assert.rejects(
      decisions.decide('ABC-USDT', 'okx', 'gate', 'denied'),
      codeOf('FILE_UNWRITABLE', /EIO.*decide again/),
    );
    assert.equal(decisions.of('ABC-USDT', 'okx', 'gate'), undefined);
    fails = false;
    await decisions.decide('ABC-USDT', 'okx', 'gate', 'denied');
    assert.equal(decisions.of('ABC-USDT', 'okx', 'gate')?.decision, 'denied');
    assert.deepEqual(
      settled.map(({ folder: of, counts }) => [of, counts]),
      [
        [folder, false],
        [folder, false],
      ],
    );
    // The new name was there when it was made durable.
    for (const { text } of settled) assert.match(text, /"denied"/);
    // And without a stand-in the disk is asked.
    await new IdentityDecisions(path, () => NOW).decide('ABC-USDT', 'okx', 'gate', 'withdrawn');
  }));

test('a pair that is not followed cannot be decided, and nothing is written', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'identities.json');
    const market = new Market({
      ...{ instrumentCapacity: 4, symbolCapacity: 2 },
      // Room for one pair of the three.
      analysis: {
        ...{ ...FREE, pairs: 1, thresholds: { openNet: 0.001, closeNet: 0.0005 }, followers: [] },
        opportunities: { openCapacity: 4 },
      },
    });
    for (const [instrument, venue] of (['binance', 'okx', 'gate'] as const).entries()) {
      const names = { nativeId: 'X', symbol: 'X-USDT', base: 'X', quote: 'USDT' };
      market.list({ ...names, instrument, venue, takerFee: 0 });
    }
    const source = new IdentitySource(market, new IdentityDecisions(path, () => NOW));
    await assert.rejects(
      source.decide('X-USDT', 'okx', 'gate', 'denied'),
      codeOf('UNKNOWN_ROUTE', /limits\.pairs/),
    );
    assert.equal(existsSync(path), false);
    await source.decide('X-USDT', 'okx', 'binance', 'denied');
    assert.equal(source.read().pairs[0]?.state, 'denied');
  }));

test('a file of another form stops the start and is left as it is', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'identities.json');
    const wrong = [
      '',
      '{"version":2,"decisions":[]}',
      '{"version":1,"decisions":[{"symbol":"A-USDT","venues":["okx","nowhere"],"decision":"approved","time":""}]}',
      '{"version":1,"decisions":[],"more":1}',
    ];
    for (const text of wrong) {
      writeFileSync(path, text);
      assert.throws(() => new IdentityDecisions(path, () => NOW), codeOf('CONFIG_INVALID', /identity\.file/));
      assert.equal(readFileSync(path, 'utf8'), text);
    }
  }));

test('there is a limit, and it says what to do', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'identities.json');
    const one = (i: number) => ({
      symbol: `C${i}-USDT`,
      venues: ['okx', 'gate'],
      decision: 'denied',
      time: '2026-03-01T12:00:00.000Z',
    });
    writeFileSync(
      path,
      JSON.stringify({ version: 1, decisions: Array.from({ length: 1024 }, (_, i) => one(i)) }),
    );
    const decisions = new IdentityDecisions(path, () => NOW);
    assert.equal(decisions.bound().used, 1024);
    await assert.rejects(
      decisions.decide('ABC-USDT', 'okx', 'gate', 'denied'),
      codeOf('BAD_REQUEST', /withdraw/),
    );
    await decisions.decide('C7-USDT', 'okx', 'gate', 'approved');
    assert.equal(decisions.of('C7-USDT', 'okx', 'gate')?.decision, 'approved');
  }));
