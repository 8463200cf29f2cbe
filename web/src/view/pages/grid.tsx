import { useEffect } from 'preact/hooks';
import type { RoutesReply } from '../../../../src/wire/api.ts';
import { getJson } from '../../api.ts';
import { filterParams } from '../../filters.ts';
import { gridIds } from '../../grid.ts';
import { place, setQuery } from '../../location.ts';
import { stars } from '../../marks.ts';
import { routes } from '../../state.ts';
import { tokenNeeded } from '../../token.ts';
import { GridCard } from '../grid-card.tsx';

const SPANS = [
  { id: '15m', label: '15 min', seconds: 900 },
  { id: '1h', label: '1 h', seconds: 3_600 },
  { id: '6h', label: '6 h', seconds: 21_600 },
] as const;
const COUNTS = [6, 12, 24] as const;

/** Many small charts with one crosshair: the best routes of the screener's view, or the watchlist. */
export function Grid() {
  const query = new URLSearchParams(place.value.query);
  const watched = query.get('of') === 'watchlist';
  const span = SPANS.find(({ id }) => id === query.get('span')) ?? SPANS[0];
  const count = COUNTS.find((known) => String(known) === query.get('count')) ?? COUNTS[1];
  const stream = watched ? stars.value.slice(0, count).join() : '';
  const waiting = tokenNeeded.value;
  useEffect(() => {
    if (watched) gridIds.value = stars.peek().slice(0, count);
    else if (!waiting) chooseBest(count);
  }, [watched, count, stream, waiting]);
  const ids = gridIds.value;
  const rows = new Map((routes.value?.rows ?? []).map((row) => [row.id, row]));
  return (
    <section class="grid-page" id="grid" aria-label="Grid of charts">
      <header class="bar">
        <Choice
          name="Which routes"
          options={[
            { id: 'best', label: 'best' },
            { id: 'watchlist', label: '★ watchlist' },
          ]}
          chosen={watched ? 'watchlist' : 'best'}
          choose={(id) => setQuery({ of: id === 'best' ? null : id })}
        />
        <Choice
          name="Time on show"
          options={SPANS}
          chosen={span.id}
          choose={(id) => setQuery({ span: id === SPANS[0].id ? null : id })}
        />
        <Choice
          name="How many"
          options={COUNTS.map((n) => ({ id: String(n), label: String(n) }))}
          chosen={String(count)}
          choose={(id) => setQuery({ count: id })}
        />
        {!watched && (
          <button type="button" id="again" title="The best routes of now" onClick={() => chooseBest(count)}>
            Choose again
          </button>
        )}
        <p class="shown">net spread, bps</p>
      </header>
      {ids.length === 0 ? (
        <div class="empty">
          <h2>{watched ? 'No route is starred' : 'Choosing routes …'}</h2>
          {watched && <p>Star routes in the screener, and they stand here side by side.</p>}
        </div>
      ) : (
        <div class="cards">
          {ids.map((id) => (
            <GridCard
              key={`${id} ${span.seconds}`}
              id={id}
              seconds={span.seconds}
              row={rows.get(id) ?? null}
            />
          ))}
        </div>
      )}
    </section>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly chosen: string;
  readonly choose: (id: string) => void;
}

function Choice({ name, options, chosen, choose }: ChoiceProps) {
  return (
    <fieldset class="spans">
      <legend class="unseen">{name}</legend>
      {options.map(({ id, label }) => (
        <button
          type="button"
          key={id}
          data-choice={id}
          aria-pressed={id === chosen}
          onClick={() => choose(id)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}

/** The best routes of the screener's view as they are now: they stay, so that no chart runs away from its reader. */
function chooseBest(count: number): void {
  const params = filterParams.peek() as Readonly<Record<string, string | number>>;
  getJson<RoutesReply>('routes', { ...params, limit: count }).then(
    (reply) => {
      gridIds.value = reply.routes.map(({ id }) => id);
    },
    () => {
      // The banner says what is wrong with the connection; the button asks again.
    },
  );
}
