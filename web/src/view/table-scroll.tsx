import type { ComponentChildren } from 'preact';

/** What scrolls must be reachable without a pointer: then the arrow keys move it. */
const REACHABLE = { tabIndex: 0 };

/** A table that scrolls sideways where it is wider than its place; `name` tells what it holds. */
export function TableScroll({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <section class="table" aria-label={name} {...REACHABLE}>
      {children}
    </section>
  );
}
