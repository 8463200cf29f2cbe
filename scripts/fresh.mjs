// What the scripts share: paths, running a command, and telling whether something made from files is older than they are.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command in the project's folder with our terminal; ends us with its exit code if it fails. */
export function run(command, args, what) {
  const began = Date.now();
  console.error(`· ${what}`);
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['inherit', 2, 2] });
  if (error !== undefined) fail(`${command} cannot be run: ${error.message}`);
  if (status !== 0) fail(`${what}: failed`, status ?? 1);
  console.error(`  ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

export function fail(message, code = 1) {
  console.error(`error: ${message}`);
  process.exit(code);
}

/** Installs the exact packages of the lock file, if that has not been done since it changed. */
export function install() {
  const done = join(ROOT, 'node_modules/.package-lock.json');
  if (existsSync(done) && modified(done) >= modified(join(ROOT, 'package-lock.json'))) return;
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'installing packages');
}

/** The program of an installed package, run by this Node whatever the PATH holds. */
export function tool(name) {
  return join(ROOT, 'node_modules/.bin', name);
}

/** Whether `made` is missing or older than any of these files and folders. */
export function isStale(made, sources) {
  const path = join(ROOT, made);
  return !existsSync(path) || sources.some((source) => newest(join(ROOT, source)) > modified(path));
}

function newest(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return modified(path);
  // A folder's own time changes when a file in it appears or goes.
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .reduce((latest, entry) => Math.max(latest, newest(join(path, entry.name))), modified(path));
}

function modified(path) {
  return statSync(path).mtimeMs;
}
