import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SpreadscopeError } from '../core/errors.ts';
import type * as api from '../wire/api.ts';
import { errorReply, noQuery, type Same } from './schemas.ts';
import type { GatewaySources } from './sources.ts';

const memoryReply = Type.Object({
  ...{ budget: Type.Number(), everyMs: Type.Number() },
  ...{ time: Type.Array(Type.Number()), rss: Type.Array(Type.Number()) },
});
true satisfies Same<typeof memoryReply, api.MemoryReply>;

/** Adds `GET /api/v1/memory`: resident memory over the last hours. */
export function addMemoryRoute(app: FastifyInstance, sources: Pick<GatewaySources, 'memory'>): void {
  app.get(
    '/api/v1/memory',
    {
      schema: {
        ...{ summary: 'Resident memory over the last six hours', querystring: noQuery },
        response: { 200: memoryReply, default: errorReply },
      },
    },
    () => {
      if (sources.memory === undefined)
        throw new SpreadscopeError('NOT_FOUND', 'the memory of this process is not written down');
      return sources.memory();
    },
  );
}
