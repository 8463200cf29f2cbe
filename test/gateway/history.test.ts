import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import fastify from 'fastify';
import { SpreadscopeError } from '../../src/core/errors.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { HistoryReplies } from '../../src/gateway/history-replies.ts';
import { addHistoryRoute } from '../../src/gateway/history-route.ts';
import type {
  HistoryAnswer,
  HistoryColumns,
  HistoryQuery,
  HistoryReader,
} from '../../src/gateway/sources.ts';
import type { HistoryReply } from '../../src/wire/api.ts';
import { FakeSources, NOW, start } from './fake-sources.ts';

const GAPS = [{ from: NOW - 9, to: NOW - 5, venue: 'okx', reason: 'silence' }] as const;
const UNRECORDED = [{ from: NOW - 20, to: NOW - 15, venue: 'gate' }] as const;
const SOURCES = [{ from: NOW - 20, to: NOW, source: 'memory' }] as const;
const HOUR = 3_600_000_000;

/** Answers batches as they are asked for, and counts them. */
class FakeHistory implements HistoryReader {
  readonly asked: HistoryQuery[] = [];
  batches = 2;
  points = 3;
  taken = 0;
  refusal: SpreadscopeError | undefined;
  #aborted: (reason: unknown) => void = () => {};
  aborted = this.#next();

  #next(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#aborted = resolve;
    });
  }

  reset(): void {
    Object.assign(this, { batches: 2, points: 3, taken: 0, refusal: undefined });
    this.aborted = this.#next();
  }

  async read(query: HistoryQuery, signal: AbortSignal): Promise<HistoryAnswer> {
    this.asked.push(query);
    if (this.refusal !== undefined) throw this.refusal;
    signal.addEventListener('abort', () => this.#aborted(signal.reason), { once: true });
    return { gaps: GAPS, unrecorded: UNRECORDED, sources: SOURCES, batches: this.#read() };
  }

  async *#read(): AsyncGenerator<HistoryColumns, void, undefined> {
    for (let batch = 0; batch < this.batches; batch += 1) {
      this.taken += 1;
      yield columns(batch * this.points, this.points);
    }
  }
}

function columns(first: number, count: number): HistoryColumns {
  const at = (value: (i: number) => number) =>
    Float64Array.from({ length: count }, (_, i) => value(first + i));
  const known = (i: number, value: number) => (i % 3 === 2 ? Number.NaN : value);
  return {
    time: at((i) => NOW - 1000 + i),
    value: at((i) => known(i, i / 8192)),
    upper: at((i) => known(i, 0.5)),
    lower: at((i) => known(i, -0.25)),
  };
}

const history = new FakeHistory();
const sources = Object.assign(new FakeSources(), { history });
let gateway: Gateway;
before(async () => {
  gateway = await start(sources);
});
after(() => gateway.stop());
afterEach(() => history.reset());

const PATH = '/api/v1/history?symbol=BTC-USDT&buy=okx&sell=gate';

async function fetchText(path: string, accept?: string) {
  const reply = await fetch(gateway.url + path, accept === undefined ? {} : { headers: { accept } });
  return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() };
}

test('JSON gives columns in basis points, null where nothing is known', async () => {
  const { status, type, text } = await fetchText(PATH);
  assert.deepEqual([status, type], [200, 'application/json; charset=utf-8']);
  const value = [0, 1, null, 3, 4, null].map((i) => (i === null ? null : (i / 8192) * 10_000));
  const expected: HistoryReply = {
    ...{ route: 'BTC-USDT:okx:gate', kind: 'net', from: NOW - HOUR, to: NOW },
    time: [0, 1, 2, 3, 4, 5].map((i) => NOW - 1000 + i),
    value,
    upper: value.map((one) => (one === null ? null : 5000)),
    lower: value.map((one) => (one === null ? null : -2500)),
    ...{ gaps: GAPS, unrecorded: UNRECORDED, sources: SOURCES },
  };
  assert.deepEqual(JSON.parse(text), expected);
});

test('NDJSON has a line a point, then the gaps; CSV the points alone', async () => {
  const ndjson = await fetchText(PATH, 'text/html;q=0.9, application/x-ndjson');
  assert.equal(ndjson.type, 'application/x-ndjson; charset=utf-8');
  const lines = ndjson.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  assert.deepEqual(lines[1], { time: NOW - 999, value: (1 / 8192) * 10_000, upper: 5000, lower: -2500 });
  assert.deepEqual(lines[2], { time: NOW - 998, value: null, upper: null, lower: null });
  assert.deepEqual(lines.slice(6), [{ gap: GAPS[0] }, { unrecorded: UNRECORDED[0] }, { source: SOURCES[0] }]);
  const csv = await fetchText(PATH, 'text/csv');
  assert.equal(csv.type, 'text/csv; charset=utf-8');
  assert.deepEqual(csv.text.split('\n').slice(0, 4), [
    'time,value,upper,lower',
    `${NOW - 1000},0,5000,-2500`,
    `${NOW - 999},${(1 / 8192) * 10_000},5000,-2500`,
    `${NOW - 998},,,`,
  ]);
});

test('parameters arrive as what they stand for', async () => {
  await fetchText(`${PATH}&from=-2h&to=1699999999&kind=basis&points=500&window=50&band=90`);
  assert.deepEqual(history.asked.at(-1), {
    ...{ symbol: 'BTC-USDT', buy: 'okx', sell: 'gate', kind: 'basis', now: NOW },
    ...{ from: NOW - 2 * HOUR, to: 1_699_999_999_000_000, points: 500, bandWindow: 50, bandPercent: 90 },
  });
});

test('what is wrong is told with what is allowed', async () => {
  const cases: readonly (readonly [string, number, string, RegExp])[] = [
    ['/api/v1/history?buy=okx&sell=gate', 400, 'BAD_REQUEST', /symbol is missing/],
    ['/api/v1/history?symbol=X-Y&buy=okx', 400, 'BAD_REQUEST', /sell is missing.*binance/],
    [
      '/api/v1/history?symbol=X-Y&buy=okx&sell=nowhere',
      404,
      'UNKNOWN_VENUE',
      /sell: there is no venue nowhere/,
    ],
    ['/api/v1/history?symbol=X-Y&buy=okx&sell=okx', 404, 'UNKNOWN_ROUTE', /both okx/],
    [`${PATH}&from=noon`, 400, 'BAD_REQUEST', /from is "noon"; allowed is an ISO 8601 time/],
    [`${PATH}&from=now&to=-1h`, 400, 'BAD_REQUEST', /from is later than to/],
    [`${PATH}&points=1`, 400, 'BAD_REQUEST', /points is "1"; allowed is a whole number from 2 to 100000/],
    [`${PATH}&kind=gros`, 400, 'BAD_REQUEST', /kind is "gros"; allowed is one of gross, net, basis/],
    [`${PATH}&band=10`, 400, 'BAD_REQUEST', /band/],
    [`${PATH}&bucket=10`, 400, 'BAD_REQUEST', /unknown parameter "bucket"/],
  ];
  for (const [path, status, code, message] of cases) {
    const reply = await fetchText(path);
    const { error } = JSON.parse(reply.text) as { error: { code: string; message: string } };
    assert.deepEqual([reply.status, error.code], [status, code], path);
    assert.match(error.message, message, path);
  }
});

test('a reader that refuses, and a lake that is not there, are errors of their own', async () => {
  history.refusal = new SpreadscopeError('HISTORY_BUSY', 'later');
  const busy = await fetchText(PATH);
  assert.deepEqual(
    [busy.status, JSON.parse(busy.text)],
    [503, { error: { code: 'HISTORY_BUSY', message: 'later' } }],
  );
  const without = await start(new FakeSources());
  try {
    const reply = await fetch(without.url + PATH);
    const { error } = (await reply.json()) as { error: { code: string; message: string } };
    assert.deepEqual([reply.status, error.code], [404, 'NO_LAKE']);
    assert.match(error.message, /--no-record/);
  } finally {
    await without.stop();
  }
});

test('more points than a reply in JSON may have are refused before anything is sent; NDJSON gives them all', async () => {
  history.batches = 70;
  history.points = 4096;
  const json = await fetchText(PATH);
  assert.equal(json.status, 400);
  assert.match(json.text, /more than 196608 points; give points/);
  const ndjson = await fetchText(PATH, 'application/x-ndjson');
  assert.equal(ndjson.text.split('\n').length, 70 * 4096 + 4);
});

function stalledGet(accept: string, url = gateway.url): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpGet(url + PATH, { headers: { accept } }, (reply) => {
      reply.pause();
      resolve(reply);
    }).on('error', reject);
  });
}

test('a client that reads nothing makes nothing be read for it, and when it goes away the reading is aborted', async () => {
  history.batches = 10_000;
  history.points = 4096;
  const reply = await stalledGet('application/x-ndjson');
  // What the sockets of both sides hold, and not one batch more: it comes to a stand.
  for (let before = -1; before !== history.taken; ) {
    before = history.taken;
    await once(setTurns(200), 'done');
  }
  assert.ok(history.taken < 200, `${history.taken} batches were read for a client that reads nothing`);
  reply.destroy();
  assert.ok(await history.aborted);
});

/** Emits `done` after so many turns of the event loop. */
function setTurns(turns: number): EventTarget {
  const target = new EventTarget();
  const next = (left: number): void => {
    if (left === 0) target.dispatchEvent(new Event('done'));
    else setImmediate(() => next(left - 1));
  };
  next(turns);
  return target;
}

test('a client that takes nothing for too long is cut off, and gives its place back', async () => {
  history.batches = 10_000;
  history.points = 4096;
  const app = fastify();
  const replies = new HistoryReplies();
  addHistoryRoute(app, {}, { sources, clock: () => NOW, replies, stallMs: 50 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const reply = await stalledGet('application/x-ndjson', url);
    assert.ok(await history.aborted);
    reply.resume();
    await assert.rejects(once(reply, 'end'), /aborted/);
  } finally {
    await app.close();
  }
});

test('the ledger shows the replies that are whole in memory', () => {
  const bound = gateway.bounds().find(({ name }) => name === 'gateway.history-replies');
  assert.ok(bound);
  assert.deepEqual([bound.used, bound.capacityBytes], [0, 2 * 3 * 2 ** 16 * 32]);
  assert.ok(bound.peak >= 1);
});
