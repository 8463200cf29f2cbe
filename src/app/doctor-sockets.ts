import { readFileSync } from 'node:fs';
import type { Check } from './doctor-check.ts';

const FOLDER = '/proc/sys/net/ipv4';
/** The largest send buffer that is still no burden with many clients, and the unsent bytes that are enough to keep a line busy. */
const SEND_BUFFER = 1_048_576;
const NOT_SENT = 65_536;

/**
 * What the kernel may keep for one socket. Never a failure: the gateway keeps to `stream.outboxBytes` per client by itself, but a large single message still
 * goes to the kernel as a whole.
 * @param folder where the settings are read
 */
export function checkSockets(folder = FOLDER): Check {
  const name = 'sockets';
  const most = setting(folder, 'tcp_wmem')?.at(2);
  const notSent = setting(folder, 'tcp_notsent_lowat')?.at(0);
  if (most === undefined || notSent === undefined) {
    return { name, ok: true, detail: 'what the kernel keeps for a client is not known here' };
  }
  const found = `tcp_wmem up to ${most}, tcp_notsent_lowat ${notSent >= 2 ** 31 ? 'off' : notSent}`;
  const fine = most <= SEND_BUFFER || notSent <= NOT_SENT;
  const advice = `; with many clients set net.ipv4.tcp_notsent_lowat=${NOT_SENT} (docs/OPERATIONS.md)`;
  return { name, ok: true, detail: `${found}${fine ? '' : advice}` };
}

function setting(folder: string, name: string): number[] | undefined {
  try {
    return readFileSync(`${folder}/${name}`, 'utf8').trim().split(/\s+/).map(Number);
  } catch {
    // Not Linux, or hidden in a container: there is nothing to advise.
    return undefined;
  }
}
