import { useEffect, useRef, useState } from 'preact/hooks';
import { rowsWanted } from '../state.ts';

/** Rows are drawn so far beyond the edge, and asked for so far beyond it, in steps, so that a small move asks nothing. */
const DRAWN_BEYOND = 8;
const ASKED_BEYOND = 15;
const STEP = 10;
const LEAST_ASKED = 60;

export interface Sight {
  readonly first: number;
  readonly end: number;
}

/** What a scrolled box shows of rows of one height; keeps `rowsWanted` by it. */
export function useRowsInSight(rowHeight: number) {
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState<Sight>({ first: 0, end: LEAST_ASKED });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => {
      const first = Math.floor(element.scrollTop / rowHeight);
      const count = Math.ceil(element.clientHeight / rowHeight) + 1;
      setSight((before) =>
        keepIfSame(before, Math.max(0, first - DRAWN_BEYOND), first + count + DRAWN_BEYOND),
      );
      want(first, count);
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const room = new ResizeObserver(look);
    room.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      room.disconnect();
    };
  }, [rowHeight]);
  return { box, sight };
}

function want(first: number, count: number): void {
  const offset = Math.max(0, Math.floor((first - ASKED_BEYOND) / STEP) * STEP);
  const limit = Math.max(LEAST_ASKED, Math.ceil((count + 2 * ASKED_BEYOND + STEP) / STEP) * STEP);
  const before = rowsWanted.peek();
  if (before.offset !== offset || before.limit !== limit) rowsWanted.value = { offset, limit };
}

function keepIfSame(before: Sight, first: number, end: number): Sight {
  return before.first === first && before.end === end ? before : { first, end };
}
