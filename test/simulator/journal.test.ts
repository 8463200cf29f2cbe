import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { Client } from './client.ts';
import { journalFile } from './journal-file.ts';

describe("the simulator's journal", { timeout: 20_000 }, () => {
  it('has one line per published quote and trade, in the order and with the values of the wire', async () => {
    const journal = await journalFile();
    const simulator = await startSimulator({
      port: 0,
      symbols: 30,
      rate: 20_000,
      seed: 4,
      journal: journal.path,
    });
    const first = await subscribed(simulator.url);
    const second = await subscribed(simulator.url);
    await first.frame(() => first.frames.length >= 5_000);
    // No data after this; what was published before the reply is already on its way.
    simulator.fault({ venue: '*', kind: 'silent' });
    const flushed = async (client: Client): Promise<void> => {
      client.send({ channel: 'spot.ping' });
      await client.json((m) => m.channel === 'spot.pong');
    };
    await Promise.all([flushed(first), flushed(second)]);
    await simulator.stop();
    const lines = await journal.read();
    await journal.remove();
    const { quotes, trades } = simulator.published;
    assert.equal(lines.length, quotes + trades);
    assert.ok(trades > 100 && quotes > 1_000);
    // Two sockets with the same topics are one publication.
    const wire = records(first);
    assert.deepEqual(wire, lines);
    assert.equal(records(second).length > 0, true);
  });

  it('has no line for markets that nobody is subscribed to', async () => {
    const journal = await journalFile();
    const simulator = await startSimulator({
      port: 0,
      symbols: 30,
      rate: 5_000,
      seed: 4,
      journal: journal.path,
    });
    const client = await Client.dial(`${simulator.url.replace('http', 'ws')}/okx/ws/v5/public`);
    client.send({ op: 'subscribe', args: [{ channel: 'bbo-tbt', instId: 'ETH-USDT' }] });
    await client.frame(() => client.frames.length > 50);
    await client.close();
    await simulator.stop();
    const lines = await journal.read();
    await journal.remove();
    assert.ok(lines.length >= 50);
    assert.ok(
      lines.every((line) => line.kind === 'quote' && line.venue === 'okx' && line.symbol === 'ETH-USDT'),
    );
    const sequences = lines.map((line) => (line.kind === 'quote' ? line.sequence : null));
    assert.deepEqual(
      sequences,
      [...sequences].sort((a, b) => (a ?? 0) - (b ?? 0)),
    );
  });

  it('tells the same prices again from the same seed', async () => {
    const runs: unknown[][] = [];
    for (let run = 0; run < 2; run += 1) {
      const simulator = await startSimulator({ port: 0, symbols: 10, rate: 10_000, seed: 11 });
      const client = await Client.dial(`${simulator.url.replace('http', 'ws')}/okx/ws/v5/public`);
      client.send({ op: 'subscribe', args: [{ channel: 'bbo-tbt', instId: 'ETH-USDT' }] });
      await client.frame(() => client.frames.length > 300);
      const books = client.frames.slice(1, 300).map((frame) => JSON.parse(frame.text).data[0]);
      runs.push(books.map(({ asks, bids, seqId }) => ({ asks, bids, seqId })));
      await client.close();
      await simulator.stop();
    }
    assert.deepEqual(runs[0], runs[1]);
  });

  it('cannot be written where there is no folder', async () => {
    const options = { port: 0, symbols: 5, rate: 10, seed: 1, journal: '/nonexistent/folder/journal' };
    await assert.rejects(startSimulator(options), { code: 'FILE_UNWRITABLE' });
  });
});

async function subscribed(url: string): Promise<Client> {
  const client = await Client.dial(`${url.replace('http', 'ws')}/gate/ws/v4/`);
  const payload = ['BTC_USDT', 'ETH_USDT', 'SOL_USDT'];
  for (const channel of ['spot.book_ticker', 'spot.trades']) {
    client.send({ time: 1, channel, event: 'subscribe', payload });
  }
  return client;
}

/** Gate's frames in the journal's form, read with JSON.parse. */
function records(client: Client): unknown[] {
  return client.frames.flatMap(({ text }): unknown[] => {
    const { event, channel, result } = JSON.parse(text);
    if (event !== 'update') return [];
    const venue = 'gate';
    if (channel === 'spot.trades') {
      const { id, currency_pair, create_time_ms, price, amount, side } = result;
      const symbol = currency_pair.replace('_', '-');
      const venueTime = Number(create_time_ms.replace('.', '').slice(0, 16));
      const numbers = { price: Number(price), size: Number(amount) };
      return [{ kind: 'trade', venue, symbol, id: String(id), venueTime, ...numbers, side }];
    }
    const { t, u, s, b, B, a, A } = result;
    const book = { bid: Number(b), bidSize: Number(B), ask: Number(a), askSize: Number(A) };
    const symbol = s.replace('_', '-');
    return [{ kind: 'quote', venue, symbol, sequence: u, venueTime: t * 1_000, ...book }];
  });
}
