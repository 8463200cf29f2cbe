import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { Client } from './client.ts';

const isData = ({ text }: { text: string }): boolean => text.includes('"seqId"');

describe('a fault of the simulator', { timeout: 20_000 }, () => {
  let simulator: Simulator;
  let clients: Client[];

  beforeEach(async () => {
    clients = [];
    simulator = await startSimulator({ port: 0, symbols: 10, rate: 2_000, seed: 6 });
  });

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await simulator.stop();
  });

  async function okx(): Promise<Client> {
    const client = await Client.dial(`${simulator.url.replace('http', 'ws')}/okx/ws/v5/public`);
    clients.push(client);
    const args = ['BTC-USDT', 'ETH-USDT'].map((instId) => ({ channel: 'bbo-tbt', instId }));
    client.send({ op: 'subscribe', args });
    await client.frame(isData);
    return client;
  }

  async function pong(client: Client): Promise<void> {
    const before = client.frames.length;
    client.send('ping');
    await client.frame((frame) => frame.text === 'pong' && client.frames.indexOf(frame) >= before);
  }

  it('drop: cuts without a close frame, and refuses dials until healed', async () => {
    const client = await okx();
    simulator.fault({ venue: 'okx', kind: 'drop', ms: 60_000 });
    assert.equal((await client.closed).code, 1006);
    await assert.rejects(okx(), /503/);
    const list = await fetch(`${simulator.url}/okx/api/v5/public/instruments?instType=SPOT`);
    assert.equal(list.status, 503);
    simulator.fault({ venue: 'okx', kind: 'heal' });
    await okx();
  });

  it('silent: pings are answered, market data stops, and comes again when healed', async () => {
    const client = await okx();
    simulator.fault({ venue: 'okx', kind: 'silent' });
    await pong(client);
    const heard = client.frames.length;
    await pong(client);
    assert.equal(client.frames.slice(heard).filter(isData).length, 0);
    simulator.fault({ venue: 'okx', kind: 'heal' });
    await client.frame((frame) => isData(frame) && client.frames.indexOf(frame) > heard);
  });

  it('half-open: nothing is answered, dials hang, and both end when healed', async () => {
    const client = await okx();
    simulator.fault({ venue: 'okx', kind: 'half-open' });
    client.send('ping');
    const url = `${simulator.url.replace('http', 'ws')}/okx/ws/v5/public`;
    const dial = Client.dial(url).then(
      () => 'open',
      () => 'cut',
    );
    const other = await Client.dial(`${simulator.url.replace('http', 'ws')}/gate/ws/v4/`);
    clients.push(other);
    other.send({ channel: 'spot.ping' });
    await other.json((m) => m.channel === 'spot.pong');
    assert.equal(client.frames.filter((frame) => frame.text === 'pong').length, 0);
    simulator.fault({ venue: 'okx', kind: 'heal' });
    assert.equal(await dial, 'cut');
    await client.frame((frame) => frame.text === 'pong');
  });

  it('malformed: a share of the frames is no message of the venue, the others go on', async () => {
    const client = await okx();
    simulator.fault({ venue: '*', kind: 'malformed', share: 0.5 });
    await client.frame(() => client.frames.length > 200);
    const good = client.frames.filter(({ text }) => {
      try {
        return 'arg' in JSON.parse(text);
      } catch {
        return false;
      }
    });
    assert.ok(good.length > 30 && good.length < client.frames.length - 30);
  });

  it('gap: the sequence jumps', async () => {
    const client = await okx();
    const isBtc = (frame: { text: string }): boolean => isData(frame) && frame.text.includes('BTC-USDT');
    const last = (): number => JSON.parse(client.frames.filter(isBtc).at(-1)?.text ?? '').data[0].seqId;
    const before = last();
    simulator.fault({ venue: 'okx', kind: 'gap', count: 1e9 });
    await client.frame(() => last() > before + 1e9);
  });

  it('delist and rename: a market vanishes from the list and falls silent', async () => {
    const client = await okx();
    simulator.fault({ venue: 'okx', kind: 'rename', symbol: 'ETH-USDT' });
    await pong(client);
    const heard = client.frames.length;
    await client.frame(() => client.frames.length > heard + 20);
    assert.ok(client.frames.slice(heard).every((frame) => !frame.text.includes('ETH-USDT')));
    const reply = await fetch(`${simulator.url}/okx/api/v5/public/instruments?instType=SPOT`);
    const { data } = (await reply.json()) as { data: { instId: string }[] };
    const ids = data.map((each) => each.instId);
    assert.ok(!ids.includes('ETH-USDT') && ids.includes('REBRAND-USDT'));
  });

  it('crossed: the bid is above the ask', async () => {
    const client = await okx();
    simulator.fault({ venue: 'okx', kind: 'crossed' });
    await client.frame((frame) => {
      if (!isData(frame)) return false;
      const [book] = JSON.parse(frame.text).data;
      return Number(book.bids[0][0]) > Number(book.asks[0][0]);
    });
  });

  it('is asked for over HTTP, and a wrong one is refused with what is allowed', async () => {
    const ask = async (
      body: string,
    ): Promise<{ status: number; error?: { code: string; message: string } }> => {
      const reply = await fetch(`${simulator.url}/_sim/fault`, { method: 'POST', body });
      return { status: reply.status, ...((await reply.json()) as object) };
    };
    const client = await okx();
    assert.equal((await ask('{"venue":"okx","kind":"drop"}')).status, 200);
    assert.equal((await client.closed).code, 1006);
    for (const [body, code] of [
      ['{"venue":"nope","kind":"drop"}', 'UNKNOWN_VENUE'],
      ['{"venue":"okx","kind":"nope"}', 'BAD_REQUEST'],
      ['{"venue":"okx","kind":"drop","ms":"soon"}', 'BAD_REQUEST'],
      ['{"venue":"okx","kind":"delist","symbol":"NOPE-USDT"}', 'UNKNOWN_SYMBOL'],
      ['[]', 'BAD_REQUEST'],
      ['{', 'BAD_REQUEST'],
    ] as const) {
      const { status, error } = await ask(body);
      assert.deepEqual([status, error?.code], [400, code], body);
    }
  });
});

describe('the simulator refuses to start', () => {
  const options = { port: 0, symbols: 5, rate: 10, seed: 1 };
  for (const [wrong, code] of [
    [{ scenario: 'nope' }, 'USAGE'],
    [{ symbols: 0 }, 'USAGE'],
    [{ rate: Number.NaN }, 'USAGE'],
    [{ port: 70_000 }, 'USAGE'],
  ] as const) {
    it(`with ${JSON.stringify(wrong)}`, async () => {
      await assert.rejects(startSimulator({ ...options, ...wrong }), { code });
    });
  }

  it('on a port that is in use', async () => {
    const first = await startSimulator(options);
    await assert.rejects(startSimulator({ ...options, port: first.port }), { code: 'PORT_IN_USE' });
    await first.stop();
  });
});
