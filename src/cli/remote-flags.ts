import type { Command } from 'commander';
import type { Remote } from '../app/remote.ts';

export interface RemoteFlags {
  readonly url: string;
  readonly token?: string;
}

/** The flags of a command that asks a running spreadscope. */
export function addRemote(command: Command): Command {
  return command
    .option('--url <url>', 'where its page is', 'http://127.0.0.1:8080')
    .option(
      '--token <text>',
      'its token, if it asks for one; better in SPREADSCOPE_TOKEN, which no process list shows',
    );
}

export function remoteOf({ url, token }: RemoteFlags): Remote {
  return { url, token: token ?? process.env.SPREADSCOPE_TOKEN };
}
