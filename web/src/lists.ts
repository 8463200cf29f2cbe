import { type Signal, signal } from '@preact/signals';

/** As many as the server takes in one list. */
const MOST = 100;

/** A list of routes and symbols that this browser keeps; the newest last. */
function kept(key: string): Signal<readonly string[]> {
  return signal(read(key));
}

const STARS = 'spreadscope-stars';
const HIDDEN = 'spreadscope-hidden';

/** The routes that the reader starred, and what is not to be shown. */
export const stars = kept(STARS);
export const hidden = kept(HIDDEN);

export function toggleStar(id: string): void {
  const rest = stars.value.filter((one) => one !== id);
  write(stars, STARS, rest.length < stars.value.length ? rest : [...rest, id]);
}

/** @param name a route or a symbol */
export function hide(name: string): void {
  write(hidden, HIDDEN, [...hidden.value.filter((one) => one !== name), name]);
}

export function showAll(): void {
  write(hidden, HIDDEN, []);
}

function write(list: Signal<readonly string[]>, key: string, names: readonly string[]): void {
  list.value = names.slice(-MOST);
  window.localStorage.setItem(key, JSON.stringify(list.value));
}

function read(key: string): readonly string[] {
  try {
    const content: unknown = JSON.parse(window.localStorage.getItem(key) ?? '[]');
    if (!Array.isArray(content)) return [];
    return (content as unknown[]).filter((one): one is string => typeof one === 'string').slice(-MOST);
  } catch {
    // Something else wrote there.
    return [];
  }
}
