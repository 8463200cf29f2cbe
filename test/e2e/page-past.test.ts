import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { chromium } from 'playwright-core';
import WebSocket from 'ws';
import type { Opportunity } from '../../src/core/opportunity.ts';
import type {
  ErrorReply,
  OpportunitiesReply,
  PastReply,
  QuotesReply,
  RoutesReply,
  StatusReply,
  SymbolsReply,
} from '../../src/wire/api.ts';
import { CHROMIUM_FLAGS, CHROMIUM_PATH, WIDE } from './page-rig.ts';
import { plainSql, startRecording, temporaryFolder } from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const TOKEN = 'a-token-of-24-characters';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const SECOND = 1_000_000;

suite('the page at a recorded moment', () => {
  let folder!: Awaited<ReturnType<typeof temporaryFolder>>;
  let simulator!: Awaited<ReturnType<typeof startSimulatorProcess>>;
  let program!: Awaited<ReturnType<typeof startRecording>>;
  let moment = 0;
  const lake = () => join(folder.path, 'lake');
  const nameOf = (time: number): string => new Date(time / 1000).toISOString().replace('.000Z', 'Z');
  const at = (time: number): string => `past/${nameOf(time)}`;

  const get = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`${program.url}/${path}`, { headers: AUTHORIZED });
    assert.equal(reply.status, 200, `${path}: ${reply.status}`);
    return (await reply.json()) as T;
  };
  const post = async (body: object, headers: Record<string, string> = {}): Promise<Response> =>
    await fetch(`${program.url}/api/v1/past`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...AUTHORIZED, 'content-type': 'application/json', ...headers },
    });
  const codeOf = async (reply: Response): Promise<string> => ((await reply.json()) as ErrorReply).error.code;
  const ready = async (time: number): Promise<void> => {
    assert.equal((await post({ moment: time })).status, 200);
    const is = async (): Promise<boolean> => {
      const { moments } = await get<PastReply>('api/v1/past');
      const one = moments.find((known) => known.moment === time);
      assert.notEqual(one?.state, 'failed', one?.error?.message);
      return one?.state === 'ready';
    };
    await until(is, 30_000, 'the moment is read');
  };

  before(async () => {
    folder = await temporaryFolder();
    simulator = await startSimulatorProcess(['--symbols', '12', '--rate', '2000', '--scenario', 'crossed']);
    process.env.SPREADSCOPE_TOKEN = TOKEN;
    program = await startRecording(simulator.url, lake(), ['--set', 'lake.partSeconds=3']);
    const enough = async (): Promise<boolean> => {
      const { lake: kept, opportunities } = await get<StatusReply>('api/v1/status');
      return (kept?.recorded.quotes ?? 0) > 20_000 && opportunities.closed > 0;
    };
    await until(enough, 90_000, 'something to go back to');
    moment = Math.floor(Date.now() / 1000 - 5) * SECOND;
  });
  after(async () => {
    delete process.env.SPREADSCOPE_TOKEN;
    await program.stop();
    await simulator.stop();
    await folder.remove();
  });

  test('it is opened with the token alone, by no other page, and only where time has come', async () => {
    assert.equal(await codeOf(await post({ moment }, { authorization: '' })), 'UNAUTHORIZED');
    assert.equal(await codeOf(await post({ moment }, { origin: 'https://elsewhere.example' })), 'FORBIDDEN');
    assert.equal(await codeOf(await post({ moment: moment + 500 })), 'BAD_REQUEST');
    assert.equal(await codeOf(await post({ moment: moment + 3600 * SECOND })), 'BAD_REQUEST');
    assert.equal(await codeOf(await post({ moment, speed: -1 })), 'BAD_REQUEST');
    assert.equal(await codeOf(await fetch(`${program.url}/${at(moment)}/api/v1/status`)), 'UNAUTHORIZED');
    const unopened = await fetch(`${program.url}/${at(moment)}/api/v1/status`, { headers: AUTHORIZED });
    assert.equal(await codeOf(unopened), 'NOT_FOUND');
    assert.equal((await fetch(`${program.url}/past/yesterday/`)).status, 404);
    // The page's files tell nothing, as those of the present.
    const page = await fetch(`${program.url}/${at(moment)}/`);
    assert.match(await page.text(), /<div id="app">/);
    assert.match(page.headers.get('content-security-policy') ?? '', /connect-src 'self' ws:\/\//);
    const bare = await fetch(`${program.url}/${at(moment)}`, { redirect: 'manual' });
    assert.equal(bare.headers.get('location'), `/past/${nameOf(moment)}/`);
    assert.deepEqual((await get<PastReply>('api/v1/past')).moments, []);
  });

  test('its quotes are the last that were recorded until then, and stand still; then they go on', async () => {
    await ready(moment);
    const { symbols } = await get<SymbolsReply>(`${at(moment)}/api/v1/symbols`);
    const seen = new Map<string, QuotesReply['quotes'][number]>();
    for (const { symbol } of symbols) {
      const { quotes } = await get<QuotesReply>(`${at(moment)}/api/v1/quotes/${symbol}`);
      for (const quote of quotes) if (quote.valid) seen.set(`${quote.venue} ${symbol}`, quote);
    }
    assert.ok(seen.size > 50, `${seen.size} quotes`);
    const status = await get<StatusReply>(`${at(moment)}/api/v1/status`);
    assert.equal(status.replay?.time, moment);
    assert.equal(status.replay?.speed, 0);
    const best = await get<RoutesReply>(`${at(moment)}/api/v1/routes?limit=20`);
    const live = await get<StatusReply>('api/v1/status');
    const movesOn = async (): Promise<boolean> =>
      (await get<StatusReply>('api/v1/status')).totals.quotes > live.totals.quotes + 2000;
    await until(movesOn, 20_000, 'the present goes on');
    assert.deepEqual(await get<RoutesReply>(`${at(moment)}/api/v1/routes?limit=20`), best);

    assert.equal((await post({ moment, speed: 10 })).status, 200);
    const later = async (): Promise<boolean> => {
      const { replay } = await get<StatusReply>(`${at(moment)}/api/v1/status`);
      return (replay?.time ?? 0) > moment + 2 * SECOND;
    };
    await until(later, 20_000, 'the moment goes on');
    assert.notDeepEqual((await get<RoutesReply>(`${at(moment)}/api/v1/routes?limit=20`)).routes, best.routes);
    await post({ moment, speed: 0 });

    const [first] = await get<PastReply>('api/v1/past').then(({ moments }) => moments);
    assert.ok(first?.from != null && first.from < moment);
    // What nobody of ours wrote says the same: the last row of each instrument.
    const judged = async (): Promise<boolean> => {
      const sql = await plainSql();
      try {
        return await sql
          .count(
            `SELECT count(*) FROM read_parquet('${lake()}/quotes/**/*.parquet', hive_partitioning = true) WHERE epoch_us(receive_time) > ${moment}`,
          )
          .then((rows) => rows > 0);
      } finally {
        sql.close();
      }
    };
    await until(judged, 30_000, 'the moment is in Parquet');
    const sql = await plainSql();
    try {
      const rows = await sql.rows(
        `SELECT venue, symbol, arg_max(bid, (receive_time, file_row_number)) AS bid, arg_max(ask, (receive_time, file_row_number)) AS ask, epoch_us(max(receive_time))::DOUBLE AS time
           FROM read_parquet('${lake()}/quotes/**/*.parquet', hive_partitioning = true, file_row_number = true)
          WHERE epoch_us(receive_time) <= ${moment} GROUP BY venue, symbol`,
      );
      const last = new Map(rows.map((row) => [`${row.venue} ${row.symbol}`, row]));
      for (const [name, quote] of seen) {
        const row = last.get(name);
        assert.deepEqual([quote.bid, quote.ask, quote.receiveTime], [row?.bid, row?.ask, row?.time], name);
      }
    } finally {
      sql.close();
    }
  });

  test('its stream is its own, and holds its place: another moment is refused meanwhile', async () => {
    await ready(moment);
    const url = `${program.url.replace('http', 'ws')}/${at(moment)}/api/v1/stream`;
    const refused = new WebSocket(url, { headers: { authorization: 'Bearer not-the-right-token' } });
    const [error] = (await once(refused, 'error')) as [Error];
    assert.match(error.message, /401/);
    const socket = new WebSocket(url, { headers: AUTHORIZED });
    await once(socket, 'open');
    const message = once(socket, 'message') as Promise<[Buffer]>;
    socket.send(JSON.stringify({ op: 'subscribe', topic: 'routes', params: { limit: 5 } }));
    const snapshot = JSON.parse(String((await message)[0])) as {
      type: string;
      routes: RoutesReply['routes'];
    };
    assert.equal(snapshot.type, 'snapshot');
    const { routes } = await get<RoutesReply>(`${at(moment)}/api/v1/routes?limit=5`);
    assert.deepEqual(
      snapshot.routes.map(({ id }) => id),
      routes.map(({ id }) => id),
    );
    const busy = await post({ moment: moment - SECOND });
    assert.equal(busy.status, 503);
    assert.equal(await codeOf(busy), 'PAST_BUSY');
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });

  test('a reader goes to a moment and back by the page, with the same view', async () => {
    await ready(moment);
    const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS });
    try {
      const page = await browser.newPage({ viewport: WIDE });
      await page.addInitScript(`sessionStorage.setItem('spreadscope-token', ${JSON.stringify(TOKEN)})`);
      await page.goto(`${program.url}/#/?sort=gross`);
      await page.locator('tr[data-route]').first().waitFor();
      await page.click('#zone');
      await page.click('#time-machine');
      await page.fill('#time-dialog input', nameOf(moment).slice(0, 19));
      await page.click('#time-dialog form button');
      await page.locator('#past').waitFor();
      assert.equal(page.url(), `${program.url}/${at(moment)}/#/?sort=gross`);
      await page.locator('tr[data-route]').first().waitFor();
      // The rows of the page are those of the moment's API.
      const { routes } = await get<RoutesReply>(`${at(moment)}/api/v1/routes?limit=5&sort=gross`);
      const first = page.locator('tr[data-route]');
      const agree = async (): Promise<boolean> => {
        const ids = await first.evaluateAll((rows: { getAttribute(name: string): string | null }[]) =>
          rows.slice(0, 5).map((row) => row.getAttribute('data-route')),
        );
        return ids.join() === routes.map(({ id }) => id).join();
      };
      await until(agree, 10_000, 'the same five routes');
      const net = await first.first().locator('td.net').textContent();
      const expected = (routes[0]?.netBps ?? 0).toFixed(1).replace('-', '−');
      assert.equal(net?.replace('+', ''), expected);
      assert.match((await page.locator('#past p').textContent()) ?? '', /As of .*It stands still/);
      await page.click('[data-speed="10"]');
      await page.locator('#past p', { hasText: 'It goes on, 10 × as fast' }).waitFor();
      await page.click('#past-hold');
      await page.locator('#past p', { hasText: 'It stands still' }).waitFor();
      await page.click('#past-leave');
      await page.waitForURL(`${program.url}/#/?sort=gross`);
      await page.locator('tr[data-route]').first().waitFor();
      assert.equal(await page.locator('#past').count(), 0);
    } finally {
      await browser.close();
    }
  });

  test('an opportunity is open at its peak, and its time in the log leads there', async () => {
    const closed = async (): Promise<OpportunitiesReply['opportunities']> =>
      (await get<OpportunitiesReply>('api/v1/opportunities?state=closed&limit=1000')).opportunities;
    // Longer than the ms that a moment is told to.
    const lasted = ({ durationMs }: Opportunity): boolean => durationMs > 10;
    await until(async () => (await closed()).some(lasted), 60_000, 'one that lasted');
    const opportunities = await closed();
    const one = opportunities.find(lasted);
    assert.ok(one !== undefined);
    const peak = Math.ceil(one.peakTime / 1000) * 1000;
    const place = async (): Promise<boolean> => (await post({ moment: peak })).status === 200;
    await until(place, 30_000, 'the place of the moment before');
    await ready(peak);
    const then = await get<OpportunitiesReply>(`${at(peak)}/api/v1/opportunities?state=open&limit=1000`);
    const same = then.opportunities.find(
      ({ symbol, buy, sell, start }) =>
        symbol === one.symbol && buy === one.buy && sell === one.sell && start === one.start,
    );
    assert.equal(same?.peakNetBps, one.peakNetBps);
    const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS });
    try {
      const page = await browser.newPage({ viewport: WIDE });
      await page.addInitScript(`sessionStorage.setItem('spreadscope-token', ${JSON.stringify(TOKEN)})`);
      await page.goto(`${program.url}/#/opportunities`);
      const link = page.locator('[data-opportunity] a.then').first();
      await link.waitFor();
      const line = await page.locator('[data-opportunity]').first().getAttribute('data-opportunity');
      const href = new URL((await link.getAttribute('href')) ?? '');
      const listed = opportunities.concat(
        (await get<OpportunitiesReply>('api/v1/opportunities?limit=1000')).opportunities,
      );
      const moments = listed
        .filter(
          ({ symbol, buy, sell, start }) =>
            line?.includes(symbol) && line.includes(`${start}`) && line.includes(buy) && line.includes(sell),
        )
        .map(({ peakTime }) => `/${at(Math.ceil(peakTime / 1000) * 1000)}/`);
      assert.ok(moments.includes(href.pathname), `${href.pathname} of ${line}, not among ${moments.join()}`);
      assert.match(href.hash, /^#\/route\//);
    } finally {
      await browser.close();
    }
  });

  test('where nothing was recorded it says so, and is begun again only when somebody asks', async () => {
    const before = moment - 86_400 * SECOND;
    const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS });
    try {
      const page = await browser.newPage({ viewport: WIDE });
      await page.addInitScript(`sessionStorage.setItem('spreadscope-token', ${JSON.stringify(TOKEN)})`);
      await page.goto(`${program.url}/${at(before)}/`);
      await page.locator('#past-opening [role=alert]', { hasText: 'nothing was recorded' }).waitFor();
      await page.locator('#past-opening button', { hasText: 'Try again' }).waitFor();
    } finally {
      await browser.close();
    }
    const { moments } = await get<PastReply>('api/v1/past');
    assert.deepEqual(
      moments.map(({ moment: time, state, error }) => [time, state, error?.code]),
      [[before, 'failed', 'BAD_REQUEST']],
    );
    // Its place is free.
    await ready(moment);
  });

  test('with the program its processes end, and leave nothing behind', async () => {
    const own = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && parentOf(pid) === program.child.pid,
    );
    assert.ok(own.length >= 1, 'a process of its own');
    const ended = once(program.child, 'close');
    program.child.kill('SIGTERM');
    const [code] = await ended;
    assert.equal(code, 0);
    for (const pid of own) assert.equal(parentOf(pid), undefined, `process ${pid} is gone`);
  });
});

/** Of a process that runs; undefined = it does not. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    // It went between the two.
    return undefined;
  }
}
