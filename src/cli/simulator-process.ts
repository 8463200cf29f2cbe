import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ERRORS, type ErrorCode, SpreadscopeError } from '../core/errors.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/spreadscope', import.meta.url));
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 1000;
const MAX_LINE = 4096;

export interface SimulatorProcess {
  readonly url: string;
  /** Resolves when the simulator ended without being asked to. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Runs `spreadscope sim` with these arguments as a child. Its standard input is a pipe from us: when we end, however that happens, the pipe ends and so does the child.
 * @throws the child's own error line, INTERNAL when it says nothing
 */
export async function startSimulatorProcess(args: readonly string[]): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'sim', '--tied', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  let asked = false;
  const ended = once(child, 'exit');
  const url = await firstLine(child);
  child.stdout.resume();
  const lost = ended.then(([code, signal]) =>
    asked
      ? new Promise<Error>(() => undefined)
      : new SpreadscopeError('INTERNAL', `the simulator ended by itself (${String(signal ?? code)})`),
  );
  return {
    url,
    lost,
    stop: async () => {
      asked = true;
      await endChild(child, ended);
    },
  };
}

async function endChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(force);
}

/** The URL of the child's line `simulator URL`; its error line becomes ours. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    let errors = '';
    const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-MAX_LINE);
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(0, MAX_LINE);
      const match = /^simulator (\S+)\n/m.exec(out);
      if (match?.[1] === undefined) return;
      clearTimeout(limit);
      child.stdout?.removeAllListeners('data');
      resolve(match[1]);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      reject(childError(errors, code));
    });
  });
}

/** The child's own error, with its code. */
function childError(errors: string, exit: number | null): SpreadscopeError {
  const match = /^error ([A-Z_]+): (.+)$/m.exec(errors);
  const code = match?.[1];
  if (code !== undefined && code in ERRORS) return new SpreadscopeError(code as ErrorCode, match?.[2] ?? '');
  const said = errors.trim().split('\n').at(-1) ?? '';
  return new SpreadscopeError('INTERNAL', `the simulator did not start (exit ${String(exit)}): ${said}`);
}
