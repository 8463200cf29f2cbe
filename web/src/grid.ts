import { computed, signal } from '@preact/signals';
import type { RoutesParams } from '../../src/wire/stream.ts';

/** The routes that the grid shows, chosen once so that no chart runs away; empty = not chosen yet. */
export const gridIds = signal<readonly string[]>([]);

export const gridParams = computed<RoutesParams | null>(() =>
  gridIds.value.length === 0
    ? null
    : { only: gridIds.value.join(','), limit: gridIds.value.length, identity: 'all' },
);
