import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { run } from './run.ts';

const LEDGER = {
  budget: 512e6,
  total: 12.5e6,
  allowance: 108e6,
  bounds: [
    {
      ...{ name: 'feed0.quotes', policy: 'refuse', capacity: 131_072, capacityBytes: 9.5e6 },
      ...{ cleanedBy: 'the reader', used: 1234, usedBytes: 90_000, peak: 5000 },
      ...{ refused: 0, replaced: 0, evicted: 0, lost: 0 },
    },
    {
      ...{ name: 'gateway.outboxes', policy: 'conflate', capacity: 256, capacityBytes: 3e6 },
      ...{ cleanedBy: 'the \u001b[31mclient', used: 2, usedBytes: 10, peak: 9 },
      ...{ refused: 0, replaced: 4321, evicted: 5, lost: 0 },
    },
  ],
};

/** Answers everything with this, and keeps the token it was shown. */
async function answering(
  status: number,
  body: string,
  during: (url: string, shown: string[]) => Promise<void>,
) {
  const shown: string[] = [];
  const server = createServer((request, reply) => {
    shown.push(`${request.url} ${request.headers.authorization ?? ''}`);
    reply.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await during(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown);
  } finally {
    server.close();
  }
}

test('bounds shows the ledger as a table with its sum, and to programs as it is', async () => {
  await answering(200, JSON.stringify(LEDGER), async (url, shown) => {
    const { code, out, err } = await run(['bounds', '--url', url, '--token', 'abc']);
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(out.split('\n'), [
      'component  structure    limit  in use   peak   MB  when full    cleaned by       given up',
      'feed0      quotes     131,072   1,234  5,000  9.5  refuses      the reader',
      'gateway    outboxes       256       2      9  3.0  newest wins  the  [31mclient  4,321 replaced, 5 evicted',
      '',
      '12.5 MB of bounds + 108.0 MB for V8, libraries and threads = 120.5 MB of 512.0 MB (391.5 MB left)',
      '',
    ]);
    assert.deepEqual(shown, ['/api/v1/bounds Bearer abc']);
    const json = await run(['bounds', '--url', url, '--json']);
    assert.deepEqual(JSON.parse(json.out), LEDGER);
  });
});

test('bounds fails with one line when nobody answers, somebody else does, or it is refused', async () => {
  const fails = async (url: string, pattern: RegExp, code = 1): Promise<void> => {
    const ended = await run(['bounds', '--url', url]);
    assert.deepEqual([ended.code, ended.out], [code, '']);
    assert.match(ended.err, pattern);
  };
  await fails(
    'http://127.0.0.1:9',
    /^error SERVER_UNREACHABLE: no spreadscope at http:\/\/127\.0\.0\.1:9 \([^)]+\); start one[^\n]*\n$/,
  );
  await fails('nonsense', /^error USAGE: --url takes an address/, 2);
  await answering(200, '<html>', (url) =>
    fails(url, /^error SERVER_UNREACHABLE: .*it answers something else/),
  );
  await answering(404, '', (url) => fails(url, /^error SERVER_UNREACHABLE: .*HTTP 404/));
  const refusal = JSON.stringify({ error: { code: 'FORBIDDEN', message: 'not you' } });
  await answering(403, refusal, (url) => fails(url, /^error FORBIDDEN: not you\n$/));
});
