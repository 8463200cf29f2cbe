import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { VENUE_IDS } from '../core/venue-ids.ts';
import { VENUES } from '../venues/index.ts';
import { type Config, endpointsOf } from './config.ts';
import type { Check } from './doctor-check.ts';
import { checkDisk, checkFiles, checkMemory, checkNode, checkPort } from './doctor-machine.ts';
import { checkSockets } from './doctor-sockets.ts';
import { checkVenue } from './doctor-venue.ts';

/** The folder itself, or the one in which it will be made. */
function existingPartOf(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Looks at everything that a run stands on; a failed look is a failed check, never an exception. */
export async function examine(config: Config, folder: string): Promise<Check[]> {
  const venues = VENUE_IDS.filter((id) => config.venues[id].enabled).map((id) => VENUES[id]);
  const reached = await Promise.all(venues.map((venue) => checkVenue(venue, endpointsOf(config, venue))));
  return [
    checkNode(process.versions.node),
    ...reached,
    await checkDisk(config.lake.enabled ? existingPartOf(resolve(folder, config.lake.folder)) : folder),
    checkFiles(config),
    await checkMemory(config),
    await checkPort(config.server),
    checkSockets(),
  ];
}
