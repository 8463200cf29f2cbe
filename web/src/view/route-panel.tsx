import { useEffect, useRef } from 'preact/hooks';
import type { RouteReply } from '../../../src/wire/api.ts';
import { amount, bps, signedBps } from '../format.ts';
import { toggleWide } from '../keyboard.ts';
import { chosenRoute, leaveRoute, pageHref } from '../location.ts';
import { stars, toggleStar } from '../marks.ts';
import { routeView, wide } from '../route-view.ts';
import { route, routeError, venueTitle } from '../state.ts';
import { ChartTools } from './chart-tools.tsx';
import { ChartView } from './chart-view.tsx';
import { Findings } from './findings.tsx';
import { Legs } from './legs.tsx';
import { Survival } from './survival.tsx';
import { Waterfall } from './waterfall.tsx';

/** Everything about the chosen route, live. */
export function RoutePanel() {
  const id = chosenRoute.value;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.scrollTo(0, 0), [id]);
  if (id === null) return null;
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  const reply = route.value?.route ?? null;
  const { kind } = routeView.value;
  return (
    <section class="panel" id="route" ref={panel} aria-label={`Route ${id}`}>
      <Head id={id} />
      {routeError.value !== '' && (
        <p class="trouble" role="alert">
          {routeError.value}
        </p>
      )}
      {routeError.value === '' && reply === null && <p class="wait">Waiting for this route …</p>}
      {reply !== null && <Headline reply={reply} />}
      <ChartTools id={id} />
      <ChartView
        key={id}
        symbol={symbol}
        labels={{ net: `${kind} bps`, ask: `${venueTitle(buy)} ask`, bid: `${venueTitle(sell)} bid` }}
      />
      {reply !== null && (
        <div class="parts">
          <div>
            <Legs reply={reply} />
            <Waterfall steps={reply.waterfall} />
          </div>
          <div>
            <Findings reply={reply} />
            <Survival id={id} />
          </div>
        </div>
      )}
    </section>
  );
}

function Head({ id }: { id: string }) {
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  const starred = stars.value.includes(id);
  return (
    <header>
      <h2>
        <button
          type="button"
          class="star"
          aria-pressed={starred}
          aria-label="Watch this route"
          onClick={() => toggleStar(id)}
        >
          {starred ? '★' : '☆'}
        </button>
        <a href={pageHref('matrix', symbol)} title="All venues of this symbol">
          {symbol}
        </a>
      </h2>
      <span class="controls">
        <button
          type="button"
          id="wide"
          aria-pressed={wide.value}
          title="Over the whole page (e)"
          onClick={toggleWide}
        >
          {wide.value ? '⇥ beside' : '⇤ wide'}
        </button>
        <button type="button" class="close" aria-label="Close the route (Esc)" onClick={leaveRoute}>
          ✕
        </button>
      </span>
      <p>
        buy on <b class="buy">{venueTitle(buy)}</b>, sell on <b class="sell">{venueTitle(sell)}</b>
      </p>
    </header>
  );
}

function Headline({ reply }: { reply: RouteReply }) {
  const gain = (reply.netBps ?? 0) >= 0.05;
  return (
    <>
      <dl class="headline">
        <div class={gain ? 'gain' : ''}>
          <dt>Net, bps</dt>
          <dd id="route-net">{signedBps(reply.netBps)}</dd>
        </div>
        <div>
          <dt>Gross, bps</dt>
          <dd>{bps(reply.grossBps)}</dd>
        </div>
        <div>
          <dt>Size, base</dt>
          <dd>{amount(reply.size)}</dd>
        </div>
        <div>
          <dt>Notional, quote</dt>
          <dd>{amount(reply.notional)}</dd>
        </div>
      </dl>
      {!reply.valid && (
        <p class="trouble" id="invalid">
          No spread now: {reply.reason}
        </p>
      )}
    </>
  );
}
