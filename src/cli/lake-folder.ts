import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { SpreadscopeError } from '../core/errors.ts';
import { loadFromFlags } from './config-flags.ts';

/** Where `demo` records, so that simulated rows do not lie among real ones. */
export const DEMO_LAKE = 'lake-demo';

/** Gives a command the flags by which a lake is found. */
export function addLakeFolder(command: Command): Command {
  return command
    .option('--lake <folder>', "the folder that was recorded into (default: the configuration's, lake)")
    .option('--config <file>', 'read this file instead of ./spreadscope.yaml');
}

/** The lake that a command is to read: the flag's, or the configuration's. @throws NO_LAKE, CONFIG_INVALID, FILE_UNREADABLE */
export async function lakeFolderOf(lake: string | undefined, command: Command): Promise<string> {
  if (lake !== undefined) return lake;
  const { config } = await loadFromFlags(command);
  const { folder } = config.lake;
  if (!existsSync(folder) && existsSync(DEMO_LAKE))
    throw new SpreadscopeError(
      'NO_LAKE',
      `there is no folder ${folder}; what the demo recorded is in ${DEMO_LAKE}: add --lake ${DEMO_LAKE}`,
    );
  return folder;
}
