import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dial } from '../../../src/venues/kucoin/dial.ts';

const REPLY = {
  code: '200000',
  data: {
    token: '2neA+/=',
    instanceServers: [
      {
        endpoint: 'wss://ws-api-spot.kucoin.com/',
        encrypt: true,
        protocol: 'websocket',
        pingInterval: 18000,
      },
    ],
  },
};

it('dials the server that the token reply names, with the token and a fresh id', () => {
  const address = dial.url('wss://ignored', REPLY, 'id 1');
  assert.equal(address, 'wss://ws-api-spot.kucoin.com/?token=2neA%2B%2F%3D&connectId=id%201');
});

it('refuses a reply without a token or a WebSocket endpoint', () => {
  const without = { ...REPLY.data, instanceServers: [] };
  const elsewhere = { ...REPLY.data, instanceServers: [{ endpoint: 'file:///etc/passwd' }] };
  for (const reply of [null, {}, { data: { token: 'x' } }, { data: without }, { data: elsewhere }])
    assert.throws(() => dial.url('wss://x', reply, 'a'), { code: 'VENUE_REPLY_INVALID' });
});
