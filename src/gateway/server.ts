import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Access } from './access.ts';
import { type ApiOptions, addApiRoutes, addHealthRoutes } from './api-routes.ts';
import { addDocsRoutes, collectSchemas } from './docs-page.ts';
import { answerError, rawError } from './http-error.ts';
import { checkParameters, type ParameterSchema } from './parameters.ts';

export interface ServerOptions extends ApiOptions {
  readonly access: Access;
  readonly log: Log;
  readonly webRoot: string | undefined;
}

/** The HTTP side, ready to listen. */
export async function makeServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: 10_000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
    http: { headersTimeout: 5000, connectionsCheckingInterval: 1000, maxHeaderSize: 16_384 },
    frameworkErrors: (error, request, reply) => answerError(options.log)(error, request, reply),
    clientErrorHandler: (_error, socket) => {
      // Destroyed once told: whoever sends half a request would else keep the socket for as long as they like.
      if (!socket.writable) socket.destroy();
      else socket.end(rawError('BAD_REQUEST', 'that is not an HTTP request'), () => socket.destroy());
    },
  });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const parameters = schema as ParameterSchema;
    return (data: unknown) => check(parameters, data, httpPart !== 'body');
  });
  app.setSerializerCompiler(({ schema }) => serializer(schema as TSchema));
  app.setErrorHandler(answerError(options.log));
  app.setNotFoundHandler((request) => {
    throw new SpreadscopeError(
      'NOT_FOUND',
      `there is nothing at ${request.url.slice(0, 200)}; see /api/docs`,
    );
  });
  guard(app, options.access);
  await collectSchemas(app, options.version);
  addApiRoutes(app, options);
  addHealthRoutes(app, options);
  addDocsRoutes(app);
  if (options.webRoot !== undefined) await app.register(fastifyStatic, { root: options.webRoot });
  return app;
}

/** Refuses foreign hosts and sends what browsers need to protect the page. */
function guard(app: FastifyInstance, access: Access): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { host } = request.headers;
    const known = access.allowsHost(host);
    const stream = known ? ` ws://${host} wss://${host}` : '';
    void reply.headers({
      'content-security-policy': [
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'",
        `connect-src 'self'${stream}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
    done(known ? undefined : new SpreadscopeError('FORBIDDEN', 'the Host header does not name this server'));
  });
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
