import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

const METHODS = ['get', 'post'] as const;

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name?: string;
    readonly in?: string;
    readonly description?: string;
    readonly schema?: { readonly description?: string };
  }[];
}

/** Collects the schemas of all routes added after it. */
export async function collectSchemas(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'spreadscope',
        version,
        description:
          'Times are µs since the epoch, durations ms, rates per second, spreads basis points; null stands for what is not known. The WebSocket /api/v1/stream is described in docs/API.md.',
      },
    },
  });
}

/** `/api/docs/json` is OpenAPI 3.1, `/api/docs` the same as a plain page. */
export function addDocsRoutes(app: FastifyInstance): void {
  app.get('/api/docs/json', { schema: { hide: true } }, (_request, reply) => {
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger()));
  });
  app.get('/api/docs', { schema: { hide: true } }, (_request, reply) => {
    return reply.type('text/html; charset=utf-8').send(page(app));
  });
}

function page(app: FastifyInstance): string {
  const document = app.swagger() as unknown as {
    readonly paths?: Readonly<Record<string, Partial<Record<(typeof METHODS)[number], Operation>>>>;
  };
  const sections = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method];
      return operation === undefined ? [] : [section(method, path, operation)];
    }),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>spreadscope API</title></head>
<body><h1>spreadscope API</h1>
<p>Machine-readable: <a href="/api/docs/json">OpenAPI 3.1</a>. Errors are <code>{"error":{"code","message"}}</code>.</p>
${sections.join('\n')}
<h2>WebSocket /api/v1/stream</h2>
<p>Send <code>{"op":"subscribe","topic":"routes","params":{"limit":20}}</code>. Topics: <code>venues</code>, <code>routes</code>,
<code>route/&lt;symbol&gt;:&lt;buy&gt;:&lt;sell&gt;</code>, <code>quotes/&lt;symbol&gt;</code>, <code>bounds</code>.</p>
</body></html>`;
}

function section(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name = '', in: place = '', description, schema }) =>
      `<li><code>${htmlOf(name)}</code> (${htmlOf(place)}): ${htmlOf(description ?? schema?.description ?? '')}</li>`,
  );
  const list = parameters.length === 0 ? '' : `<ul>${parameters.join('')}</ul>`;
  return `<h2>${method.toUpperCase()} ${htmlOf(path)}</h2><p>${htmlOf(operation.summary ?? '')}</p>${list}`;
}

function htmlOf(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
