// npm start, npm run demo: installs and builds what is missing or out of date, then becomes `spreadscope start` or `demo`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { fail, install, ROOT } from './fresh.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Node ${process.versions.node} is too old; 20.19 or newer is needed`);

install();
build();

const child = spawn(process.execPath, [join(ROOT, 'bin/spreadscope'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// A terminal sends SIGINT to the whole process group, so the child has it already.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGTERM'));
child.on('error', (error) => fail(`cannot run bin/spreadscope: ${error.message}`));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGTERM' || signal === 'SIGINT' ? 0 : 1);
});
