import { signal } from '@preact/signals';
import type { HistoryKind } from '../../../src/wire/api.ts';
import { csvOf, download, pictureOf, tableOf } from '../export.ts';
import { chooseKind, chooseRange, leaveZoom, RANGES, routeView } from '../route-view.ts';
import { shownChart } from './chart-view.tsx';

const KINDS: readonly (readonly [kind: HistoryKind, title: string])[] = [
  ['net', 'After both fees'],
  ['gross', 'Before fees'],
  ['basis', 'Between both bids'],
];
const copied = signal(false);

/** What the chart shows: how much time, which spread; and what may be taken away. */
export function ChartTools({ id }: { id: string }) {
  const { seconds, kind, zoom } = routeView.value;
  return (
    <div class="tools">
      <fieldset class="spans">
        <legend class="unseen">Time on show</legend>
        {RANGES.map((range) => (
          <button
            type="button"
            key={range.id}
            data-range={range.id}
            aria-pressed={zoom === null && seconds === range.seconds}
            onClick={() => chooseRange(range.id)}
          >
            {range.label}
          </button>
        ))}
        {zoom !== null && (
          <button
            type="button"
            id="zoom-out"
            aria-pressed="true"
            onClick={leaveZoom}
            title="Back (double click)"
          >
            zoom ✕
          </button>
        )}
      </fieldset>
      <fieldset class="spans">
        <legend class="unseen">Which spread</legend>
        {KINDS.map(([name, title]) => (
          <button
            type="button"
            key={name}
            data-kind={name}
            title={title}
            aria-pressed={kind === name}
            onClick={() => chooseKind(name)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <span class="takings">
        <button type="button" id="csv" onClick={() => saveCsv(id)}>
          CSV
        </button>
        <button type="button" id="parquet" onClick={() => saveParquet(id)}>
          Parquet
        </button>
        <button type="button" id="png" onClick={() => savePng(id)}>
          PNG
        </button>
        <button type="button" id="copy" onClick={copyLink}>
          {copied.value ? 'Copied' : 'Copy link'}
        </button>
      </span>
    </div>
  );
}

function saveCsv(id: string): void {
  const shown = shownChart.peek()?.shown;
  if (shown === undefined) return;
  download(`${fileName(id)}.csv`, new Blob([csvOf(tableOf(shown.series, shown.view))], { type: 'text/csv' }));
}

function saveParquet(id: string): void {
  const shown = shownChart.peek()?.shown;
  if (shown === undefined) return;
  const table = tableOf(shown.series, shown.view);
  import('../parquet.ts').then(
    ({ parquetOf }) => {
      const type = 'application/vnd.apache.parquet';
      download(`${fileName(id)}.parquet`, new Blob([parquetOf(table)], { type }));
    },
    () => {
      // The server has gone meanwhile, which the page says above all.
    },
  );
}

function savePng(id: string): void {
  const shown = shownChart.peek();
  if (shown === null) return;
  const title = `${id.split(':').join('  ')}   ${routeView.peek().kind} spread, bps   ${new Date().toISOString()}`;
  pictureOf(shown.canvas, title).then(
    (blob) => {
      if (blob !== null) download(`${fileName(id)}.png`, blob);
    },
    () => {
      // The browser could not draw it: there is nothing to save.
    },
  );
}

function copyLink(): void {
  navigator.clipboard.writeText(window.location.href).then(
    () => {
      copied.value = true;
      window.setTimeout(() => {
        copied.value = false;
      }, 1_500);
    },
    () => {
      // The browser does not let the page: the address bar has the same link.
    },
  );
}

function fileName(id: string): string {
  return `${id.replaceAll(/[^\p{L}\p{N}-]+/gu, '_')}-${routeView.peek().kind}`;
}
