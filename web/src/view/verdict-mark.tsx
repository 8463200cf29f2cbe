import { signal } from '@preact/signals';
import type { RouteReply, RouteRow } from '../../../src/wire/api.ts';
import { getJson } from '../api.ts';
import { VERDICT_WORDS } from '../filters.ts';
import { routeHref } from '../location.ts';

/** The reason of the verdict that the reader points at. */
const shown = signal<{ readonly id: string; readonly reason: string } | null>(null);
let asking = new AbortController();

function show(row: RouteRow): void {
  asking.abort();
  asking = new AbortController();
  const [symbol, buy, sell] = [row.symbol, row.buy, row.sell].map(encodeURIComponent);
  getJson<RouteReply>(`routes/${symbol}/${buy}/${sell}`, {}, asking.signal).then(
    ({ findings }) => {
      shown.value = { id: row.id, reason: findings?.verdict.reason ?? 'no statistics are kept of it' };
    },
    () => {
      // Nothing is told: the word stands without its reason.
    },
  );
}

function hide(): void {
  asking.abort();
  shown.value = null;
}

/** What the statistics say of a route, and why when it is pointed at. */
export function VerdictMark({ row }: { row: RouteRow }) {
  const reason = shown.value?.id === row.id ? shown.value.reason : null;
  return (
    <td class={`verdict ${row.verdict}`} onPointerEnter={() => show(row)} onPointerLeave={hide}>
      <a href={routeHref(row.id)} tabIndex={-1}>
        {VERDICT_WORDS[row.verdict]}
      </a>
      {reason !== null && (
        <span class="hint" role="tooltip">
          {reason}
        </span>
      )}
    </td>
  );
}
