import { effect, type Signal, signal } from '@preact/signals';

/** A signal that this browser keeps. `read` answers undefined for what it does not understand, which is then the first value. */
export function stored<T>(key: string, first: T, read: (value: unknown) => T | undefined): Signal<T> {
  const kept = signal<T>(load(key, read) ?? first);
  let before = kept.peek();
  effect(() => {
    const value = kept.value;
    if (value === before) return;
    before = value;
    save(key, value);
  });
  return kept;
}

/** A list of short texts, of the greatest length. */
export function textList(most: number): (value: unknown) => readonly string[] | undefined {
  return (value) =>
    Array.isArray(value)
      ? value.filter((item) => typeof item === 'string' && item.length <= 128).slice(0, most)
      : undefined;
}

export function oneOf<const T extends string>(values: readonly T[]): (value: unknown) => T | undefined {
  return (value) => values.find((known) => known === value);
}

function load<T>(key: string, read: (value: unknown) => T | undefined): T | undefined {
  try {
    const text = window.localStorage.getItem(`spreadscope-${key}`);
    return text === null ? undefined : read(JSON.parse(text));
  } catch {
    // No storage, or not ours: the page works without.
    return undefined;
  }
}

function save(key: string, value: unknown): void {
  try {
    window.localStorage.setItem(`spreadscope-${key}`, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the reader the memory of a choice, not the choice.
  }
}
