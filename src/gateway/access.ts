import { isIP } from 'node:net';

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

/**
 * Who may talk to the gateway. A name in the `Host` header must be one of ours, since a hostile page can make its own name resolve to this machine (DNS
 * rebinding); an address cannot be rebound, so when the gateway listens beyond loopback every literal address is ours.
 */
export class Access {
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;

  /** @param host what the gateway listens on; @param names others that it is reached under */
  constructor(host: string, names: readonly string[] = []) {
    this.#names = new Set(['localhost', host, ...names].map((name) => name.toLowerCase()));
    this.#anyAddress = !isLoopback(host.toLowerCase());
  }

  allowsHost(header: string | undefined): boolean {
    const name = header === undefined ? undefined : nameOf(header);
    if (name === undefined) return false;
    if (this.#names.has(name) || isLoopback(name)) return true;
    return this.#anyAddress && isIP(name) !== 0;
  }

  /**
   * A page may open a stream only from the origin that served it. No `Origin` means a program and not a page: one on this machine is welcome, and any where a token
   * is asked for anyway.
   */
  allowsOrigin(
    origin: string | undefined,
    host: string | undefined,
    peer: string | undefined,
    asksToken: boolean,
  ): boolean {
    if (origin === undefined) return asksToken || isLoopback((peer ?? '').replace(/^::ffff:/, ''));
    if (!this.allowsHost(host) || !URL.canParse(origin)) return false;
    const { protocol, host: from } = new URL(origin);
    if (protocol !== 'http:' && protocol !== 'https:') return false;
    return from === new URL(`${protocol}//${host}`).host;
  }
}

/** The name in a `Host` header, without port and brackets; undefined if it is none. */
function nameOf(header: string): string | undefined {
  const name = HOST.exec(header)?.[1];
  // The form alone lets ports above 65535 and wrong IPv6 addresses through, of which no origin could be made.
  if (!URL.canParse(`http://${header}`)) return undefined;
  return name?.replace(/^\[|\]$/g, '').toLowerCase();
}

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
