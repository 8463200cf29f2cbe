import { useEffect, useRef } from 'preact/hooks';
import type { RouteReply } from '../../../src/wire/api.ts';
import { amount, bps, signedBps } from '../format.ts';
import { chosenRoute, leaveRoute } from '../location.ts';
import { route, routeError, venueTitle } from '../state.ts';
import { ChartSpans, ChartView } from './chart-view.tsx';
import { Findings } from './findings.tsx';
import { Legs } from './legs.tsx';
import { RouteTools } from './route-tools.tsx';
import { Survival } from './survival.tsx';
import { Waterfall } from './waterfall.tsx';

/** Everything about the chosen route, live. */
export function RoutePanel() {
  const id = chosenRoute.value;
  const panel = useRef<HTMLElement>(null);
  // On a narrow screen the panel stands above the list: whoever opens a route far down the list is brought to it.
  useEffect(() => panel.current?.scrollIntoView({ block: 'nearest' }), [id]);
  if (id === null) return null;
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  const reply = route.value?.route ?? null;
  return (
    <section class="panel" id="route" ref={panel} aria-label={`Route ${id}`}>
      <header>
        <h2>{symbol}</h2>
        <button type="button" class="close" aria-label="Close the route (Esc)" onClick={leaveRoute}>
          ✕
        </button>
        <p>
          buy on <b class="buy">{venueTitle(buy)}</b>, sell on <b class="sell">{venueTitle(sell)}</b>
        </p>
        <ChartSpans />
        <RouteTools id={id} />
      </header>
      {routeError.value !== '' && (
        <p class="trouble" role="alert">
          {routeError.value}
        </p>
      )}
      {routeError.value === '' && reply === null && <p class="wait">Waiting for this route …</p>}
      {reply !== null && <Headline reply={reply} />}
      <ChartView
        key={id}
        labels={{ net: 'net bps', ask: `${venueTitle(buy)} ask`, bid: `${venueTitle(sell)} bid` }}
      />
      {reply !== null && <Legs reply={reply} />}
      {reply !== null && <Waterfall steps={reply.waterfall} />}
      {reply !== null && reply.findings !== null && <Findings findings={reply.findings} />}
      <Survival id={id} />
    </section>
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
