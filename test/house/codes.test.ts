import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRORS } from '../../src/core/errors.ts';
import { CLOSE_CODES } from '../../src/wire/stream.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/CODES.md'), 'utf8');

test('docs/CODES.md lists every close code of the program with its meaning and whether to come back', () => {
  const rows = [...PAGE.matchAll(/^\| (4\d{3}) \| `(\w+)` \| (yes|no) \| ([^|]+) \| ([^|]{20,}) \|$/gm)];
  const listed = rows.map(([, code, name, back, meaning]) => [name, Number(code), back === 'yes', meaning]);
  const known = Object.entries(CLOSE_CODES).map(([name, { code, reconnect, meaning }]) => [
    name,
    code,
    reconnect,
    meaning,
  ]);
  assert.deepEqual(listed, known);
  for (const { code, reconnect } of Object.values(CLOSE_CODES)) assert.equal(reconnect, code < 4500);
});

test('docs/CODES.md lists every refusal of an upgrade with its status', () => {
  const rows = [...PAGE.matchAll(/^\| (\d{3}) \| `([A-Z_]+)` \| (?:yes|no) \| [^|]{20,} \|$/gm)];
  const source = readFileSync(join(ROOT, 'src/gateway/upgrades.ts'), 'utf8');
  const used = new Set([...source.matchAll(/'([A-Z_]{6,})'/g)].map((match) => match[1]));
  assert.deepEqual(new Set(rows.map(([, , code]) => code)), used);
  for (const [, status, code] of rows) {
    assert.equal(ERRORS[code as keyof typeof ERRORS].http, Number(status), code);
  }
});
