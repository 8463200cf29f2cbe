import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { Client } from './client.ts';

describe('each simulated venue keeps to its own protocol', { timeout: 20_000 }, () => {
  let simulator: Simulator;
  const clients: Client[] = [];

  before(async () => {
    simulator = await startSimulator({ port: 0, symbols: 40, rate: 200, seed: 2 });
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await simulator.stop();
  });

  async function dial(path: string): Promise<Client> {
    const client = await Client.dial(simulator.url.replace('http', 'ws') + path);
    clients.push(client);
    return client;
  }

  async function get(
    path: string,
    method = 'GET',
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(simulator.url + path, { method });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('binance wraps data in the combined form under /stream and not under /ws', async () => {
    const combined = await dial('/binance/stream');
    combined.send({ method: 'SUBSCRIBE', params: ['btcusdt@bookTicker'], id: 7 });
    assert.deepEqual(await combined.json((m) => 'result' in m), { result: null, id: 7 });
    const wrapped = await combined.json((m) => 'stream' in m);
    assert.equal(wrapped.stream, 'btcusdt@bookTicker');
    const raw = await dial('/binance/ws/btcusdt@bookTicker');
    const bare = await raw.json((m) => 'u' in m);
    assert.deepEqual(Object.keys(bare), ['u', 's', 'b', 'B', 'a', 'A']);
    assert.equal(bare.s, 'BTCUSDT');
  });

  it('binance accepts a stream of an unknown symbol and stays silent, and refuses a malformed one', async () => {
    const client = await dial('/binance/stream');
    client.send({ method: 'SUBSCRIBE', params: ['nopeusdt@bookTicker'], id: 'a' });
    assert.deepEqual(await client.json((m) => m.id === 'a'), { result: null, id: 'a' });
    client.send({ method: 'SUBSCRIBE', params: ['btcusdt'], id: 2 });
    const refusal = await client.json((m) => m.id === 2);
    assert.deepEqual(refusal, { error: { code: 2, msg: 'Invalid request: invalid stream' }, id: 2 });
    assert.ok(client.frames.every((frame) => !frame.text.includes('nopeusdt')));
  });

  it('binance closes with 1008 after more than five messages in a second', async () => {
    const client = await dial('/binance/ws');
    for (let id = 0; id < 7; id += 1) client.send({ method: 'LIST_SUBSCRIPTIONS', id });
    assert.deepEqual(await client.closed, { code: 1008, reason: 'Too many requests' });
  });

  it('binance writes times in microseconds when asked to', async () => {
    const client = await dial('/binance/stream?timeUnit=microsecond&streams=btcusdt@trade');
    const { data } = await client.json((m) => m.stream === 'btcusdt@trade');
    assert.match(String((data as Record<string, unknown>).T), /^\d{13}000$/);
  });

  it('bybit refuses more than ten args whole, but not of a client that numbers requests with integers', async () => {
    const listed = await get('/bybit/v5/market/instruments-info?category=spot');
    const { list } = listed.body.result as { list: { symbol: string }[] };
    const args = list.slice(0, 11).map((each) => `orderbook.1.${each.symbol}`);
    const client = await dial('/bybit/v5/public/spot');
    client.send({ op: 'subscribe', req_id: 'x', args });
    const refusal = await client.json((m) => m.req_id === 'x');
    assert.equal(refusal.success, false);
    assert.equal(refusal.ret_msg, 'args size >10');
    client.send({ op: 'subscribe', req_id: 1, args });
    assert.equal((await client.json((m) => m.req_id === 1)).success, true);
    const first = await client.json((m) => m.topic === args[0]);
    assert.equal(first.type, 'snapshot');
  });

  it('bybit names the symbol it refuses and answers pings with op ping', async () => {
    const client = await dial('/bybit/v5/public/spot');
    client.send({ op: 'subscribe', args: ['orderbook.1.BTCUSDT', 'orderbook.1.NOPEUSDT'] });
    const refusal = await client.json((m) => m.success === false);
    assert.equal(refusal.ret_msg, 'Invalid symbol :[orderbook.1.NOPEUSDT]');
    client.send({ op: 'ping', req_id: 'p' });
    const pong = await client.json((m) => m.req_id === 'p');
    assert.deepEqual([pong.success, pong.ret_msg, pong.op], [true, 'pong', 'ping']);
  });

  it('okx acknowledges each arg by itself, refuses an unknown one, and answers ping with pong', async () => {
    const client = await dial('/okx/ws/v5/public');
    const args = ['BTC-USDT', 'NOPE-USDT', 'ETH-USDT'].map((instId) => ({ channel: 'bbo-tbt', instId }));
    client.send({ id: '15', op: 'subscribe', args });
    await client.json((m) => m.event === 'subscribe' && JSON.stringify(m.arg) === JSON.stringify(args[2]));
    const acks = client.frames.filter((frame) => frame.text.includes('"event":"subscribe"'));
    assert.equal(acks.length, 2);
    const error = await client.json((m) => m.event === 'error');
    assert.equal(error.code, '60018');
    assert.match(String(error.msg), /channel:bbo-tbt,instId:NOPE-USDT doesn't exist/);
    client.send('ping');
    await client.frame((frame) => frame.text === 'pong');
  });

  it('gate echoes the payload, accepts times in ms without an id, and refuses unknown pairs', async () => {
    const client = await dial('/gate/ws/v4/');
    const channel = 'spot.book_ticker';
    client.send({ time: 1_795_420_972_037, channel, event: 'subscribe', payload: ['BTC_USDT'] });
    const ack = await client.json((m) => m.event === 'subscribe');
    assert.deepEqual([ack.payload, ack.error, ack.result], [['BTC_USDT'], null, { status: 'success' }]);
    assert.ok(!('id' in ack));
    client.send({ time: 1_795_420_972, id: 4, channel, event: 'subscribe', payload: ['NOPE_USDT'] });
    const refusal = await client.json((m) => m.id === 4);
    assert.deepEqual(refusal.error, { code: 2, message: 'unknown currency pair: NOPE_USDT' });
    client.send({ time: 1_795_420_972, channel: 'spot.ping' });
    await client.json((m) => m.channel === 'spot.pong');
  });

  it('kucoin gives a token by POST alone, good for one dial', async () => {
    assert.equal((await get('/kucoin/api/v1/bullet-public')).body.code, '405000');
    const { body } = await get('/kucoin/api/v1/bullet-public', 'POST');
    const data = body.data as { token: string; instanceServers: { endpoint: string }[] };
    const url = `${data.instanceServers[0]?.endpoint}?token=${data.token}&connectId=c1`;
    const client = await Client.dial(url);
    clients.push(client);
    assert.deepEqual(await client.json(() => true), { id: 'c1', type: 'welcome' });
    client.send({
      id: '1',
      type: 'subscribe',
      topic: '/spotMarket/level1:BTC-USDT,ETH-USDT',
      response: true,
    });
    assert.deepEqual(await client.json((m) => m.id === '1'), { id: '1', type: 'ack' });
    // Data always comes under a topic of one symbol.
    await client.json((m) => m.topic === '/spotMarket/level1:ETH-USDT');
    client.send({ id: '2', type: 'ping' });
    assert.equal((await client.json((m) => m.id === '2')).type, 'pong');
    await assert.rejects(Client.dial(url), /401/);
    await assert.rejects(Client.dial(url.replace(data.token, 'made-up')), /401/);
  });

  it('kucoin refuses more than 100 symbols in a message', async () => {
    const { body } = await get('/kucoin/api/v1/bullet-public', 'POST');
    const data = body.data as { token: string; instanceServers: { endpoint: string }[] };
    const client = await Client.dial(`${data.instanceServers[0]?.endpoint}?token=${data.token}`);
    clients.push(client);
    const many = Array.from({ length: 101 }, (_, n) => `A${n}-USDT`).join(',');
    client.send({ id: '9', type: 'subscribe', topic: `/spotMarket/level1:${many}`, response: true });
    const error = await client.json((m) => m.id === '9');
    assert.deepEqual([error.type, error.code], ['error', 509]);
  });

  it('bitget acknowledges each arg, sends a snapshot before trade updates, and answers ping with pong', async () => {
    const client = await dial('/bitget/v2/ws/public');
    const arg = (channel: string, instId: string) => ({ instType: 'SPOT', channel, instId });
    client.send({
      op: 'subscribe',
      args: [arg('books1', 'BTCUSDT'), arg('trade', 'BTCUSDT'), arg('trade', 'NOPE')],
    });
    const error = await client.json((m) => m.event === 'error');
    assert.deepEqual([error.arg, error.code], [arg('trade', 'NOPE'), 30001]);
    const update = await client.frame((frame) => frame.text.includes('"update"'));
    const snapshot = await client.frame((frame) => /"snapshot".*"trade"/.test(frame.text));
    assert.ok(client.frames.indexOf(snapshot) < client.frames.indexOf(update));
    client.send('ping');
    await client.frame((frame) => frame.text === 'pong');
  });

  it('mexc refuses with code 0, allows thirty topics, and sends data as protobuf', async () => {
    const client = await dial('/mexc/ws');
    const topic = (id: string) => `spot@public.aggre.bookTicker.v3.api.pb@10ms@${id}`;
    client.send({ method: 'SUBSCRIPTION', params: [topic('NOPEUSDT')] });
    const refusal = await client.json(() => true);
    assert.equal(refusal.code, 0);
    assert.equal(refusal.msg, `Not Subscribed successfully! [${topic('NOPEUSDT')}].  Reason： Blocked! `);
    const { symbols } = (await get('/mexc/api/v3/exchangeInfo')).body as { symbols: { symbol: string }[] };
    const params = symbols.slice(0, 31).map((each) => topic(each.symbol));
    client.send({ method: 'SUBSCRIPTION', params, id: 3 });
    assert.deepEqual(await client.json((m) => m.id === 3), {
      id: 3,
      code: 0,
      msg: params.slice(0, 30).join(','),
    });
    const { bytes } = await client.frame((frame) => frame.binary);
    assert.equal(bytes[0], 0x0a);
    assert.equal(
      bytes
        .subarray(2, 2 + (bytes[1] ?? 0))
        .toString()
        .startsWith('spot@public.aggre.bookTicker'),
      true,
    );
    client.send({ method: 'ping' });
    await client.json((m) => m.msg === 'PONG');
  });

  it('bingx sends everything as gzip in binary frames, pings by itself, and takes subscriptions without reqType', async () => {
    const client = await dial('/bingx/market');
    client.send({ id: 'u-1', dataType: 'BTC-USDT@bookTicker' });
    const ack = await client.json((m) => m.id === 'u-1');
    assert.deepEqual([ack.code, ack.msg], [0, 'SUCCESS']);
    const push = await client.json((m) => m.dataType === 'BTC-USDT@bookTicker');
    assert.equal((push.data as Record<string, unknown>).s, 'BTC-USDT');
    client.send({ id: 'u-2', reqType: 'sub', dataType: 'NOPE-USDT@trade' });
    assert.equal((await client.json((m) => m.id === 'u-2')).code, 80015);
    const beat = await client.json((m) => 'ping' in m);
    assert.match(String(beat.time), /\+0800$/);
    assert.ok(client.frames.every((frame) => frame.binary && frame.text !== ''));
  });

  it('a dial to a path that the venue does not have is refused', async () => {
    const ws = simulator.url.replace('http', 'ws');
    await assert.rejects(Client.dial(`${ws}/okx/other`), /404/);
    await assert.rejects(Client.dial(`${ws}/nowhere/ws`), /404/);
  });
});
