import type { RouteRow } from '../../../src/wire/api.ts';

/** The rows in the order their ids had before; rows that are gone leave, new ones follow at the end. */
export function inOrderOf(ids: readonly string[], rows: readonly RouteRow[]): readonly RouteRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const ordered: RouteRow[] = [];
  for (const id of ids) {
    const row = byId.get(id);
    if (row !== undefined) ordered.push(row);
    byId.delete(id);
  }
  return [...ordered, ...byId.values()];
}
