import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ErrorReply, RouteRow, StatusReply, VenueRow } from '../../src/wire/api.ts';
import type { RouteUpdate, TopicCommand } from '../../src/wire/stream.ts';
import { emptyReplies, statusReply } from './page-data.ts';

export interface ApiRequest {
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The policy that the page must live under. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws:; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";
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
  /** What each path under `/api/v1/` answers. */
  readonly replies = new Map<string, unknown>(emptyReplies());
  /** Paths that fail, and how. */
  readonly failures = new Map<string, { readonly status: number } & ErrorReply>();
  /** Every request for such a path, oldest first: its path and parameters, and the body if there was one. */
  readonly requests: ApiRequest[] = [];
  /** What other topics say. */
  readonly topics = new Map<string, object>();
  /** The newest word on each route that is known; others are answered with an error. */
  readonly route = new Map<string, RouteUpdate>();
  readonly #http: Server;
  readonly #streams = new WebSocketServer({ noServer: true });
  readonly #listeners = new Map<WebSocket, Set<string>>();
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
      gateway.#serve(webRoot, request, response).catch((error: unknown) => {
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
    for (const [client, topics] of this.#listeners) if (topics.has(topic)) this.#say(client, topic, 'update');
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

  /** Resolves with the first request, now or within ten seconds, that passes the test. */
  async request(test: (request: ApiRequest) => boolean): Promise<ApiRequest> {
    return await this.#first(this.requests, test);
  }

  /** Resolves with the first command, now or within ten seconds, that passes the test. */
  async command(test: (command: TopicCommand) => boolean): Promise<TopicCommand> {
    return await this.#first(this.commands, test);
  }

  async #first<T>(list: readonly T[], test: (item: T) => boolean): Promise<T> {
    const patience = AbortSignal.timeout(10_000);
    for (;;) {
      const found = list.find(test);
      if (found !== undefined) return found;
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        patience.onabort = () => reject(new Error(`nothing such among ${JSON.stringify(list)}`));
      });
    }
  }

  #welcome(client: WebSocket): void {
    const topics = new Set<string>();
    this.#listeners.set(client, topics);
    client.on('error', () => client.terminate());
    client.on('close', () => this.#listeners.delete(client));
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

  async #serve(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (path.startsWith('/api/v1/')) {
      const name = path.slice('/api/v1/'.length);
      const body = await text(request);
      this.requests.push({ name, params: Object.fromEntries(searchParams), body });
      for (const resolve of this.#waiting) resolve();
      const failure = this.failures.get(name);
      if (failure !== undefined) {
        response.writeHead(failure.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: failure.error }));
        return;
      }
      const reply = name === 'status' ? this.status : this.replies.get(name);
      if (reply === undefined) response.statusCode = 404;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(reply ?? {}));
      return;
    }
    const file = join(root, normalize(path === '/' ? '/index.html' : path));
    const content = await readFile(file).catch(() => null);
    if (content === null) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(content);
  }
}
