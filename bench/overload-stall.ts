import { setTimeout as wait } from 'node:timers/promises';
import { ClientProcess } from './overload-clients.ts';
import type { Subscribe } from './overload-protocol.ts';
import type { StallResult } from './overload-result.ts';
import { readSockets } from './proc.ts';

const LOOK_EVERY_MS = 100;
/** Who is not closed by then is left as not closed. */
const PATIENCE_MS = 45_000;
/** For reading what the kernel still holds of it, and the close code behind that. */
const THAW_MS = 1_500;

/** Clients that are stopped as a process, and when the server gives them up. */
export interface Stalled {
  freeze(): void;
  readonly pending: () => number;
  readonly frozenAt: () => number;
  /** Lets them run again, asks for their close codes and ends them. */
  end(): Promise<StallResult[]>;
}

/** Opens the clients and waits until all of them have had a first message of each topic. */
export async function stallClients(
  url: string,
  clients: readonly (readonly Subscribe[])[],
): Promise<Stalled> {
  const process = new ClientProcess();
  await process.open(url, clients);
  const { ports } = await process.report();
  const serverPort = Number(new URL(url).port);
  const closedAt = new Map<number, number>();
  let frozenAt = Number.NaN;
  let watch: NodeJS.Timeout | undefined;
  const look = (): void => {
    const { peers } = readSockets(serverPort);
    for (const port of ports) {
      if (!peers.has(port) && !closedAt.has(port)) closedAt.set(port, performance.now() - frozenAt);
    }
  };
  return {
    freeze: () => {
      process.freeze();
      frozenAt = performance.now();
      watch = setInterval(look, LOOK_EVERY_MS);
    },
    pending: () => ports.length - closedAt.size,
    frozenAt: () => frozenAt,
    end: async () => {
      clearInterval(watch);
      process.thaw();
      await wait(THAW_MS);
      const { closes } = await process.report();
      await process.end();
      return ports.map((port, client) => ({
        client,
        topics: clients[client]?.length ?? 0,
        closedAfterMs: closedAt.get(port) ?? null,
        code: closes.find((close) => close.client === client)?.code ?? null,
      }));
    },
  };
}

/** Waits until the server has given all of them up, or for as long as patience lasts. */
export async function closedAll(stalled: Stalled): Promise<void> {
  while (stalled.pending() > 0 && performance.now() - stalled.frozenAt() < PATIENCE_MS)
    await wait(LOOK_EVERY_MS);
}
