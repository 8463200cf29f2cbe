import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LAKE_TABLES, TABLE_COLUMNS } from '../../src/lake/tables.ts';

test('the page about the lake names the columns of each table, in their order', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/LAKE.md'), 'utf8');
  for (const table of LAKE_TABLES)
    assert.ok(page.includes(`| \`${table}\` | \`${Object.keys(TABLE_COLUMNS[table]).join(', ')}\``), table);
});
