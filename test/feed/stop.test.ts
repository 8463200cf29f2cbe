import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { FakeServer } from './fake-server.ts';
import { fakeVenue } from './fake-venue.ts';
import { FeedRig, instruments, until } from './feed-rig.ts';

/** What keeps the process alive beside the test runner. */
function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP') || name === 'Timeout');
}

for (const transport of ['raw', 'ws'] as const) {
  test(`stop ends live, half-open, dialling and backing-off connections and leaves no handle, over ${transport}`, async () => {
    const live = await FakeServer.start();
    const halfOpen = await FakeServer.start();
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const before = handles();
    const rig = new FeedRig(
      [
        { venue: fakeVenue({ id: 'okx' }), url: live.url },
        { venue: fakeVenue({ id: 'gate' }), url: halfOpen.url },
        { venue: fakeVenue({ id: 'bybit' }), url: `ws://127.0.0.1:${(mute.address() as AddressInfo).port}` },
        { venue: fakeVenue({ id: 'mexc' }), url: 'ws://127.0.0.1:1' },
      ],
      { transport, tuning: { closeGraceMs: 300 } },
    );
    (['okx', 'gate', 'bybit', 'mexc'] as const).forEach((venue, i) => {
      rig.feed.setInstruments(venue, instruments(1, i * 10, venue));
    });
    await rig.until(
      () =>
        ['okx', 'gate'].every((v) => rig.status(v as 'okx').subscriptions.silent === 1) && sockets.length > 0,
      'all in their states',
    );
    await rig.until(() => rig.status('mexc').state === 'down', 'one backs off');
    halfOpen.open[0]?.socket.pause();
    const started = performance.now();
    await rig.feed.stop();
    assert.ok(performance.now() - started < 2_000);
    rig.drain();
    assert.deepEqual(
      rig.quotes
        .filter((q) => q.ended)
        .map((q) => q.instrument)
        .sort((a, b) => a - b),
      [0, 10],
    );
    for (const socket of sockets) socket.destroy();
    for (const peer of [...live.peers, ...halfOpen.peers]) peer.socket.destroy();
    await until(() => handles().length <= before.length, `handles as before: ${handles().join()}`);
    const dials = live.dials.length;
    rig.feed.setInstruments('okx', instruments(2));
    assert.equal(live.dials.length, dials, 'nothing is dialled after stop');
    await live.stop();
    await halfOpen.stop();
    mute.close();
    await once(mute, 'close');
  });
}
