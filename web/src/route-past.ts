import { computed, effect, signal } from '@preact/signals';
import type { Opportunity } from '../../src/core/opportunity.ts';
import type { HistoryReply, OpportunitiesReply, TradesReply } from '../../src/wire/api.ts';
import { ApiError, getJson } from './api.ts';
import type { Blind } from './chart/overlays.ts';
import { chosenRoute } from './location.ts';
import { historyParams, type RouteView, routeView } from './route-view.ts';
import { venueTitle } from './state.ts';

/** What was read of the chosen route's past for the view. */
export interface RoutePastRead {
  readonly id: string;
  readonly view: RouteView;
  readonly reply: HistoryReply;
  readonly marks: readonly Opportunity[];
  /** A text = why there are none; null = not read yet. */
  readonly trades: TradesReply | string | null;
}

export const routePast = signal<RoutePastRead | null>(null);
export const pastState = signal<{ readonly loading: boolean; readonly error: string }>({
  loading: false,
  error: '',
});

const MARKS = 500;
/** As many bars as are told apart. */
const TRADE_SPANS = 240;
const PAUSE_MS = 60;
const ALONE_MS = 300;
const BUSY_AGAIN_MS = 1_500;
const LEAST_AGAIN_MS = 20_000;
/** A view that goes on is read again when so much of it is new. */
const NEW_SHARE = 0.04;

/** Whether what was read still belongs to what is on show. */
export const shownPast = computed(() => {
  const read = routePast.value;
  if (read === null || read.id !== chosenRoute.value) return null;
  const view = routeView.value;
  // While the reader zooms, what is there stays until the finer one comes.
  return read.view.kind === view.kind ? read : null;
});

/** Spells of the shown past in which a leg was not seen. */
export const blindSpells = computed<readonly Blind[]>(() => {
  const read = shownPast.value;
  if (read === null) return [];
  const spell = (why: string) => (gap: { from: number; to: number; venue: string }) => ({
    from: gap.from / 1e6,
    to: gap.to / 1e6,
    why: `${venueTitle(gap.venue)}: ${why}`,
  });
  return [
    ...read.reply.gaps.map((gap) => spell(gap.reason)(gap)),
    // The last fraction of a second is always on its way to the disk.
    ...read.reply.unrecorded.filter(({ from, to }) => to - from > 2e6).map(spell('not recorded')),
  ];
});

/** Reads the past of whatever is on show, and again as it goes on. */
export function followPast(): void {
  effect(() => {
    const id = chosenRoute.value;
    const view = routeView.value;
    if (id === null) {
      routePast.value = null;
      return undefined;
    }
    const reading = new Reading(id, view);
    return () => reading.stop();
  });
}

/** The trades of both venues; why there are none, in the server's words. Rejects when the reading was broken off. */
async function tradesOf(
  id: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<TradesReply | string | null> {
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  if (from >= to) return null;
  try {
    const asked = { symbol, venues: `${buy},${sell}`, from, to, points: TRADE_SPANS };
    return await getJson<TradesReply>('trades', asked, signal);
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}

let lastBegan = Number.NEGATIVE_INFINITY;

class Reading {
  readonly #abort = new AbortController();
  readonly #id: string;
  readonly #view: RouteView;
  #timer = 0;

  constructor(id: string, view: RouteView) {
    this.#id = id;
    this.#view = view;
    pastState.value = { loading: true, error: '' };
    // The first at once; who walks along the list or turns the wheel asks for many, and the last is meant.
    const alone = performance.now() - lastBegan > ALONE_MS;
    lastBegan = performance.now();
    this.#again(alone ? 0 : PAUSE_MS);
  }

  stop(): void {
    this.#abort.abort();
    window.clearTimeout(this.#timer);
  }

  #again(ms: number): void {
    this.#timer = window.setTimeout(() => {
      this.#read().then(
        () => this.#went(),
        (error: unknown) => this.#failed(error),
      );
    }, ms);
  }

  async #read(): Promise<void> {
    if (document.hidden) return;
    const { signal } = this.#abort;
    const [id, view] = [this.#id, this.#view];
    const reply = await getJson<HistoryReply>('history', historyParams(id, view), signal);
    const before = routePast.peek()?.id === id ? routePast.peek() : null;
    routePast.value = { id, view, reply, marks: before?.marks ?? [], trades: before?.trades ?? null };
    const { from, to } = reply;
    const [found, trades] = await Promise.all([
      getJson<OpportunitiesReply>('opportunities', { route: id, from, to, limit: MARKS }, signal),
      tradesOf(id, from, to, signal),
    ]);
    routePast.value = { id, view, reply, marks: found.opportunities, trades };
  }

  #went(): void {
    pastState.value = { loading: false, error: '' };
    if (this.#view.zoom === null)
      this.#again(Math.max(LEAST_AGAIN_MS, this.#view.seconds * 1000 * NEW_SHARE));
  }

  #failed(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const busy = error instanceof ApiError && error.code === 'HISTORY_BUSY';
    const text = error instanceof Error ? error.message : String(error);
    pastState.value = busy ? { loading: true, error: '' } : { loading: false, error: text };
    this.#again(busy ? BUSY_AGAIN_MS : LEAST_AGAIN_MS);
  }
}
