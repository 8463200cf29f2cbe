import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { PastReply } from '../../../src/wire/api.ts';
import { getPresent } from '../api.ts';
import { moment, momentHref } from '../base.ts';
import { dayAndTime } from '../clock.ts';
import { pageNow } from '../page-clock.ts';
import { zone } from '../settings.ts';

const shown = signal(false);
/** What is recorded; a text = why that is not known. */
const recorded = signal<PastReply['recorded'] | string>(null);

const MINUTE = 60_000;
const AGO = [
  { name: '5 min', by: 5 * MINUTE },
  { name: '1 h', by: 60 * MINUTE },
  { name: '1 day', by: 1440 * MINUTE },
  { name: '1 week', by: 10_080 * MINUTE },
] as const;

/** Opens the choice of a moment. */
export function TimeButton() {
  return (
    <button
      type="button"
      id="time-machine"
      aria-pressed={moment !== null}
      aria-label={`Time machine: ${moment === null ? 'now' : 'then'}`}
      title="Show the page as of a recorded moment"
      onClick={open}
    >
      ⟲ <span class="wide">{moment === null ? 'now' : 'then'}</span>
    </button>
  );
}

function open(): void {
  shown.value = true;
  getPresent<PastReply>('past').then(
    (reply) => {
      recorded.value = reply.recorded ?? 'Nothing is recorded yet: the first hour comes after some seconds.';
    },
    () => {
      recorded.value = 'This server shows no recorded moments: it does not record, or past.processes is 0.';
    },
  );
}

/** Asks for a moment, in the clock of the reader's choice. */
export function TimeDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = shown.value;
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isShown]);
  const close = () => {
    shown.value = false;
  };
  const range = recorded.value;
  return (
    <dialog id="time-dialog" ref={dialog} aria-labelledby="time-title" onClose={close}>
      <header>
        <h2 id="time-title">Show the page as of</h2>
        <button type="button" aria-label="Close" onClick={close}>
          ✕
        </button>
      </header>
      {isShown && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const time = timeOf(String(new FormData(event.currentTarget).get('moment') ?? ''));
            if (!Number.isNaN(time)) go(time);
          }}
        >
          <label>
            Moment ({zone.value === 'UTC' ? 'UTC' : 'local time'}){' '}
            <input
              type="datetime-local"
              name="moment"
              step={1}
              required
              defaultValue={textOf(pageNow())}
              max={textOf(Date.now())}
            />
          </label>
          <button type="submit">Go</button>
        </form>
      )}
      <p class="ago">
        {AGO.map(({ name, by }) => (
          <button key={name} type="button" onClick={() => go(Date.now() - by)}>
            {name} ago
          </button>
        ))}
      </p>
      <p class="dim">
        {typeof range === 'string'
          ? range
          : range !== null && `The recording begins in the hour of ${dayAndTime(range.from / 1e6)}.`}
      </p>
    </dialog>
  );
}

function go(time: number): void {
  window.location.assign(momentHref(Math.floor(time / 1000) * 1000));
}

/** What the input takes, of ms since the epoch. */
function textOf(time: number): string {
  const offset = zone.value === 'UTC' ? 0 : new Date(time).getTimezoneOffset() * MINUTE;
  return new Date(time - offset).toISOString().slice(0, 19);
}

/** Ms since the epoch, of what the input gives. */
function timeOf(text: string): number {
  return zone.value === 'UTC' ? Date.parse(`${text}Z`) : new Date(text).getTime();
}
