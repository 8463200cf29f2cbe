import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const PROGRAM = join(import.meta.dirname, '../../../bin/spreadscope');

/** Starts the program as a user would, in a folder of its own without a configuration, which goes with it; `under` is a program that runs it. */
export function spawnProgram(
  args: readonly string[],
  folder?: string,
  environment: Readonly<Record<string, string>> = {},
  under: readonly string[] = [],
): ChildProcess {
  const cwd = folder ?? mkdtempSync(join(tmpdir(), 'spreadscope-'));
  const env = { ...process.env, ...environment };
  const [program = process.execPath, ...words] = [...under, process.execPath, PROGRAM, ...args];
  const child = spawn(program, words, { cwd, env, stdio: 'pipe' });
  running.add(child);
  child.once('exit', () => {
    running.delete(child);
    if (folder === undefined) rmSync(cwd, { recursive: true, force: true });
  });
  return child;
}

const running = new Set<ChildProcess>();

// A test that failed must not leave its programs behind.
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program to its end. */
export async function run(args: readonly string[], input = '', folder?: string): Promise<Ended> {
  const child = spawnProgram(args, folder);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out.text(), err: err.text() };
}

/** Text of a stream so far, and a promise for a match in it. */
export function collect(stream: NodeJS.ReadableStream | null) {
  let text = '';
  const waiting: { pattern: RegExp; found: (match: RegExpExecArray) => void }[] = [];
  stream?.setEncoding('utf8');
  stream?.on('data', (part: string) => {
    text += part;
    for (const { pattern, found } of waiting) {
      const match = pattern.exec(text);
      if (match !== null) found(match);
    }
  });
  return {
    text: () => text,
    match: (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve) => {
        const match = pattern.exec(text);
        if (match === null) waiting.push({ pattern, found: resolve });
        else resolve(match);
      }),
  };
}
