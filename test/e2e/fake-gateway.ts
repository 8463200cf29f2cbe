import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RouteRow, StatusReply, VenueRow } from '../../src/wire/api.ts';
import type { RouteUpdate, TopicCommand } from '../../src/wire/stream.ts';
import { statusReply } from './page-data.ts';

/** The policy that the page must live under. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws:";
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The page's test double of the gateway: it serves the built page and speaks src/wire, but says only what a test sets, when the test says so. It makes states
 * that are hard to get from the real one (a stale venue, no venue at all, a close with any code).
 */
export class FakeGateway {
  readonly url: string;
  /** Every command received, oldest first. */
  readonly commands: TopicCommand[] = [];
  venues: readonly VenueRow[] = [];
  routes: readonly RouteRow[] = [];
  routesTotal: number | null = null;
  status: StatusReply = statusReply();
  /** What other topics say, by their names. */
  readonly topics = new Map<string, object>();
  /** What other paths under `/api/v1/` answer, without their query. */
  readonly paths = new Map<string, object>([
    ['history', { time: [], value: [] }],
    ['opportunities', { opportunities: [] }],
    ['survival', { groups: [], delaysMs: [] }],
  ]);
  /** Every other path that was asked for, with its query and what was posted there. */
  readonly asked: { readonly path: string; readonly body: string }[] = [];
  /** The newest word on each route that is known; others are answered with an error. */
  readonly route = new Map<string, RouteUpdate>();
  readonly #http: Server;
  readonly #streams = new WebSocketServer({ noServer: true });
  readonly #topics = new Map<WebSocket, Set<string>>();
  readonly #waiting = new Set<() => void>();
  #seq = 0;
  #refusing = false;

  private constructor(http: Server) {
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on('upgrade', (request, socket, head) => {
      if (this.#refusing) socket.destroy();
      else this.#streams.handleUpgrade(request, socket, head, (client) => this.#welcome(client));
    });
  }

  /** Listens on a free port of loopback; `webRoot` is the folder of the built page. */
  static async start(webRoot: string): Promise<FakeGateway> {
    const http = createServer();
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const gateway = new FakeGateway(http);
    http.on('request', (request, response) => {
      serve(webRoot, request, response, gateway).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
    return gateway;
  }

  async stop(): Promise<void> {
    for (const client of this.#streams.clients) client.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  /** Sends what is set now as an update to everybody who listens to the topic. */
  push(topic: string): void {
    for (const [client, topics] of this.#topics) if (topics.has(topic)) this.#say(client, topic, 'update');
  }

  /** Ends all streams with a close code, or by cutting the wire when there is none; new ones are refused while `refuse`. */
  drop(code: number | null, refuse = false): void {
    this.#refusing = refuse;
    for (const client of this.#streams.clients) {
      if (code === null) client.terminate();
      else client.close(code);
    }
  }

  accept(): void {
    this.#refusing = false;
  }

  /** Resolves with the first command, now or within ten seconds, that passes the test. */
  async command(test: (command: TopicCommand) => boolean): Promise<TopicCommand> {
    const patience = AbortSignal.timeout(10_000);
    for (;;) {
      const found = this.commands.find(test);
      if (found !== undefined) return found;
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        patience.onabort = () => reject(new Error(`no such command among ${JSON.stringify(this.commands)}`));
      });
    }
  }

  #welcome(client: WebSocket): void {
    const topics = new Set<string>();
    this.#topics.set(client, topics);
    client.on('error', () => client.terminate());
    client.on('close', () => this.#topics.delete(client));
    client.on('message', (data) => {
      const command = JSON.parse(String(data)) as TopicCommand;
      this.commands.push(command);
      if (command.op === 'unsubscribe') topics.delete(command.topic);
      else {
        topics.add(command.topic);
        this.#say(client, command.topic, 'snapshot');
      }
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
  }

  #say(client: WebSocket, topic: string, type: 'snapshot' | 'update'): void {
    const data = this.#data(topic, type);
    if (data === null) {
      const error = { type: 'error', topic, code: 'UNKNOWN_ROUTE', message: 'no venue pair has that route' };
      client.send(JSON.stringify(error));
    } else client.send(JSON.stringify({ topic, seq: this.#seq++, type, ...data }));
  }

  #data(topic: string, type: 'snapshot' | 'update'): object | null {
    const time = Date.now() * 1000;
    if (topic === 'venues') return { venues: this.venues, time };
    if (topic === 'routes') {
      return { routes: this.routes, total: this.routesTotal ?? this.routes.length, time };
    }
    const other = this.topics.get(topic);
    if (other !== undefined) return { ...other, time };
    const update = this.route.get(topic.slice('route/'.length));
    if (update === undefined) return null;
    if (type === 'snapshot') return update;
    return { time: update.time, route: update.route };
  }
}

async function serve(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  gateway: FakeGateway,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname;
  if (path.startsWith('/api/v1/')) {
    const name = path.slice('/api/v1/'.length);
    let body = '';
    for await (const part of request) body += String(part);
    if (name !== 'status') gateway.asked.push({ path: `${name}${url.search}`, body });
    const reply = name === 'status' ? gateway.status : gateway.paths.get(name);
    response.writeHead(reply === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply ?? { error: { code: 'NOT_FOUND', message: `nothing at ${name}` } }));
    return;
  }
  const file = join(root, normalize(path === '/' ? '/index.html' : path));
  const body = await readFile(file).catch(() => null);
  if (body === null) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
  response.end(body);
}
