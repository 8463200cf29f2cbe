import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of each heap where V8 puts new objects at the 2 MB that it begins with. Let grow, it takes up to 32 MB in each of five threads, nearly all of it garbage that waits to be found: 75 MB of resident
 * memory at 100,000 messages a second, for no measurable gain, since little of what our threads make outlives the next look.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
