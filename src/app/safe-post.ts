import { lookup as resolve } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';

export interface SafePost {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Private addresses and networks that are allowed after all. */
  readonly allow: readonly string[];
}

export interface PostReply {
  readonly status: number;
  /** The first 4 KB. */
  readonly text: string;
}

/** A post that must not be made, now or later. */
export class ForbiddenAddress extends Error {}

const MOST_BYTES = 4096;
/** Networks that no alert has business in: this machine, private and shared ones, link-local with the metadata services of clouds, multicast, and those that wrap an IPv4 address. */
const FORBIDDEN: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/127', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
];
const forbidden = networks(FORBIDDEN);
/** Apart, since a list with this network takes every IPv4 address for one of it. */
const wrapped = networks(['::ffff:0:0/96']);

/**
 * Posts to an address that was checked before the connection is made, and is the one that is connected to. Redirects are not followed. Throws `ForbiddenAddress`, or what the network throws.
 */
export async function safePost(post: SafePost): Promise<PostReply> {
  const url = new URL(post.url);
  const signal = AbortSignal.timeout(post.timeoutMs);
  const address = await safeAddress(url, networks(post.allow), signal);
  return await new Promise<PostReply>((done, fail) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const length = Buffer.byteLength(post.body);
    const request = send(
      url,
      {
        ...{ method: 'POST', agent: false, signal, headers: { ...post.headers, 'content-length': length } },
        // The address that was checked, whatever the name resolves to by now.
        lookup: (_name, options, answer) => {
          if (options.all === true) answer(null, [address]);
          else answer(null, address.address, address.family);
        },
      },
      (reply) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        const end = (): void => {
          reply.destroy();
          const text = Buffer.concat(parts).subarray(0, MOST_BYTES).toString();
          done({ status: reply.statusCode ?? 0, text });
        };
        reply.on('data', (part: Buffer) => {
          parts.push(part);
          bytes += part.length;
          if (bytes >= MOST_BYTES) end();
        });
        reply.on('end', end);
        reply.on('error', fail);
      },
    );
    request.on('error', (error) =>
      fail(
        signal.aborted ? new Error(`no answer within ${post.timeoutMs / 1000} s`, { cause: error }) : error,
      ),
    );
    request.end(post.body);
  });
}

/** Every address that the name has must be allowed: which one the system takes is not ours to say. */
async function safeAddress(
  url: URL,
  allowed: BlockList,
  signal: AbortSignal,
): Promise<{ readonly address: string; readonly family: number }> {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(name);
  const found =
    family === 0 ? await within(resolve(name, { all: true }), signal) : [{ address: name, family }];
  for (const one of found) {
    const version = one.family === 6 ? 'ipv6' : 'ipv4';
    if (allowed.check(one.address, version)) continue;
    if (forbidden.check(one.address, version) || (version === 'ipv6' && wrapped.check(one.address, version)))
      throw new ForbiddenAddress(`${url.host} is at ${one.address}, an address of a private network`);
    if (url.protocol !== 'https:') throw new ForbiddenAddress(`${url.origin} is not https`);
  }
  const [first] = found;
  if (first === undefined) throw new Error(`${name} has no address`);
  return first;
}

/** The system's resolver cannot be stopped, only not waited for. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((done, fail) => {
    signal.addEventListener('abort', () => fail(new Error('the name was not resolved in time')), {
      once: true,
    });
    work.then(done, fail);
  });
}

function networks(list: readonly string[]): BlockList {
  const all = new BlockList();
  for (const network of list) {
    const [address = '', bits] = network.split('/');
    const version = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) all.addAddress(address, version);
    else all.addSubnet(address, Number(bits), version);
  }
  return all;
}
