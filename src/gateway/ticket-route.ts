import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { errorReply, noQuery } from './schemas.ts';
import type { TokenGate } from './token.ts';

const ticketReply = Type.Object({
  ticket: Type.String({ description: 'opens one stream within 30 s: /api/v1/stream?ticket=TICKET' }),
});

/** `POST /api/v1/ticket`: for clients that can put neither a header nor a first message. */
export function addTicketRoute(app: FastifyInstance, token: TokenGate): void {
  const schema = {
    summary: 'A ticket that opens one stream within 30 s',
    querystring: noQuery,
    response: { 200: ticketReply, default: errorReply },
  };
  app.post('/api/v1/ticket', { schema }, () => ({ ticket: token.issue() }));
}
