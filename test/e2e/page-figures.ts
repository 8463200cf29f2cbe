/**
 * Numbers as a reader takes them from the page, written without the page's own formats: what a text says, and how far the true figure may be from it.
 */

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  ...{ '%': 0.01, kB: 1e3, MB: 1e6 },
};
const MAGNITUDES: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };
const PART = /^([\d,]+)(?:\.(\d+))?([KMBT]?)(?:\s+(ms|s|min|h|d|%|kB|MB|B)(?![A-Za-z]))?\s*/;

interface Figure {
  readonly value: number;
  /** Half of what its last digit is worth; all of it where whole units are counted and the rest is dropped. */
  readonly within: number;
}

/** `−1,234.5` → -1234.5; times in ms, shares of 1, bytes; null where the text says that it is not known. */
export function figureOf(text: string): Figure | null {
  const plain = text.trim();
  if (plain === '–') return null;
  const negative = /^[−-]/.test(plain);
  let rest = plain.replace(/^[+−-]/, '');
  let [value, within, parts] = [0, 0, 0];
  while (rest !== '') {
    const [all, whole = '', decimals = '', magnitude = '', unit = ''] = PART.exec(rest) ?? [];
    if (all === undefined) throw new Error(`no figure: ${JSON.stringify(text)}`);
    const worth = (MAGNITUDES[magnitude] ?? 1) * (UNITS[unit] ?? 1);
    value += Number(`${whole.replaceAll(',', '')}.${decimals}0`) * worth;
    within = worth * 10 ** -decimals.length;
    parts += 1;
    rest = rest.slice(all.length);
  }
  return { value: negative ? -value : value, within: parts > 1 ? within : within / 2 };
}

/** What differs between texts of the page and figures of the API, one line each. */
export class Differences {
  readonly list: string[] = [];

  /** The text says the figure, as exactly as it says anything. */
  figure(what: string, text: string | undefined, value: number | null | undefined): void {
    const known = value ?? null;
    let shown: Figure | null | undefined;
    try {
      shown = text === undefined ? undefined : figureOf(text);
    } catch (error) {
      // A heading that waits for its figure, for instance.
      this.list.push(`${what}: ${String(error)}, ${known} in the API`);
      return;
    }
    if (shown === undefined) this.list.push(`${what}: not on the page, ${known} in the API`);
    else if (shown === null || known === null) {
      if (shown !== known) this.list.push(`${what}: ${text} on the page, ${known} in the API`);
    } else if (Math.abs(shown.value - known) > shown.within * 1.000001 + Math.abs(known) * 1e-9) {
      this.list.push(`${what}: ${text} on the page, ${known} in the API`);
    }
  }

  /** The text says a figure between two that the API told, before and after: what goes on while it is read. */
  between(what: string, text: string | undefined, before: number | null, after: number | null): void {
    const shown = text === undefined ? null : figureOf(text);
    const [low, high] = [before ?? Number.NaN, after ?? Number.NaN];
    const slack = (shown?.within ?? 0) * 2;
    if (shown === null || !(shown.value >= low - slack && shown.value <= high + slack)) {
      this.list.push(`${what}: ${text} on the page, ${before} … ${after} in the API`);
    }
  }

  text(what: string, shown: string | undefined, expected: string): void {
    if (shown?.trim() !== expected) this.list.push(`${what}: ${shown} on the page, ${expected} in the API`);
  }
}
