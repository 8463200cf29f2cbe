import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime } from '../core/times.ts';
import { isVenueId, VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import type { HistoryKind } from '../wire/api.ts';
import { formatFor, HISTORY_FORMATS, textOf } from './history-format.ts';
import type { HistoryReplies } from './history-replies.ts';
import type { GatewaySources, HistoryQuery } from './sources.ts';

/** How long a client may take nothing of an answer before it is cut off: it holds one of few places. */
const STALL_MS = 30_000;

/** What a client may give; times as text. */
export interface HistoryParams {
  readonly symbol?: string;
  readonly buy?: string;
  readonly sell?: string;
  readonly from?: string;
  readonly to?: string;
  readonly kind?: HistoryKind;
  readonly points?: number;
  readonly window?: number;
  readonly band?: number;
}

export interface HistoryRouteOptions {
  readonly sources: Pick<GatewaySources, 'history'>;
  /** µs since the epoch. */
  readonly clock: () => number;
  readonly replies: HistoryReplies;
  /** How long a client may take nothing, ms. */
  readonly stallMs?: number;
}

/** Adds `GET /api/v1/history`: a recorded route's series, streamed as fast as the client takes it. */
export function addHistoryRoute(
  app: FastifyInstance,
  schema: Record<string, unknown>,
  options: HistoryRouteOptions,
): void {
  app.get<{ Querystring: HistoryParams }>('/api/v1/history', { schema }, async (request, reply) => {
    const query = queryOf(request.query, options.clock());
    const { history } = options.sources;
    if (history === undefined)
      throw new SpreadscopeError(
        'NO_LAKE',
        'nothing is recorded and no windows are kept: start without --no-record',
      );
    const format = formatFor(request.headers.accept);
    const release = format === 'json' ? options.replies.take() : () => {};
    const client = new Client(reply, options.stallMs ?? STALL_MS, release);
    try {
      const about = { ...query, route: `${query.symbol}:${query.buy}:${query.sell}` };
      const text = textOf(format, about, await history.read(query, client.signal));
      // What goes wrong before the first text is still an error with its own status.
      const first = await text.next();
      return await reply
        .type(HISTORY_FORMATS[format])
        .header('vary', 'accept')
        .send(Readable.from(client.watch(first, text), { objectMode: false, highWaterMark: 65_536 }));
    } catch (error) {
      client.end();
      throw error;
    }
  });
}

function queryOf(given: HistoryParams, now: number): HistoryQuery {
  const { symbol } = given;
  if (symbol === undefined)
    throw new SpreadscopeError('BAD_REQUEST', 'symbol is missing; it is one such as BTC-USDT');
  const [buy, sell] = [venueOf('buy', given.buy), venueOf('sell', given.sell)];
  if (buy === sell)
    throw new SpreadscopeError('UNKNOWN_ROUTE', `buy and sell are both ${buy}; a route has two venues`);
  const from = parseTime(given.from ?? '-1h', now, 'from');
  const to = parseTime(given.to ?? 'now', now, 'to');
  if (from > to) throw new SpreadscopeError('BAD_REQUEST', 'from is later than to');
  const { kind = 'net', points, window: bandWindow, band: bandPercent } = given;
  return { symbol, buy, sell, kind, from, to, now, points, bandWindow, bandPercent };
}

function venueOf(name: 'buy' | 'sell', text: string | undefined): VenueId {
  if (text !== undefined && isVenueId(text)) return text;
  const known = VENUE_IDS.join(', ');
  if (text === undefined)
    throw new SpreadscopeError('BAD_REQUEST', `${name} is missing; it is one of ${known}`);
  throw new SpreadscopeError('UNKNOWN_VENUE', `${name}: there is no venue ${text}; known: ${known}`);
}

/** Who waits for an answer: when they go away, or take nothing for too long, what is read for them is aborted. */
class Client {
  readonly #reply: FastifyReply;
  readonly #abort = new AbortController();
  readonly #stallMs: number;
  readonly #ended: () => void;
  #stalled: NodeJS.Timeout | undefined;

  /** @param ended called when nothing of the answer is kept any more; perhaps more than once */
  constructor(reply: FastifyReply, stallMs: number, ended: () => void) {
    this.#reply = reply;
    this.#ended = ended;
    this.#stallMs = stallMs;
    reply.raw.once('close', this.#closed);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Hands the text on; each piece must be taken in time. */
  async *watch(
    first: IteratorResult<string, void>,
    text: AsyncGenerator<string, void, undefined>,
  ): AsyncGenerator<string, void, undefined> {
    try {
      for (let piece = first; piece.done !== true; piece = await text.next()) {
        if (piece.value === '') continue;
        this.#stalled = setTimeout(() => this.#reply.raw.destroy(), this.#stallMs);
        yield piece.value;
        clearTimeout(this.#stalled);
      }
    } finally {
      this.end();
    }
  }

  end(): void {
    clearTimeout(this.#stalled);
    this.#reply.raw.removeListener('close', this.#closed);
    this.#closed();
  }

  readonly #closed = (): void => {
    clearTimeout(this.#stalled);
    this.#ended();
    this.#abort.abort(new SpreadscopeError('BAD_REQUEST', 'the client went away'));
  };
}
