import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeSources, identityPair, start } from './fake-sources.ts';

const ORDER = { symbol: 'BTC-USDT', venues: ['okx', 'gate'], decision: 'approved' };

test('what is in doubt is listed, and a decision reaches its source', async (t) => {
  const sources = new FakeSources();
  const gateway = await start(sources);
  t.after(() => gateway.stop());
  const url = `${gateway.url}/api/v1/identity`;
  const expected = { pairs: [identityPair()], quarantined: 1, file: 'identities.json' };
  assert.deepEqual(await (await fetch(url)).json(), expected);
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const taken = await post(ORDER);
  assert.equal(taken.status, 200);
  assert.deepEqual(await taken.json(), expected);
  assert.deepEqual(sources.identity.decided, [['BTC-USDT', 'okx', 'gate', 'approved']]);
  const wrong: unknown[] = [
    [],
    { ...ORDER, venues: ['okx'] },
    { ...ORDER, venues: ['okx', 'okx'] },
    { ...ORDER, venues: ['okx', 'nowhere'] },
    { ...ORDER, decision: 'perhaps' },
    { ...ORDER, more: 1 },
    { symbol: 'BTC-USDT' },
  ];
  for (const body of wrong) {
    const reply = await post(body);
    const { error } = (await reply.json()) as { readonly error: { readonly code: string } };
    assert.deepEqual([reply.status, error.code], [400, 'BAD_REQUEST'], JSON.stringify(body));
  }
  assert.equal(sources.identity.decided.length, 1);
});

test('the page of another origin decides nothing', async (t) => {
  const sources = new FakeSources();
  const gateway = await start(sources);
  t.after(() => gateway.stop());
  const url = `${gateway.url}/api/v1/identity`;
  const send = (headers: Record<string, string>): Promise<Response> =>
    fetch(url, { method: 'POST', headers, body: JSON.stringify(ORDER) });
  const foreign = await send({ 'content-type': 'application/json', origin: 'https://evil.example' });
  assert.equal(foreign.status, 403);
  // What a form of another page could send without asking.
  assert.ok((await send({ 'content-type': 'text/plain' })).status >= 400);
  assert.deepEqual(sources.identity.decided, []);
  const own = await send({ 'content-type': 'application/json', origin: gateway.url });
  assert.equal(own.status, 200);
});
