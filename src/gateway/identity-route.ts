import type { FastifyInstance } from 'fastify';
import { SpreadscopeError } from '../core/errors.ts';
import { IDENTITY_DECISIONS, type IdentityDecision } from '../core/route-notes.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { IdentityReply } from '../wire/api.ts';
import type { Access } from './access.ts';
import { errorReply, identityBody, identityReply, noQuery } from './schemas.ts';
import type { IdentitySource } from './sources.ts';

/** What `POST /api/v1/identity` takes. */
export interface IdentityOrder {
  readonly symbol?: string;
  readonly venues?: readonly VenueId[];
  readonly decision?: IdentityDecision;
}

/** `/api/v1/identity`: which venues may not mean the same coin by a ticker, and what somebody says of it. */
export function addIdentityRoutes(app: FastifyInstance, source: IdentitySource, access: Access): void {
  const responses = { 200: identityReply, default: errorReply };
  app.get(
    '/api/v1/identity',
    {
      schema: {
        ...{ summary: 'Venues that may not mean the same coin by the same ticker' },
        ...{ querystring: noQuery, response: responses },
      },
    },
    (): IdentityReply => source.read(),
  );
  app.post<{ Body: IdentityOrder }>(
    '/api/v1/identity',
    {
      schema: {
        ...{ summary: 'Approves, denies or leaves a pair of venues to the guard again' },
        ...{ querystring: noQuery, body: identityBody, response: responses },
      },
    },
    async (request): Promise<IdentityReply> => {
      const { origin, host } = request.headers;
      // Another page must not decide with this browser's rights.
      if (origin !== undefined && !access.allowsOrigin(origin, host, request.ip, true))
        throw new SpreadscopeError('FORBIDDEN', 'the Origin of the request is not this server');
      const { symbol, venues, decision } = request.body;
      const [a, b] = venues ?? [];
      if (symbol === undefined || a === undefined || b === undefined || a === b || decision === undefined) {
        throw new SpreadscopeError(
          'BAD_REQUEST',
          `send {"symbol": "BTC-USDT", "venues": ["binance", "okx"], "decision": one of ${IDENTITY_DECISIONS.join(', ')}}`,
        );
      }
      await source.decide(symbol, a, b, decision);
      return source.read();
    },
  );
}
