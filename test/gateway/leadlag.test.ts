import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeSources, NOW, start } from './fake-sources.ts';

test('leads are asked for by symbol and range, and what is not allowed is told', async (t) => {
  const sources = new FakeSources();
  const gateway = await start(sources);
  t.after(() => gateway.stop());
  const get = async (query: string) => {
    const reply = await fetch(`${gateway.url}/api/v1/leadlag${query}`);
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  const { status, body } = await get('?symbol=BTC-USDT');
  assert.equal(status, 200);
  assert.deepEqual([body.symbol, body.from, body.to], ['BTC-USDT', NOW - 900_000_000, NOW]);
  assert.deepEqual(sources.leads, [{ symbol: 'BTC-USDT', from: NOW - 900_000_000, to: NOW }]);
  const wrong: [string, number, string][] = [
    ['', 400, 'BAD_REQUEST'],
    ['?symbol=NONE-USDT', 404, 'UNKNOWN_SYMBOL'],
    ['?symbol=BTC-USDT&from=-1h&to=-2h', 400, 'BAD_REQUEST'],
    ['?symbol=BTC-USDT&from=-25h', 400, 'BAD_REQUEST'],
    ['?symbol=BTC-USDT&venues=okx', 400, 'BAD_REQUEST'],
  ];
  for (const [query, code, name] of wrong) {
    const answer = await get(query);
    const { error } = answer.body as { readonly error: { readonly code: string } };
    assert.deepEqual([answer.status, error.code], [code, name], query);
  }
});
