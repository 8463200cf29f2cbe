import { useEffect, useState } from 'preact/hooks';
import type { AlertsReply, IdentityPair, IdentityReply } from '../../../src/wire/api.ts';
import { ask } from '../api.ts';
import { clockTime, count } from '../format.ts';
import { notifying, toggleNotifying } from '../notify.ts';
import { venueTitle } from '../state.ts';
import type { Stream } from '../stream.ts';
import type { TopicMessage } from '../topics.ts';
import { useTopic } from './use-topic.ts';

type AlertsMessage = TopicMessage & AlertsReply;
const isAlerts = (message: TopicMessage): message is AlertsMessage => 'alerts' in message;

/** What fired, how deliveries fare, and which tickers may not be the same coin. */
export function AlertsPage({ stream }: { stream: Stream }) {
  const { data } = useTopic(stream, 'alerts', isAlerts);
  return (
    <section class="sheet scrolls" aria-label="Alerts">
      <header class="bar">
        <h2>Alerts</h2>
        <button type="button" id="notify" aria-pressed={notifying.value} onClick={toggleNotifying}>
          {notifying.value ? 'Desktop notifications on' : 'Notify on this desktop'}
        </button>
        {data !== null && (
          <output class="shown">
            {count(data.counts.told)} told · {count(data.counts.cooled + data.counts.grouped)} folded
          </output>
        )}
      </header>
      {data !== null && data.rules.length === 0 && (
        <p class="wait">
          There is no rule. Write some under <code>alerts.rules</code> in spreadscope.yaml, then try{' '}
          <code>spreadscope alert test</code>.
        </p>
      )}
      {data !== null && data.rules.length > 0 && <Fired reply={data} />}
      <Quarantine />
    </section>
  );
}

function Fired({ reply }: { reply: AlertsReply }) {
  return (
    <>
      {reply.alerts.length === 0 && (
        <p class="wait">{`No alert yet; ${reply.rules.map(({ name }) => name).join(', ')} watch.`}</p>
      )}
      <ol class="log" id="alerts">
        {reply.alerts.map((alert) => (
          <li key={alert.id} class={alert.kind}>
            <time>{clockTime(alert.time / 1e6)}</time> {alert.message}
          </li>
        ))}
      </ol>
      <table class="plain" id="sinks">
        <thead>
          <tr>
            <th scope="col">Sink</th>
            <th scope="col" class="num">
              Delivered
            </th>
            <th scope="col" class="num">
              Undelivered
            </th>
            <th scope="col" class="num">
              Waiting
            </th>
            <th scope="col">Last error</th>
          </tr>
        </thead>
        <tbody>
          {reply.sinks.map((sink) => (
            <tr key={sink.sink}>
              <td>{sink.sink}</td>
              <td class="num">{count(sink.delivered)}</td>
              <td class={sink.undelivered > 0 ? 'num bad' : 'num'}>{count(sink.undelivered)}</td>
              <td class="num">{count(sink.waiting)}</td>
              <td class="dim">{sink.lastError}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const AGAIN_MS = 5000;
const BECAUSE: Readonly<Record<IdentityPair['reason'], string>> = {
  none: '',
  ratio: 'prices far apart',
  'power-of-ten': 'a power of ten apart',
  'never-reverts': 'never at parity',
};

/** Pairs of venues that may not mean the same coin, with the word that somebody may say. */
function Quarantine() {
  const [reply, setReply] = useState<IdentityReply | null>(null);
  const [error, setError] = useState('');
  const take = (asked: Promise<IdentityReply>): void => {
    asked.then(
      (found) => {
        setReply(found);
        setError('');
      },
      (reason: unknown) => setError(reason instanceof Error ? reason.message : String(reason)),
    );
  };
  useEffect(() => {
    const read = (): void => {
      if (!document.hidden) take(ask<IdentityReply>('identity'));
    };
    read();
    const timer = window.setInterval(read, AGAIN_MS);
    return () => window.clearInterval(timer);
  }, []);
  const decide = ({ symbol, venues }: IdentityPair, decision: string): void =>
    take(ask<IdentityReply>('identity', { symbol, venues, decision }));
  return (
    <>
      <h2>Same ticker, same coin?</h2>
      {error !== '' && (
        <p class="trouble" role="alert">
          {error}
        </p>
      )}
      {reply !== null && reply.pairs.length === 0 && (
        <p class="wait">Every ticker seems to be the same coin wherever it is listed.</p>
      )}
      {reply !== null && reply.pairs.length > 0 && (
        <table class="plain" id="identity">
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col">Venues</th>
              <th scope="col">State</th>
              <th scope="col">Because</th>
              <th scope="col" class="num">
                Ratio
              </th>
              <th scope="col">Decide</th>
            </tr>
          </thead>
          <tbody>
            {reply.pairs.map((pair) => (
              <tr key={`${pair.symbol} ${pair.venues.join()}`}>
                <td>{pair.symbol}</td>
                <td>{pair.venues.map(venueTitle).join(' / ')}</td>
                <td class={pair.state === 'quarantined' ? 'bad' : ''}>{pair.state}</td>
                <td class="dim">{BECAUSE[pair.reason]}</td>
                <td class="num">{pair.ratio?.toPrecision(4) ?? ''}</td>
                <td>
                  <Decide pair={pair} decide={decide} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Decide({
  pair,
  decide,
}: {
  pair: IdentityPair;
  decide: (pair: IdentityPair, decision: string) => void;
}) {
  if (pair.state === 'approved' || pair.state === 'denied') {
    return (
      <button type="button" onClick={() => decide(pair, 'withdrawn')}>
        Withdraw
      </button>
    );
  }
  return (
    <>
      <button type="button" onClick={() => decide(pair, 'approved')}>
        Same coin
      </button>{' '}
      <button type="button" onClick={() => decide(pair, 'denied')}>
        Different coins
      </button>
    </>
  );
}
