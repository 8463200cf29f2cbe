import { useState } from 'preact/hooks';
import { askText } from '../api.ts';
import { hide } from '../lists.ts';
import { chartSpan } from '../state.ts';

const ALL_SECONDS = 3600;

/** What one may take along: a link to this view, and the recorded spread as CSV. */
export function RouteTools({ id }: { id: string }) {
  const [said, setSaid] = useState('');
  const tell = (text: string): void => {
    setSaid(text);
    window.setTimeout(() => setSaid(''), 3000);
  };
  return (
    <p class="tools">
      <button
        type="button"
        id="copy-link"
        onClick={() => {
          navigator.clipboard.writeText(window.location.href).then(
            () => tell('copied'),
            () => tell('the browser does not let the page copy'),
          );
        }}
      >
        Copy link
      </button>
      <button
        type="button"
        id="save-csv"
        onClick={() => {
          saveCsv(id).then(
            () => tell(''),
            (error: unknown) => tell(error instanceof Error ? error.message : String(error)),
          );
        }}
      >
        CSV
      </button>
      <button type="button" onClick={() => hide(id)}>
        Hide route
      </button>
      <button type="button" onClick={() => hide(id.split(':')[0] ?? id)}>
        Hide coin
      </button>
      <output class="dim">{said}</output>
    </p>
  );
}

/** The time that the chart shows, every tick, as the server streams it. */
async function saveCsv(id: string): Promise<void> {
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  const from = `-${chartSpan.value ?? ALL_SECONDS}s`;
  const query = new URLSearchParams({ symbol, buy, sell, from });
  const text = await askText(`history?${query}`, 'text/csv');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = `${id.replaceAll(':', '_')}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
