import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, test } from 'node:test';
import { SpreadscopeError } from '../../src/core/errors.ts';
import { holderOf, lockLake } from '../../src/lake/lock.ts';
import { temporaryLake } from './journal-rig.ts';

const CONTENDER = join(import.meta.dirname, 'lock-contender.js');
const clock = () => Date.now() * 1000;
const options = { command: 'test', clock };

let lake: string;
let children: ChildProcess[];

beforeEach(() => {
  lake = temporaryLake();
  children = [];
});

afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(lake, { recursive: true });
});

/** A process that wants the lake, and the first line that it says. */
function contend(...args: string[]): { child: ChildProcess; line: Promise<string> } {
  const child = spawn(process.execPath, [CONTENDER, lake, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const line = once(createInterface(child.stdout), 'line').then(([text]) => String(text));
  return { child, line };
}

function isLocked(pattern: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof SpreadscopeError && error.code === 'LAKE_LOCKED' && pattern.test(error.message);
}

function lockFiles(): string[] {
  return readdirSync(join(lake, '_journal')).filter((name) => name.startsWith('lock'));
}

test('a second process is refused, and told which process has the lake and since when', async () => {
  const first = contend();
  assert.equal(await first.line, 'held');
  const holder = holderOf(lake, clock);
  assert.ok(typeof holder === 'object');
  assert.equal(holder.pid, first.child.pid);
  const pattern = new RegExp(`^the lake .* is in use: process ${first.child.pid} on .*contender, since 20`);
  assert.throws(() => lockLake(lake, options), isLocked(pattern));
});

test('a process that lets go leaves the lake to the next', async () => {
  const first = contend();
  assert.equal(await first.line, 'held');
  first.child.stdin?.write('go\n');
  await once(first.child, 'exit');
  assert.equal(holderOf(lake, clock), undefined);
  assert.equal(await contend().line, 'held');
});

test("the lake of a process that was killed is free, and only its successor's lock is left", async () => {
  const first = contend();
  assert.equal(await first.line, 'held');
  const second = contend();
  assert.match(await second.line, /^LAKE_LOCKED /);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  assert.equal(await contend().line, 'held');
  assert.equal(lockFiles().length, 1);
});

test('of twenty that find a dead holder at the same moment exactly one gets the lake', async () => {
  const dead = contend();
  assert.equal(await dead.line, 'held');
  dead.child.kill('SIGKILL');
  await once(dead.child, 'exit');
  const at = String(Date.now() + 2500);
  const said = await Promise.all(Array.from({ length: 20 }, () => contend(at).line));
  assert.equal(said.filter((line) => line === 'held').length, 1, said.join('\n'));
  assert.equal(said.filter((line) => line.startsWith('LAKE_LOCKED')).length, 19, said.join('\n'));
});

test('within one process too there is one lock only', () => {
  const lock = lockLake(lake, options);
  assert.throws(() => lockLake(lake, options), isLocked(new RegExp(`process ${process.pid} `)));
  assert.ok(lock.beat());
  lock.release();
  assert.equal(lock.beat(), false);
  lockLake(lake, options).release();
});

/** A lock file as another one would have left it, touched `age` seconds ago. */
function leave(age: number, changes: object | undefined): void {
  const own = lockLake(lake, options);
  const [name = ''] = lockFiles();
  const path = join(lake, '_journal', name);
  const text = readFileSync(path, 'utf8');
  own.release();
  writeFileSync(path, changes === undefined ? '' : JSON.stringify({ ...JSON.parse(text), ...changes }));
  const seconds = Date.now() / 1000 - age;
  utimesSync(path, seconds, seconds);
}

const elsewhere = { host: 'another', boot: 'another', namespace: 'pid:[1]', pid: 1 };

test('a pid that came again, as another process, does not hold the lake', () => {
  leave(0, { pid: process.pid, started: '1' });
  lockLake(lake, options).release();
});

test('a holder on another machine counts while its lock is touched, and 30 s longer', () => {
  leave(20, elsewhere);
  assert.throws(() => lockLake(lake, options), isLocked(/process 1 on another/));
  leaveAgain(40);
  lockLake(lake, options).release();
});

function leaveAgain(age: number): void {
  const [name = ''] = lockFiles();
  const seconds = Date.now() / 1000 - age;
  utimesSync(join(lake, '_journal', name), seconds, seconds);
}

test('a holder from before this machine was started is dead', { skip: process.platform !== 'linux' }, () => {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  leave(uptime + 60, { boot: 'an earlier one' });
  lockLake(lake, options).release();
});

test('a lock that says nothing counts for 30 s', () => {
  leave(40, undefined);
  lockLake(lake, options).release();
  rmSync(join(lake, '_journal'), { recursive: true });
  leave(0, undefined);
  assert.throws(() => lockLake(lake, options), isLocked(/another process/));
});

test('a holder whose lake was taken by another is told so at its next beat', () => {
  const lock = lockLake(lake, options);
  assert.ok(lock.beat());
  writeFileSync(join(lake, '_journal', 'lock-0000000009'), 'free');
  assert.equal(lock.beat(), false);
  lock.release();
});

test('a lake without a journal has no holder', () => {
  assert.equal(holderOf(lake, clock), undefined);
  mkdirSync(join(lake, '_journal'));
  assert.equal(holderOf(lake, clock), undefined);
});
