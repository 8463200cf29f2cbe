import type { VenuesReply } from '../../src/wire/api.ts';
import type { Differences } from './page-figures.ts';
import type { LiveRig } from './page-live-rig.ts';

/** What a page and the API do not say alike, while the venues stand still. */
export type Comparison = (rig: LiveRig) => Promise<readonly string[]>;

export const VERDICTS: Readonly<Record<string, string>> = {
  'does-not-close': 'does not close',
  'not-enough-data': 'too little data',
};
/** How much younger than the API's an age on the page may be: what is on its way, and what was read before. */
const AGE_SLACK_MS = 2_500;

export async function titlesOf(rig: LiveRig): Promise<(venue: string) => string> {
  const { venues } = await rig.get<VenuesReply>('venues');
  const titles = new Map(venues.map(({ venue, title }) => [String(venue), title]));
  return (venue) => titles.get(venue) ?? '?';
}

/** Each line of a table: its name by the attribute, and the texts of its cells, headings included. */
export async function linesOf(
  rig: LiveRig,
  selector: string,
  attribute: string,
): Promise<Map<string, string[]>> {
  const lines = await rig.page.locator(selector).evaluateAll(
    (
      rows: {
        readonly cells: ArrayLike<{ readonly textContent: string }>;
        getAttribute(name: string): string | null;
      }[],
      name: string,
    ) =>
      rows.map((row) => ({
        name: row.getAttribute(name) ?? '',
        cells: Array.from(row.cells, (cell) => cell.textContent),
      })),
    attribute,
  );
  return new Map(lines.map(({ name, cells }) => [name, cells]));
}

export function ages(
  d: Differences,
  what: string,
  text: string | undefined,
  ms: readonly (number | null)[],
): void {
  const shown = text?.split(' · ') ?? [];
  for (const [i, age] of ms.entries()) {
    d.between(`${what} ${i}`, shown[i], age === null ? null : age - AGE_SLACK_MS, age);
  }
}

export function cellTexts(
  rows: { readonly cells: ArrayLike<{ readonly textContent: string }> }[],
): string[][] {
  return rows.map((row) => Array.from(row.cells, (cell) => cell.textContent.trim()));
}

/** `11-26 14:05:09`, by this machine's clock, as the browser's. */
export function localTime(micros: number): string {
  const at = new Date(micros / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
