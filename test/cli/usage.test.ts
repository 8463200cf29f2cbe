import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import { run, spawnProgram } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'spreadscope-cli-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

/** Runs it and demands exactly one line `error CODE: message` on standard error, nothing on standard output, and the code's exit code. */
async function fails(args: readonly string[], code: ErrorCode, message: RegExp): Promise<void> {
  const ended = await run(args, '', folder);
  const words = `spreadscope ${args.join(' ')}`;
  assert.equal(ended.out, '', words);
  assert.match(ended.err, /^error [A-Z_]+: [^\n]+\n$/, words);
  assert.ok(ended.err.startsWith(`error ${code}: `), `${words}: ${ended.err}`);
  assert.match(ended.err, message, words);
  assert.equal(ended.code, ERRORS[code].exit, words);
}

test('what is used wrongly ends with one line, a code and exit 2', async () => {
  await fails(
    [],
    'USAGE',
    /name a command: start, demo, sim, history, stats, survival, leadlag, replay, query, lake, why, alert, bounds, identity, decode, config, doctor/,
  );
  await fails(['strat'], 'USAGE', /did you mean start\?/);
  await fails(['start', '--prot', '1'], 'USAGE', /unknown option '--prot'.*--port/);
  await fails(['start', '--port'], 'USAGE', /argument missing/);
  await fails(['start', 'now'], 'USAGE', /too many arguments/);
  await fails(['decode'], 'USAGE', /missing required argument 'venue'/);
  await fails(['start', '--set', 'feed'], 'USAGE', /--set takes PATH=VALUE/);
  await fails(['sim', '--symbols', 'many'], 'USAGE', /--symbols takes a whole number/);
  await fails(['demo', '--scenario', 'nice', '--port', '0'], 'USAGE', /scenario is nice/);
});

test('an unknown venue is named with the one that was meant', async () => {
  await fails(['decode', 'binanc'], 'UNKNOWN_VENUE', /"binanc"; did you mean binance\?/);
  await fails(['start', '--venues', 'okx,coinbase'], 'UNKNOWN_VENUE', /"coinbase"; known: binance/);
  await fails(['decode', 'ok\u001b[2J\n'], 'UNKNOWN_VENUE', /no venue "ok\\u001b\[2J\\n"/);
});

test('a bad configuration is refused before anything opens', async () => {
  await fails(['start', '--port', '99999'], 'CONFIG_INVALID', /server\.port \(--port\): given "?99999/);
  await fails(['start', '--host', '0.0.0.0'], 'CONFIG_INVALID', /loopback/);
  const bad = file('bad.yaml', 'server: { port: x }\nfeed: { wrokers: 1 }\nvia: ftp://x\n');
  await fails(
    ['start', '--config', bad],
    'CONFIG_INVALID',
    /\(and 2 more: run `spreadscope config check bad\.yaml`\)/,
  );
  await fails(['demo', '--config', file('no.yaml', '{')], 'CONFIG_INVALID', /no\.yaml:\d+: not YAML/);
});

test('a file that cannot be read is a failure with its path', async () => {
  await fails(['start', '--config', 'none.yaml'], 'FILE_UNREADABLE', /none\.yaml: there is no such file/);
  await fails(['config', 'check', 'none.yaml'], 'FILE_UNREADABLE', /none\.yaml/);
  await fails(['decode', 'okx', '--instruments', 'none.json'], 'FILE_UNREADABLE', /none\.json/);
  await fails(
    ['decode', 'okx', '--instruments', file('list.json', '[]')],
    'VENUE_REPLY_INVALID',
    /list\.json/,
  );
});

test('a taken port is named', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  try {
    await fails(['start', '--port', port, '--via', 'http://127.0.0.1:9'], 'PORT_IN_USE', new RegExp(port));
    await fails(['sim', '--port', port], 'PORT_IN_USE', new RegExp(port));
  } finally {
    other.close();
  }
});

test('help and version go to standard output with exit 0', async () => {
  for (const args of [['--help'], ['help', 'start'], ['decode', '--help'], ['config', 'check', '--help']]) {
    const { code, out, err } = await run(args);
    assert.equal(code, 0);
    assert.match(out, /^Usage: spreadscope/);
    assert.equal(err, '');
  }
  assert.match((await run(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
});

test('config check lists every error, and says when there is none', async () => {
  const bad = file('two.yaml', 'quotes: []\nlog: { level: loud }\n');
  const ended = await run(['config', 'check', bad], '', folder);
  assert.equal(ended.code, 2);
  assert.deepEqual(ended.err.split('\n').slice(0, 3), [
    'error CONFIG_INVALID: two.yaml has 2 errors',
    '  quotes (two.yaml:1): given [], allowed a list, each a currency in capitals such as USDT, at least 1 and at most 32',
    '  log.level (two.yaml:2): given "loud", allowed info or warn or error',
  ]);
  const json = JSON.parse((await run(['config', 'check', '--json', bad], '', folder)).out) as {
    problems: unknown[];
  };
  assert.equal(json.problems.length, 2);
  const good = await run(['config', 'check', file('good.yaml', 'quotes: [USDC]\n')], '', folder);
  assert.deepEqual([good.code, good.out, good.err], [0, 'good.yaml is valid\n', '']);
});

test('config prints what is in force; a file in the folder counts, a flag counts more', async () => {
  file('spreadscope.yaml', 'symbolsPerVenue: 10\nserver: { port: 1 }\n');
  const { out } = await run(['config', '--port', '2', '--venues', 'okx,gate', '--json'], '', folder);
  rmSync(join(folder, 'spreadscope.yaml'));
  const { config, sources } = JSON.parse(out) as {
    config: {
      server: { port: number };
      symbolsPerVenue: number;
      venues: Record<string, { enabled: boolean }>;
    };
    sources: Record<string, string>;
  };
  assert.equal(config.server.port, 2);
  assert.equal(config.symbolsPerVenue, 10);
  assert.deepEqual(
    Object.entries(config.venues).flatMap(([id, venue]) => (venue.enabled ? [id] : [])),
    ['okx', 'gate'],
  );
  assert.equal(sources['server.port'], '--port');
  assert.equal(sources.symbolsPerVenue, 'spreadscope.yaml:1');
});

test('decode writes records to standard output and totals to standard error, and exits 0 over bad frames', async () => {
  const frame = '{"u":1,"s":"BNBUSDT","b":"25.3","B":"31","a":"25.4","A":"40"}';
  const { code, out, err } = await run(['decode', 'binance'], `${frame}\nhex:zz`);
  assert.equal(code, 0);
  assert.equal(
    out,
    '{"kind":"quote","venue":"binance","symbol":"BNB-USDT","sequence":1,"venueTime":null,"bid":25.3,"bidSize":31,"ask":25.4,"askSize":40}\n',
  );
  assert.equal(
    err,
    'line 2: malformed\n2 lines, 1 quotes, 0 trades, 0 passed over, 1 bad (malformed 1), 0 control\n',
  );
});

test('a reader that goes away ends decode quietly', async () => {
  const child = spawnProgram(['decode', 'binance']);
  child.stdin?.on('error', () => undefined);
  const frame = '{"u":1,"s":"BNBUSDT","b":"25.3","B":"31","a":"25.4","A":"40"}\n';
  child.stdin?.write(frame.repeat(5000));
  child.stdout?.once('data', () => child.stdout?.destroy());
  let err = '';
  child.stderr?.on('data', (part: Buffer) => {
    err += part.toString();
  });
  child.stdout?.once('close', () => child.stdin?.end(frame.repeat(5000)));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.deepEqual([code, err], [0, '']);
});
