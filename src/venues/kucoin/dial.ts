import { SpreadscopeError } from '../../core/errors.ts';
import { member, textOf } from '../shared/reply.ts';
import type { Dial } from '../venue.ts';

/**
 * Every dial takes a fresh token (valid 24 h) and the server that comes with it:
 * `POST /api/v1/bullet-public` → `{"code":"200000","data":{"token":"2neA…","instanceServers":[{"endpoint":"wss://ws-api-spot.kucoin.com/","pingInterval":18000,…}]}}`
 */
export const dial: Dial = {
  token: { method: 'POST', path: '/api/v1/bullet-public' },

  url(_base: string, tokenReply: unknown, connectId: string): string {
    const data = member(tokenReply, 'data');
    const token = textOf(member(data, 'token'));
    const servers = member(data, 'instanceServers');
    const endpoint = textOf(member(Array.isArray(servers) ? servers[0] : undefined, 'endpoint'));
    if (token === undefined || endpoint === undefined || !/^wss?:\/\//.test(endpoint)) {
      throw new SpreadscopeError(
        'VENUE_REPLY_INVALID',
        'kucoin answered without a token and a WebSocket endpoint; its interface may have changed, or something stands between us and it',
      );
    }
    return `${endpoint}?token=${encodeURIComponent(token)}&connectId=${encodeURIComponent(connectId)}`;
  },

  awaitWelcome: true,
};
