import { signal } from '@preact/signals';
import type { Alert } from '../../src/core/alert.ts';

const KEY = 'spreadscope-notify';

/** Whether alerts are shown as notifications of the desktop, as far as the browser lets us. */
export const notifying = signal(window.localStorage.getItem(KEY) === 'yes' && allowed());
/** The latest alert that was shown, or there already when the page was opened. */
let seen = Number.NaN;

export function toggleNotifying(): void {
  if (notifying.value) keep(false);
  else if (allowed()) keep(true);
  else if ('Notification' in window) {
    window.Notification.requestPermission().then(
      (answer) => keep(answer === 'granted'),
      () => keep(false),
    );
  }
}

/** Shows what is new since the page was opened. @param alerts the latest first */
export function notifyOf(alerts: readonly Alert[]): void {
  const [latest] = alerts;
  const known = seen;
  if (latest !== undefined) seen = latest.id;
  if (latest === undefined || Number.isNaN(known)) {
    if (Number.isNaN(known)) seen = latest?.id ?? 0;
    return;
  }
  // A server that was started anew counts from one again.
  if (latest.id < known || !notifying.value) return;
  for (const { id, message, rule } of alerts.filter((alert) => alert.id > known).slice(0, 3))
    new window.Notification('spreadscope', { body: message, tag: `${rule} ${id}` });
}

function allowed(): boolean {
  return 'Notification' in window && window.Notification.permission === 'granted';
}

function keep(on: boolean): void {
  notifying.value = on;
  window.localStorage.setItem(KEY, on ? 'yes' : 'no');
}
