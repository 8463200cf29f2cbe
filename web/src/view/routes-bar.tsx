import type { Signal } from '@preact/signals';
import { age, count } from '../format.ts';
import { hidden, showAll, stars } from '../lists.ts';
import {
  clearFilters,
  filtered,
  frozen,
  minNetBps,
  minNotional,
  now,
  orderHeld,
  routesError,
  shownRoutes,
  starsOnly,
  symbolFilter,
  toggleFreeze,
  venueFilter,
  venues,
  verdictFilter,
} from '../state.ts';
import { VERDICT_NAMES } from '../view-address.ts';

/** Typing asks the server once the reader pauses. */
const PAUSE_MS = 200;
let typing = 0;

function soon(change: () => void): void {
  window.clearTimeout(typing);
  typing = window.setTimeout(change, PAUSE_MS);
}

/** Above the table: search, least net spread, freeze, and how much of it is shown. */
export function RoutesBar() {
  return (
    <search class="bar">
      <input
        id="search"
        type="search"
        aria-label="Symbol contains"
        placeholder="Symbol  ( / )"
        autocomplete="off"
        spellcheck={false}
        value={symbolFilter.value}
        onInput={(event) => {
          const text = event.currentTarget.value.replaceAll(/\s/g, '').toUpperCase();
          soon(() => {
            symbolFilter.value = text;
          });
        }}
      />
      <Least id="min-net" name="Net" unit="bps" label="Least net spread in basis points" value={minNetBps} />
      <Least
        id="min-notional"
        name="Notional"
        unit=""
        label="Least notional in the quote currency"
        value={minNotional}
      />
      <select
        id="verdict"
        aria-label="Verdict"
        value={verdictFilter.value ?? ''}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          verdictFilter.value = VERDICT_NAMES.find((one) => one === chosen) ?? null;
        }}
      >
        <option value="">any verdict</option>
        {VERDICT_NAMES.map((name) => (
          <option key={name} value={name}>
            {name.replaceAll('-', ' ')}
          </option>
        ))}
      </select>
      <VenueChoice />
      <button
        type="button"
        id="stars"
        aria-pressed={starsOnly.value}
        onClick={() => {
          starsOnly.value = !starsOnly.value;
        }}
      >
        ★ {stars.value.length}
      </button>
      {hidden.value.length > 0 && (
        <button type="button" id="show-all" onClick={showAll}>
          {`Show ${hidden.value.length} hidden`}
        </button>
      )}
      <button type="button" id="freeze" aria-pressed={frozen.value !== null} onClick={toggleFreeze}>
        {frozen.value === null ? 'Freeze' : 'Frozen'}
      </button>
      {filtered.value && (
        <button type="button" onClick={clearFilters}>
          Clear filters
        </button>
      )}
      {routesError.value !== '' && (
        <p class="trouble" role="alert">
          {routesError.value}
        </p>
      )}
      <Shown />
    </search>
  );
}

interface LeastProps {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly label: string;
  readonly value: Signal<number | null>;
}

/** A field for a least figure; empty = any. */
function Least({ id, name, unit, label, value }: LeastProps) {
  return (
    <label class="least">
      {name} ≥
      <input
        id={id}
        type="number"
        step="any"
        inputMode="decimal"
        aria-label={label}
        placeholder="any"
        value={value.value ?? ''}
        onInput={(event) => {
          const figure = event.currentTarget.valueAsNumber;
          soon(() => {
            value.value = Number.isFinite(figure) ? figure : null;
          });
        }}
      />
      {unit}
    </label>
  );
}

/** Which venues both legs must be among; none ticked = all. */
function VenueChoice() {
  const chosen = venueFilter.value === '' ? [] : venueFilter.value.split(',');
  return (
    <details class="choice" id="venue-choice">
      <summary>{chosen.length === 0 ? 'all venues' : `${chosen.length} venues`}</summary>
      <fieldset aria-label="Venues of both legs">
        {(venues.value ?? []).map(({ venue, title }) => (
          <label key={venue}>
            <input
              type="checkbox"
              value={venue}
              checked={chosen.includes(venue)}
              onChange={(event) => {
                const rest = chosen.filter((one) => one !== venue);
                venueFilter.value = (event.currentTarget.checked ? [...rest, venue] : rest).join(',');
              }}
            />
            {title}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

function Shown() {
  const view = shownRoutes.value;
  if (view === null) return null;
  const held = frozen.value;
  return (
    <output class="shown">
      {held !== null && `as of ${age(now.value - held.at)} ago · `}
      {held === null && orderHeld.value && 'order held · '}
      {view.rows.length < view.total
        ? `${count(view.rows.length)} of ${count(view.total)} routes`
        : `${count(view.total)} routes`}
    </output>
  );
}
