/** Loaded into a server before its own code (`--import`): says at its end how large its part for new objects is, and how far its heap grows over what it holds. */
import { writeSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const HELD = 400_000;
const ROUNDS = 12;

function spaceOf(name: string) {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === name);
  if (space === undefined) throw new Error(`this V8 has no ${name}`);
  return space;
}

/** Objects that live long enough to be among the old ones, and die there: the most that they take over the least. */
function growth(): number {
  const held: { readonly number: number }[] = [];
  for (let i = 0; i < HELD; i += 1) held.push({ number: i + 0.5 });
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS * HELD; i += 1) {
    held[i % HELD] = { number: i + 0.25 };
    if (i % 10_000 !== 0 || i < 2 * HELD) continue;
    const { space_used_size: used } = spaceOf('old_space');
    most = Math.max(most, used);
    least = Math.min(least, used);
  }
  return most / least;
}

if (isMainThread && process.argv.includes('start'))
  process.once('exit', () => {
    writeSync(
      2,
      `heap ${JSON.stringify({ youngBytes: spaceOf('new_space').space_size, growth: growth() })}\n`,
    );
  });
