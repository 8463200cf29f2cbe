import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildConfig, loadConfig, tokenOf } from '../../src/app/config.ts';
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

test('a token is never printed, whether it is right or wrong', () => {
  const token = 'a-very-secret-token-0123456789';
  const loaded = buildConfig(parseConfigText('my.yaml', `server: { token: ${token} }`), []);
  for (const text of [configYaml(loaded, true), configJson(loaded)]) {
    assert.ok(text.includes('(set)') && !text.includes(token));
  }
  assert.throws(
    () => buildConfig(parseConfigText('my.yaml', 'server: { token: "too short" }'), []),
    (error: Error) => !error.message.includes('too short') && error.message.includes('16 to 256'),
  );
});

test('a token comes from the environment or the first line of a file, and a bad file tells nothing of what it holds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-'));
  const file = join(folder, 'token');
  const env = { SPREADSCOPE_TOKEN: 'from-the-environment-1' };
  const loaded = loadConfig({ folder, flags: [], env });
  assert.deepEqual(
    [tokenOf(loaded.config), loaded.sources.get('server.token')],
    ['from-the-environment-1', 'SPREADSCOPE_TOKEN'],
  );
  const { config } = loadConfig({
    folder,
    flags: [{ path: 'server.tokenFile', flag: '--set', text: file }],
  });
  assert.throws(() => tokenOf(config), { code: 'FILE_UNREADABLE' });
  writeFileSync(file, 'from-the-file-0123456789\nmore\n');
  assert.equal(tokenOf(config), 'from-the-file-0123456789');
  writeFileSync(file, 'short-secret\n');
  assert.throws(
    () => tokenOf(config),
    (error: Error & { code?: string }) =>
      error.code === 'CONFIG_INVALID' && !error.message.includes('short-secret'),
  );
  rmSync(folder, { recursive: true });
});
