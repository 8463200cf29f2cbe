import { effect } from '@preact/signals';
import { filters } from './filters.ts';
import { setView } from './location.ts';
import { stored, textList } from './stored.ts';

/** As many ids as one parameter holds. */
const MOST = 160;
const MOST_PRESETS = 20;

/** Routes that this browser's reader watches, and never wants to see. */
export const stars = stored('stars', [], textList(MOST));
export const hidden = stored('hidden', [], textList(MOST));

/** A view by name: what stands behind the `?` of its address. */
export interface Preset {
  readonly name: string;
  readonly query: string;
}
export const presets = stored<readonly Preset[]>('presets', [], (value) =>
  Array.isArray(value) ? value.filter(isPreset).slice(0, MOST_PRESETS) : undefined,
);

export const BUILT_IN: readonly Preset[] = [
  { name: 'Everything', query: '' },
  { name: 'Gains after fees', query: 'net=0' },
  { name: 'Over 10 bps, 1,000 or more', query: 'net=10&notional=1000' },
  { name: 'Excellent verdicts', query: 'verdict=excellent' },
  { name: 'Identity in doubt too', query: 'identity=all' },
];

/** Hidden routes are part of the address, so that a link shows what its sender saw; a link that names others keeps them. */
export function keepHidden(): void {
  let mine = '';
  effect(() => {
    const list = hidden.value.join(',');
    const shown = filters.peek().hide;
    if (shown === mine || shown === '') setView({ hide: list });
    mine = list;
  });
}

export function toggleStar(id: string): void {
  const before = stars.peek();
  stars.value = without(before, id) ?? [...before, id].slice(-MOST);
  if (filters.peek().only === before.join(',') && before.length > 0)
    setView({ only: stars.peek().join(',') });
}

export function toggleHidden(id: string): void {
  const before = hidden.peek();
  hidden.value = without(before, id) ?? [...before, id].slice(-MOST);
}

export function unhideAll(): void {
  hidden.value = [];
  setView({ hide: null });
}

export function keepPreset(name: string, query: string): void {
  const others = presets.peek().filter((preset) => preset.name !== name);
  presets.value = [...others, { name, query }].slice(-MOST_PRESETS);
}

export function dropPreset(name: string): void {
  presets.value = presets.peek().filter((preset) => preset.name !== name);
}

function without(list: readonly string[], id: string): readonly string[] | undefined {
  return list.includes(id) ? list.filter((other) => other !== id) : undefined;
}

function isPreset(value: unknown): value is Preset {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('query' in value)) return false;
  return typeof value.name === 'string' && typeof value.query === 'string' && value.query.length < 9000;
}
