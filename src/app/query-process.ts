import { Worker } from 'node:worker_threads';
import { SpreadscopeError } from '../core/errors.ts';
import { type Answer, ask } from '../lake/query-sandbox.ts';
import type { SqlValue } from '../lake/query-values.ts';
import type { QueryPlan, QueryReply } from './query-protocol.ts';
import { rowWriter } from './query-rows.ts';
import { answerTable, type More } from './query-table.ts';
import type { WatchdogData } from './query-watchdog.ts';

/*
 * Entry of the process in which SQL that is not ours runs. It gets its plan from its parent, writes the answer to standard output, says how it ended, and is not missed if it
 * is killed at any instant. Signals are left to the parent.
 */

const WRITE_BYTES = 65_536;
/** How far rows that are not shown are counted. */
const COUNT_ROWS = 1_000_000;
const COUNT_MS = 1000;

const parent = process.ppid;
// A reader that went away is a parent that died: the watchdog's business.
process.stdout.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('message', (plan: QueryPlan) => {
  const watchdog: WatchdogData = { memoryBytes: plan.memoryBytes, parent, scratch: plan.scratch };
  new Worker(new URL('./query-watchdog.js', import.meta.url), { workerData: watchdog });
  void answer(plan).then(end);
});

/** Never rejects. */
async function answer(plan: QueryPlan): Promise<QueryReply> {
  try {
    const found = await ask(plan.sql, plan);
    return plan.format === 'table' ? await writeTable(plan, found) : await writeRows(plan, found);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return error instanceof SpreadscopeError
      ? { kind: 'error', code: error.code, message: text }
      : { kind: 'error', code: 'INTERNAL', message: text };
  }
}

async function writeRows(plan: QueryPlan, { columns, rows }: Answer): Promise<QueryReply> {
  if (plan.format === 'table') throw new RangeError('a table is not written row by row');
  const writer = rowWriter(plan.format, columns, plan.terminal !== null);
  const limit = plan.limit ?? Number.POSITIVE_INFINITY;
  let text = writer.head();
  let [written, cut] = [0, false];
  for await (const chunk of rows()) {
    for (const values of chunk) {
      cut = written >= limit;
      if (cut) break;
      text += writer.row(values, written);
      written += 1;
      if (text.length < WRITE_BYTES) continue;
      await write(text);
      text = '';
    }
    if (cut) break;
  }
  await write(text + writer.tail(written));
  return { kind: 'done', rows: written, cut };
}

async function writeTable(plan: QueryPlan, { columns, rows }: Answer): Promise<QueryReply> {
  const limit = plan.limit ?? Number.POSITIVE_INFINITY;
  const shown: SqlValue[][] = [];
  let more: More = { rows: 0, exact: true };
  let stopAt = Number.POSITIVE_INFINITY;
  for await (const chunk of rows()) {
    const room = Math.max(0, limit - shown.length);
    shown.push(...chunk.slice(0, room));
    const left = chunk.length - room;
    if (left <= 0) continue;
    const now = performance.now();
    if (more.rows === 0) stopAt = now + COUNT_MS;
    more = { rows: more.rows + left, exact: more.rows + left < COUNT_ROWS && now < stopAt };
    if (!more.exact) break;
  }
  const width = plan.terminal?.columns ?? Number.POSITIVE_INFINITY;
  await write(answerTable(columns, shown, more, width));
  return { kind: 'done', rows: shown.length, cut: more.rows > 0 };
}

function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error == null ? resolve() : reject(error)));
  });
}

/** If the reply cannot be sent the parent is gone, and the watchdog clears up. */
function end(reply: QueryReply): void {
  process.send?.(reply, undefined, undefined, (error) => {
    if (error === null) process.exit(0);
  });
}
