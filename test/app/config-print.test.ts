import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildConfig } from '../../src/app/config.ts';
import { parseConfigText } from '../../src/app/config-file.ts';
import { configJson, configReference, configYaml } from '../../src/app/config-print.ts';
import { CONFIG_ENTRIES } from '../../src/app/config-tree.ts';

const LOADED = buildConfig(
  parseConfigText(
    'my.yaml',
    'quotes: [USDT, "1000"]\nvenues:\n  okx: { exclude: [NO, "TRUE", 币安-USDT, "1e5"] }\n',
  ),
  [{ path: 'via', flag: '--via', text: 'http://127.0.0.1:1' }],
);

test('what config prints reads back as the same configuration, explained or not', () => {
  for (const explain of [false, true]) {
    const again = buildConfig(parseConfigText('printed.yaml', configYaml(LOADED, explain)), []);
    assert.deepEqual(again.config, LOADED.config);
  }
});

test('each printed entry carries its source', () => {
  const lines = configYaml(LOADED, false).split('\n');
  assert.ok(lines.some((line) => /^quotes: \[USDT, "1000"\] +# my\.yaml:1$/.test(line)));
  assert.ok(lines.some((line) => /^via: "http:\/\/127\.0\.0\.1:1" +# --via$/.test(line)));
  assert.equal(
    lines.filter((line) => / # (default|my\.yaml:\d+|--via)$/.test(line)).length,
    CONFIG_ENTRIES.length,
  );
});

test('the JSON form has the configuration and a source for every entry', () => {
  const { config, sources, file } = JSON.parse(configJson(LOADED)) as Record<string, unknown>;
  assert.deepEqual(config, LOADED.config);
  assert.equal(file, 'my.yaml');
  assert.deepEqual(
    Object.keys(sources as object),
    CONFIG_ENTRIES.map((entry) => entry.path),
  );
});

test('docs/CONFIG.md is what `spreadscope config reference` prints', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/CONFIG.md'), 'utf8');
  assert.equal(page, configReference());
});

test('every entry has a description and says what it allows', () => {
  for (const entry of CONFIG_ENTRIES) assert.ok(entry.description.length > 10, entry.path);
});
