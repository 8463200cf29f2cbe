import type { SinkReport } from '../../../../src/core/alert.ts';
import type { AlertsReply } from '../../../../src/wire/api.ts';
import { dayAndTime } from '../../clock.ts';
import { count } from '../../format.ts';
import { pageHref, routeHref } from '../../location.ts';
import { notifying, toggleNotifying } from '../../notify.ts';
import type { Stream } from '../../stream.ts';
import type { TopicMessage } from '../../topics.ts';
import { TableScroll } from '../table-scroll.tsx';
import { useTopic } from '../use-topic.ts';

const readAlerts = (message: TopicMessage): AlertsReply | null => ('alerts' in message ? message : null);

/** What the rules wanted to be told, and how the deliveries fare. */
export function Alerts({ stream }: { stream: Stream }) {
  const { data, error } = useTopic(stream, 'alerts', readAlerts);
  if (error !== '') return <p class="trouble">{error}</p>;
  if (data === null) return <p class="empty">Waiting for the alerts …</p>;
  const { told, cooled, grouped, untrusted } = data.counts;
  return (
    <section class="sheet-page" id="alerts-page" aria-label="Alerts">
      <header class="bar">
        <h2>{count(told)} alerts in this run</h2>
        <button type="button" id="notify" aria-pressed={notifying.value} onClick={toggleNotifying}>
          {notifying.value ? 'Desktop notifications on' : 'Notify on this desktop'}
        </button>
        <p class="shown">
          {`not told: ${count(cooled)} within a cooldown, ${count(grouped)} as one of a venue, `}
          <a href={pageHref('identity')}>{`${count(untrusted)} of doubtful identity`}</a>
        </p>
      </header>
      {data.rules.length === 0 && (
        <div class="empty">
          <h2>There is no rule</h2>
          <p>
            Write some under <code>alerts.rules</code> in spreadscope.yaml, then try{' '}
            <code>spreadscope alert test</code>.
          </p>
        </div>
      )}
      {data.rules.length > 0 && <Told reply={data} />}
      {data.rules.length > 0 && <Sinks sinks={data.sinks} />}
    </section>
  );
}

function Told({ reply: { alerts, rules } }: { reply: AlertsReply }) {
  if (alerts.length === 0)
    return <p class="wait">{`No alert yet; ${rules.map(({ name }) => name).join(', ')} watch.`}</p>;
  return (
    <TableScroll name="Alerts told">
      <table class="ledger" id="alerts">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Rule</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map(({ id, time, rule, symbol, buy, sell, message }) => (
            <tr key={id}>
              <td class="dim">{dayAndTime(time / 1e6)}</td>
              <td>{rule}</td>
              <td>
                {symbol === null || buy === null || sell === null ? (
                  message
                ) : (
                  <a href={routeHref(`${symbol}:${buy}:${sell}`)}>{message}</a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Sinks({ sinks }: { sinks: readonly SinkReport[] }) {
  return (
    <TableScroll name="Where alerts go">
      <table class="ledger" id="sinks">
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
          {sinks.map(({ sink, delivered, undelivered, waiting, lastError }) => (
            <tr key={sink}>
              <th scope="row">{sink}</th>
              <td class="num">{count(delivered)}</td>
              <td class={undelivered > 0 ? 'num bad' : 'num zero'}>{count(undelivered)}</td>
              <td class="num zero">{count(waiting)}</td>
              <td class="dim">{lastError}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
