import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IdentityDecisions } from '../../src/app/identity-decisions.ts';
import { SpreadscopeError } from '../../src/core/errors.ts';

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
