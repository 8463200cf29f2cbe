import type { ResourceLimits } from 'node:worker_threads';

/**
 * What V8 may use of a thread's heap for new objects. Let alone, that part grows to 34 MB in each of five threads at 100,000 messages a second, nearly all of it garbage that waits to be found: with this, 110 MB less are
 * resident, for no processor time that could be measured, since little of what our threads make lives on. The main thread's is kept small by `bin/spreadscope`, before anything is loaded.
 */
export const YOUNG_GENERATION: ResourceLimits = { maxYoungGenerationSizeMb: 6 };
