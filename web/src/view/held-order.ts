import type { RouteRow } from '../../../src/wire/api.ts';
import type { RoutesView } from '../state.ts';

/** The order of rows that is on show, kept while the reader points at it. */
export class HeldOrder {
  #ids: readonly string[] = [];
  #of = '';

  /** The view's rows; while `held`, in the order they had before, as long as it is the same part of the same question. */
  rows(view: RoutesView, held: boolean): readonly RouteRow[] {
    const of = `${view.offset} ${view.asked}`;
    const rows = held && of === this.#of ? inOrderOf(this.#ids, view.rows) : view.rows;
    this.#ids = rows.map((row) => row.id);
    this.#of = of;
    return rows;
  }
}

/** The rows in the order their ids had before; rows that are gone leave, new ones follow at the end. */
function inOrderOf(ids: readonly string[], rows: readonly RouteRow[]): readonly RouteRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const ordered: RouteRow[] = [];
  for (const id of ids) {
    const row = byId.get(id);
    if (row !== undefined) ordered.push(row);
    byId.delete(id);
  }
  return [...ordered, ...byId.values()];
}
