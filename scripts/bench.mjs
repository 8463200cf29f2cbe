// Runs one benchmark: npm run bench -- decode | wire | path | market | parquet | compact | history | fanout | overload | soak | page [flags]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = [
  ...['decode', 'wire', 'path', 'market', 'parquet', 'compact'],
  ...['history', 'fanout', 'overload', 'soak', 'page'],
];
const [name = '', ...flags] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`error USAGE: npm run bench -- NAME, where NAME is one of ${names.join(', ')}`);
  process.exit(2);
}
// The page's benchmark opens the page that was built.
if (name === 'page') build();
const compiled = spawnSync(`${root}/node_modules/.bin/tsc`, ['-p', `${root}/tsconfig.json`], {
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(1);
process.exit(
  spawnSync(process.execPath, [`${root}/dist/bench/${name}.js`, ...flags], { stdio: 'inherit' }).status ?? 1,
);
