import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { type ApiOptions, addApiRoutes, addHealthRoutes } from './api-routes.ts';
import { addDocsRoutes, collectSchemas } from './docs-page.ts';
import { answerError, pathOf, rawError } from './http-error.ts';
import type { GatewayLimits } from './limits.ts';
import { checkParameters, type ParameterSchema } from './parameters.ts';
import { addPastRoutes, PAST_BARE, PAST_PAGE } from './past-route.ts';
import { addTicketRoute } from './ticket-route.ts';
import type { TokenGate } from './token.ts';

export interface ServerOptions extends ApiOptions {
  readonly token: TokenGate;
  readonly limits: GatewayLimits;
  readonly log: Log;
  readonly webRoot: string | undefined;
}

const KEEP_ALIVE_MS = 10_000;
/** A socket on which nothing moves is cut, whatever it is in the middle of. */
const IDLE_MS = 120_000;
const REQUESTS_PER_SOCKET = 1000;
/** The route of @fastify/static. */
const PAGE_ROUTE = '/*';

/** The HTTP side, ready to listen. */
export async function makeServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = bareServer(options);
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const parameters = schema as ParameterSchema;
    return (data: unknown) => check(parameters, data, httpPart !== 'body');
  });
  app.setSerializerCompiler(({ schema }) => serializer(schema as TSchema));
  app.setErrorHandler(answerError(options.log));
  app.setNotFoundHandler((request) => {
    throw new SpreadscopeError(
      'NOT_FOUND',
      `there is nothing at ${pathOf(request.url).slice(0, 200)}; see /api/docs`,
    );
  });
  guard(app, options);
  await collectSchemas(app, options.version);
  addApiRoutes(app, options);
  if (options.token.isShut) addTicketRoute(app, options.token);
  addHealthRoutes(app, options);
  addDocsRoutes(app);
  const page = options.webRoot !== undefined;
  if (options.webRoot !== undefined) await app.register(fastifyStatic, { root: options.webRoot });
  const { past } = options.sources;
  if (past !== undefined) addPastRoutes(app, { past, access: options.access, page });
  return app;
}

/** With limits on how long a peer may take for what, and what it may send. A refused connection is told why, then cut. */
function bareServer({ limits, log }: ServerOptions): FastifyInstance {
  return fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: IDLE_MS,
    maxRequestsPerSocket: REQUESTS_PER_SOCKET,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.lookMs,
      maxHeaderSize: 16_384,
      requireHostHeader: true,
      insecureHTTPParser: false,
    },
    frameworkErrors: (error, request, reply) => answerError(log)(error, request, reply),
    clientErrorHandler: (error, socket) => {
      const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
      const message = late ? 'the request did not arrive in time' : 'that is not an HTTP request';
      // Destroyed once told: whoever sends half a request would else keep the socket for as long as they like.
      if (!socket.writable) socket.destroy();
      else socket.end(rawError('BAD_REQUEST', message), () => socket.destroy());
    },
  });
}

/** Refuses foreign hosts and whoever does not know the token, and sends what browsers need to protect the page. */
function guard(app: FastifyInstance, { access, token }: ServerOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { host, authorization } = request.headers;
    const known = access.allowsHost(host);
    const stream = known ? ` ws://${host} wss://${host}` : '';
    void reply.headers({
      'content-security-policy': [
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'",
        `connect-src 'self'${stream}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`,
        "require-trusted-types-for 'script'; trusted-types 'none'",
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
    if (!known) done(new SpreadscopeError('FORBIDDEN', 'the Host header does not name this server'));
    else if (isOpen(request) || token.knowsHeader(authorization)) done();
    else {
      void reply.header('www-authenticate', 'Bearer');
      done(new SpreadscopeError('UNAUTHORIZED', 'send the token as Authorization: Bearer TOKEN'));
    }
  });
}

/** What may be had without the token: whether the process is alive, and the page's files, which hold nothing but the page and ask for it. */
function isOpen(request: FastifyRequest): boolean {
  const { url } = request.routeOptions;
  return url === '/healthz' || url === PAGE_ROUTE || url === PAST_PAGE || url === PAST_BARE;
}

function check(schema: ParameterSchema, data: unknown, text: boolean): { value: unknown } | { error: Error } {
  try {
    return { value: checkParameters(schema, data, text) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** A reply that is not what its schema says is a fault of ours, and is not sent. */
function serializer(schema: TSchema): (data: unknown) => string {
  const shape = Compile(schema);
  return (data) => {
    if (!shape.Check(data)) {
      const [first] = shape.Errors(data);
      throw new Error(`a reply is not of its schema: ${JSON.stringify(first)}`);
    }
    return JSON.stringify(data);
  };
}
