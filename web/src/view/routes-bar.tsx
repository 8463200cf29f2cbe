import type { RouteSort } from '../../../src/wire/stream.ts';
import { clearFilters, filtered, filters, order, setSort, sort, VERDICT_WORDS } from '../filters.ts';
import { age, count } from '../format.ts';
import { setView } from '../location.ts';
import { frozen, now, orderHeld, routesError, shownRoutes, toggleFreeze } from '../state.ts';
import { MarksMenu } from './marks-menu.tsx';
import { VenueChoice } from './venue-choice.tsx';

/** Typing asks the server once the reader pauses. */
const PAUSE_MS = 200;
let typing = 0;

function soon(change: () => void): void {
  window.clearTimeout(typing);
  typing = window.setTimeout(change, PAUSE_MS);
}

/** Above the table: search, filters, presets, freeze, and how much of it is shown. */
export function RoutesBar() {
  const { symbol, minNetBps, minNotional, verdict, doubtful } = filters.value;
  return (
    <search class="bar">
      <input
        id="search"
        type="search"
        aria-label="Symbol contains"
        placeholder="Symbol  ( / )"
        autocomplete="off"
        spellcheck={false}
        value={symbol}
        onInput={(event) => {
          const text = event.currentTarget.value.replaceAll(/\s/g, '').toUpperCase();
          soon(() => setView({ q: text }));
        }}
      />
      <Least
        id="min-net"
        name="Net ≥"
        unit="bps"
        label="Least net spread in basis points"
        value={minNetBps}
        of="net"
      />
      <Least
        id="min-notional"
        name="Notional ≥"
        unit=""
        label="Least notional in quote units"
        value={minNotional}
        of="notional"
      />
      <VenueChoice />
      <select
        id="verdict"
        aria-label="Verdict"
        value={verdict ?? ''}
        onChange={(event) => setView({ verdict: event.currentTarget.value })}
      >
        <option value="">any verdict</option>
        {Object.entries(VERDICT_WORDS).map(([name, word]) => (
          <option key={name} value={name}>
            {word}
          </option>
        ))}
      </select>
      <select
        id="identity"
        aria-label="Identity"
        value={doubtful ? 'all' : ''}
        onChange={(event) => setView({ identity: event.currentTarget.value })}
      >
        <option value="">same coin</option>
        <option value="all">in doubt too</option>
      </select>
      <MarksMenu />
      <Order />
      <button type="button" id="freeze" aria-pressed={frozen.value !== null} onClick={toggleFreeze}>
        {frozen.value === null ? 'Freeze' : 'Frozen'}
      </button>
      {filtered.value && (
        <button type="button" id="clear" onClick={clearFilters}>
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
  readonly value: number | null;
  readonly of: string;
}

function Least({ id, name, unit, label, value, of }: LeastProps) {
  return (
    <label class="least">
      {name}
      <input
        id={id}
        type="number"
        step="any"
        inputMode="decimal"
        aria-label={label}
        placeholder="any"
        value={value ?? ''}
        onInput={(event) => {
          const given = event.currentTarget.valueAsNumber;
          soon(() => setView({ [of]: Number.isFinite(given) ? String(given) : null }));
        }}
      />
      {unit}
    </label>
  );
}

const ORDERS: Readonly<Record<RouteSort, string>> = {
  ...{ net: 'net', gross: 'gross', notional: 'notional', size: 'size' },
  ...{ age: 'age', opportunities: 'opportunities', symbol: 'symbol' },
};

/** The order, where the table is too narrow for all of its headings. */
function Order() {
  return (
    <span id="orders">
      <select
        id="order"
        aria-label="Order by"
        value={sort.value}
        onChange={(event) => setSort(event.currentTarget.value as RouteSort)}
      >
        {Object.entries(ORDERS).map(([by, name]) => (
          <option key={by} value={by}>
            by {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        id="direction"
        aria-label={order.value === 'asc' ? 'Least first' : 'Greatest first'}
        onClick={() => setSort(sort.value)}
      >
        {order.value === 'asc' ? '▲' : '▼'}
      </button>
    </span>
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
      {count(view.total)} routes
    </output>
  );
}
