import type { ReplayStatus } from '../../../src/wire/api.ts';
import { moment } from '../base.ts';
import { dayAndTime } from '../clock.ts';
import { age } from '../format.ts';
import { now, status } from '../state.ts';
import type { Stream } from '../stream.ts';

/** What the reader must know before trusting the figures: no connection, or an alarm of the server. */
export function Banner({ stream }: { stream: Stream }) {
  const { phase, lostAt, retryAt, why } = stream.connection.value;
  if (phase === 'lost' || phase === 'refused') {
    return (
      <div class="banner" role="alert" id="lost">
        <p>
          <b>Connection lost:</b> {why}.{' '}
          {lostAt !== null && `What you see is ${age(now.value - lostAt)} old. `}
          {phase === 'refused' ? 'The server asks this page not to come back by itself.' : retryText(retryAt)}
        </p>
        <button type="button" onClick={() => stream.retryNow()}>
          Try now
        </button>
      </div>
    );
  }
  const replay = status.value?.replay ?? null;
  // Of a moment's page the bar of the time machine says so.
  if (replay !== null) return moment !== null ? null : <Replaying replay={replay} />;
  const alarms = status.value?.alarms ?? [];
  if (alarms.length === 0) return null;
  return (
    <div class="banner" role="alert" id="alarms">
      <ul>
        {alarms.map((alarm) => (
          <li key={alarm.code}>
            <b>{alarm.code}</b> {alarm.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Nothing that is shown is of now. */
function Replaying({ replay: { time, speed, ended } }: { replay: ReplayStatus }) {
  const pace = speed === null ? 'as fast as it goes' : `${speed} times as fast as life`;
  return (
    <p class="banner" id="replay" role="status">
      <span>
        <b>A recording is played again:</b> it is {dayAndTime(time / 1e6)} in it,{' '}
        {ended ? 'which is its end' : pace}. Nothing here is of now.
      </span>
    </p>
  );
}

function retryText(retryAt: number | null): string {
  if (retryAt === null) return 'Trying again …';
  return `Next try in ${Math.max(0, Math.ceil((retryAt - now.value) / 1000))} s.`;
}
