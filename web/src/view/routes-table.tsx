import { useRef } from 'preact/hooks';
import type { RouteRow } from '../../../src/wire/api.ts';
import type { RouteSort } from '../../../src/wire/stream.ts';
import { chosenRoute } from '../location.ts';
import { frozen, orderHeld, shownRoutes, sort } from '../state.ts';
import { inOrderOf } from './held-order.ts';
import { RouteLine } from './route-line.tsx';
import { RoutesEmpty } from './routes-empty.tsx';

interface Column {
  readonly name: string;
  readonly unit?: string;
  readonly class: string;
  readonly sort?: RouteSort;
}

const COLUMNS: readonly Column[] = [
  { name: '#', class: 'rank' },
  { name: 'Symbol', class: 'symbol', sort: 'symbol' },
  { name: 'Buy on', class: 'venue' },
  { name: 'Ask', unit: 'quote', class: 'num price' },
  { name: 'Sell on', class: 'venue' },
  { name: 'Bid', unit: 'quote', class: 'num price' },
  { name: 'Gross', unit: 'bps', class: 'num gross', sort: 'gross' },
  { name: 'Net', unit: 'bps', class: 'num net', sort: 'net' },
  { name: 'Band', unit: 'last hour', class: 'band' },
  { name: 'Size', unit: 'base', class: 'num size', sort: 'size' },
  { name: 'Notional', unit: 'quote', class: 'num notional', sort: 'notional' },
  { name: 'Opp', unit: '/h', class: 'num hourly' },
  { name: 'Verdict', class: 'verdict' },
  { name: 'Age', unit: 'buy · sell', class: 'num age' },
];

/** The ranked routes. Rows keep their element while they change and move. */
export function RoutesTable() {
  const view = shownRoutes.value;
  const shownIds = useRef<readonly string[]>([]);
  if (view === null || view.rows.length === 0) return <RoutesEmpty />;
  const rows = orderHeld.value ? inOrderOf(shownIds.current, view.rows) : view.rows;
  shownIds.current = rows.map((row) => row.id);
  const ranks = new Map(view.rows.map((row, index) => [row.id, index + 1]));
  return (
    <table class={frozen.value === null ? 'routes' : 'routes frozen'} aria-label="Routes, best first">
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <Heading key={column.name} column={column} />
          ))}
        </tr>
      </thead>
      <tbody
        onPointerEnter={(event) => {
          orderHeld.value = event.pointerType === 'mouse';
        }}
        onPointerLeave={() => {
          orderHeld.value = false;
        }}
      >
        {rows.map((row: RouteRow) => (
          <RouteLine
            key={row.id}
            row={row}
            rank={ranks.get(row.id) ?? 0}
            chosen={row.id === chosenRoute.value}
          />
        ))}
      </tbody>
    </table>
  );
}

function Heading({ column }: { column: Column }) {
  const by = column.sort;
  const active = by !== undefined && sort.value === by;
  const order = active ? { 'aria-sort': by === 'symbol' ? 'ascending' : 'descending' } : {};
  const text = (
    <>
      {column.name}
      {column.unit !== undefined && <small> {column.unit}</small>}
    </>
  );
  return (
    <th scope="col" class={column.class} {...(order as { 'aria-sort'?: 'ascending' | 'descending' })}>
      {by === undefined ? (
        text
      ) : (
        <button
          type="button"
          data-sort={by}
          onClick={() => {
            sort.value = by;
          }}
        >
          {text}
          <span class="arrow" aria-hidden="true">
            {active ? (by === 'symbol' ? '▲' : '▼') : ''}
          </span>
        </button>
      )}
    </th>
  );
}
