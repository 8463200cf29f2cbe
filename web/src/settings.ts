import { computed, effect, signal } from '@preact/signals';
import { oneOf, stored } from './stored.ts';

const THEMES = ['system', 'dark', 'light'] as const;
const ZONES = ['local', 'UTC'] as const;

export const theme = stored('theme', 'system', oneOf(THEMES));
/** Whose clock times of day are told by. */
export const zone = stored('zone', 'local', oneOf(ZONES));

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(prefersDark.matches);
prefersDark.addEventListener('change', () => {
  systemDark.value = prefersDark.matches;
});

/** What the reader sees. */
export const dark = computed(() => (theme.value === 'system' ? systemDark.value : theme.value === 'dark'));

/** Keeps the page's colours by the choice. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
  });
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
}

export function nextZone(): void {
  zone.value = zone.value === 'local' ? 'UTC' : 'local';
}
