import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRORS } from '../../src/core/errors.ts';

const ROOT = join(import.meta.dirname, '../../..');

interface Row {
  readonly code: string;
  readonly exit: number;
  readonly http: number;
  readonly meaning: string;
  readonly advice: string;
}

function rows(): Row[] {
  const page = readFileSync(join(ROOT, 'docs/ERRORS.md'), 'utf8');
  return [...page.matchAll(/^\| `([A-Z_]+)` \| (\d) \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$/gm)].map((match) => {
    const [, code = '', exit, http, meaning = '', advice = ''] = match;
    return { code, exit: Number(exit), http: Number(http), meaning: meaning.trim(), advice: advice.trim() };
  });
}

test('docs/ERRORS.md lists the codes of the program, all of them and no others, in the same order', () => {
  assert.deepEqual(
    rows().map((row) => row.code),
    Object.keys(ERRORS),
  );
});

test('docs/ERRORS.md gives the same exit codes, HTTP statuses and meanings, and says what to do', () => {
  for (const { code, exit, http, meaning, advice } of rows()) {
    const facts: { exit: number; http: number; meaning: string } = ERRORS[code as keyof typeof ERRORS];
    assert.deepEqual(
      { exit, http, meaning },
      { exit: facts.exit, http: facts.http, meaning: facts.meaning },
      code,
    );
    assert.ok(advice.length > 15, `${code} does not say what to do`);
  }
});

test('every code is used somewhere', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'errors.ts')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
  assert.deepEqual(
    Object.keys(ERRORS).filter((code) => !sources.includes(`'${code}'`)),
    [],
  );
});
