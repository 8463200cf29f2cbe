import { useEffect, useRef } from 'preact/hooks';
import type { RouteSort } from '../../../src/wire/stream.ts';
import { order, setSort, sort, usualOrder } from '../filters.ts';
import { chosenRoute } from '../location.ts';
import { hidden, stars } from '../marks.ts';
import { showSparks } from '../sparklines.ts';
import { frozen, orderHeld, type RoutesView, shownRoutes } from '../state.ts';
import { HeldOrder } from './held-order.ts';
import { RouteLine } from './route-line.tsx';
import { RoutesEmpty } from './routes-empty.tsx';
import { type Sight, useRowsInSight } from './rows-in-sight.ts';

interface Column {
  readonly name: string;
  readonly unit?: string;
  readonly class: string;
  readonly sort?: RouteSort;
  readonly title?: string;
}

const COLUMNS: readonly Column[] = [
  { name: '★', class: 'star', title: 'Watchlist' },
  { name: '#', class: 'num rank' },
  { name: 'Symbol', class: 'symbol', sort: 'symbol' },
  { name: 'Buy on', class: 'venue' },
  { name: 'Ask', unit: 'quote', class: 'num price' },
  { name: 'Sell on', class: 'venue' },
  { name: 'Bid', unit: 'quote', class: 'num price' },
  { name: 'Gross', unit: 'bps', class: 'num gross', sort: 'gross' },
  { name: 'Net', unit: 'bps', class: 'num net', sort: 'net' },
  { name: 'Last hour', class: 'hour', title: 'Net spread over the last hour' },
  { name: 'Size', unit: 'base', class: 'num size', sort: 'size' },
  { name: 'Notional', unit: 'quote', class: 'num notional', sort: 'notional' },
  { name: 'Age', unit: 'buy · sell', class: 'num age', sort: 'age', title: 'By the older quote' },
  {
    name: 'Band',
    class: 'band',
    title: 'Between which net spreads the route mostly is, and the present one in it',
  },
  {
    ...{ name: 'Opp.', unit: '/h', class: 'num often', sort: 'opportunities' },
    title: 'Opportunities an hour',
  },
  { name: 'Verdict', class: 'verdict' },
];

/** A finger needs more room than a pointer. */
const ROW_HEIGHT = window.matchMedia('(pointer: coarse)').matches ? 34 : 24;

/** The ranked routes: only those in sight are here. Rows keep their element while they change and move. */
export function RoutesTable() {
  const { box, sight } = useRowsInSight(ROW_HEIGHT);
  const view = shownRoutes.value;
  const asked = view?.asked;
  useEffect(() => {
    // Another question begins at its first answer.
    if (asked !== undefined) box.current?.scrollTo(0, 0);
  }, [asked, box]);
  return (
    <div class="scroll" ref={box}>
      {view === null || view.total === 0 ? <RoutesEmpty /> : <Table view={view} sight={sight} />}
    </div>
  );
}

function Table({ view, sight }: { view: RoutesView; sight: Sight }) {
  const heldOrder = useRef(new HeldOrder());
  const held = heldOrder.current.rows(view, orderHeld.value);
  const ranks = new Map(view.rows.map((row, index) => [row.id, view.offset + index + 1]));
  const from = Math.min(held.length, Math.max(0, sight.first - view.offset));
  const rows = held.slice(from, Math.max(from, sight.end - view.offset));
  const above = view.offset + from;
  const shown = rows.map(({ id }) => id);
  useEffect(() => showSparks(shown), [shown.join()]);
  const [starred, away] = [new Set(stars.value), new Set(hidden.value)];
  return (
    <table
      class={frozen.value === null ? 'routes' : 'routes frozen'}
      aria-label="Routes"
      aria-rowcount={view.total + 1}
    >
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <Heading key={column.name} column={column} />
          ))}
        </tr>
      </thead>
      <Space rows={above} />
      <tbody
        onPointerEnter={(event) => {
          orderHeld.value = event.pointerType === 'mouse';
        }}
        onPointerLeave={() => {
          orderHeld.value = false;
        }}
      >
        {rows.map((row) => {
          const rank = ranks.get(row.id) ?? 0;
          return (
            <RouteLine
              key={row.id}
              row={row}
              rank={rank}
              chosen={row.id === chosenRoute.value}
              starred={starred.has(row.id)}
              hidden={away.has(row.id)}
            />
          );
        })}
      </tbody>
      <Space rows={Math.max(0, view.total - above - rows.length)} />
    </table>
  );
}

/** As high as so many rows that are not here. */
function Space({ rows }: { rows: number }) {
  return (
    <tbody class="space" aria-hidden="true">
      <tr style={{ height: `${rows * ROW_HEIGHT}px` }} />
    </tbody>
  );
}

function Heading({ column }: { column: Column }) {
  const by = column.sort;
  const active = by !== undefined && sort.value === by;
  const rising = active ? order.value === 'asc' : by !== undefined && usualOrder(by) === 'asc';
  const text = (
    <>
      {column.name}
      {column.unit !== undefined && <small> {column.unit}</small>}
    </>
  );
  return (
    <th
      scope="col"
      class={column.class}
      title={column.title}
      aria-sort={active ? (rising ? 'ascending' : 'descending') : undefined}
    >
      {by === undefined ? (
        text
      ) : (
        <button type="button" data-sort={by} onClick={() => setSort(by)}>
          {text}
          <span class="arrow" aria-hidden="true">
            {active ? (rising ? '▲' : '▼') : ''}
          </span>
        </button>
      )}
    </th>
  );
}
