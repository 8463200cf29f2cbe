import { moment, momentHref } from '../base.ts';
import { dayAndTime } from '../clock.ts';
import { pageNow, shownNow } from '../page-clock.ts';
import { goOn, past, pastError, tryAgain } from '../past.ts';

const SPEEDS = [1, 10, 60] as const;
const MINUTE = 60_000;
const STEPS = [
  { name: '−1 h', label: 'One hour earlier', by: -60 * MINUTE },
  { name: '−10 min', label: 'Ten minutes earlier', by: -10 * MINUTE },
  { name: '−1 min', label: 'One minute earlier', by: -MINUTE },
  { name: '+1 min', label: 'One minute later', by: MINUTE },
  { name: '+10 min', label: 'Ten minutes later', by: 10 * MINUTE },
  { name: '+1 h', label: 'One hour later', by: 60 * MINUTE },
] as const;

/** Says that nothing on the page is of now, goes to other moments, on from this one, and back. */
export function PastBar() {
  const speed = past.value?.speed ?? 0;
  const since = past.value?.from ?? null;
  return (
    <section class="banner past" id="past" aria-label="Time machine">
      <p role="status">
        <b>As of {dayAndTime(shownNow() / 1000)}.</b>{' '}
        {speed === 0 ? 'It stands still.' : `It goes on, ${speed} × as fast.`}{' '}
        {since !== null && `Statistics and opportunities: since ${dayAndTime(since / 1e6)}.`}
        {pastError.value !== '' && <span class="trouble"> {pastError.value}</span>}
      </p>
      <div class="steps">
        {STEPS.map(({ name, label, by }) => (
          <button
            key={name}
            type="button"
            title={label}
            data-step={by}
            class={Math.abs(by) === 10 * MINUTE ? 'seldom' : ''}
            onClick={() => step(by)}
          >
            {name}
          </button>
        ))}
      </div>
      <div class="steps">
        <button type="button" id="past-hold" aria-pressed={speed === 0} onClick={() => void goOn(0)}>
          Hold
        </button>
        {SPEEDS.map((one) => (
          <button
            key={one}
            type="button"
            data-speed={one}
            aria-pressed={speed === one}
            title={`Go on at ${one} times the pace of life`}
            onClick={() => void goOn(one)}
          >
            {one} ×
          </button>
        ))}
        <a id="past-leave" href={momentHref(null)}>
          Back to now
        </a>
      </div>
    </section>
  );
}

/** From what the clock shows, by whole seconds; one that has not come is that of a second ago. */
function step(by: number): void {
  const time = Math.min(pageNow() + by, Date.now() - 1000);
  window.location.assign(momentHref(Math.floor(time / 1000) * 1000));
}

/** Instead of the page, as long as what led to its moment is read. */
export function PastOpening() {
  const progress = past.value?.state === 'reading' ? past.value.progress : 0;
  const failed = pastError.value !== '';
  return (
    <section class="past-opening" id="past-opening">
      <h2>{dayAndTime((moment ?? 0) / 1000)}</h2>
      {failed ? (
        <>
          <p class="trouble" role="alert">
            {pastError.value}
          </p>
          <p>
            <button type="button" onClick={() => tryAgain()}>
              Try again
            </button>
          </p>
        </>
      ) : (
        <>
          <progress max={1} value={progress} aria-label="Read so far" />
          <p>Reading what was recorded until then: {Math.round(progress * 100)} %</p>
        </>
      )}
      <p>
        <a href={momentHref(null)}>Back to now</a>
      </p>
    </section>
  );
}
