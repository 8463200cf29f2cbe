import { once } from 'node:events';
import { SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { PastOrder, PastPlan, PastReply } from './past-protocol.ts';
import { type ReplayServer, startReplay } from './replay-server.ts';

/*
 * Entry of the process that shows the market as it was at a recorded moment: the page and the API of a replay that stands still there, on a port of loopback. It is told what by its
 * parent, and ends with it.
 */

const SECOND = 1e6;
/** Statistics look back as far; where more was recorded, over as much as is read within some seconds. */
const LEAD_US = 3600 * SECOND;
const LEAD_ROWS = 8e6;
/** How far it can be played on. */
const AHEAD_US = 3600 * SECOND;
const TELL_MS = 250;

/** Resolves once it is said; a parent that is gone is noticed by `disconnect`. */
function say(reply: PastReply): Promise<void> {
  return new Promise((done) => {
    if (process.send === undefined) done();
    else process.send(reply, undefined, undefined, () => done());
  });
}
const LOG: Log = {
  info: () => undefined,
  warn: (message) => process.stderr.write(`${message}\n`),
  error: (message, more) => process.stderr.write(`${message} ${JSON.stringify(more ?? {})}\n`),
};

let server: ReplayServer | undefined;
const gone = once(process, 'disconnect');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('message', (plan: PastPlan) => {
  void show(plan).then(end);
});

/** Until the parent is gone; never rejects. */
async function show({ config, lake, moment }: PastPlan): Promise<void> {
  try {
    server = await startReplay(
      { ...config, server: { ...config.server, host: '127.0.0.1', port: 0 } },
      {
        ...{ lake, from: moment - LEAD_US, to: moment + AHEAD_US, moment, speed: 0, log: LOG },
        lead: { rows: LEAD_ROWS, leastUs: 2 * config.maxQuoteAgeMs * 1000, before: moment },
      },
    );
    await untilReady(server);
    const { port } = new URL(server.url);
    await say({ kind: 'ready', port: Number(port), from: server.from });
    process.on('message', ({ speed }: PastOrder) => server?.setSpeed(speed));
    await Promise.race([gone, server.ended.then(() => gone)]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await say({ kind: 'failed', code: error instanceof SpreadscopeError ? error.code : 'INTERNAL', message });
  }
}

async function untilReady({ reached, ended, progress }: ReplayServer): Promise<void> {
  const tell = setInterval(() => void say({ kind: 'reading', progress: progress() }), TELL_MS);
  try {
    await Promise.race([reached, ended, gone]);
  } finally {
    clearInterval(tell);
  }
}

/** What reading failed with was said. */
async function end(): Promise<void> {
  await server?.stop().catch(() => undefined);
  process.exit(0);
}
