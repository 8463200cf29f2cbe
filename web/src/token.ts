import { signal } from '@preact/signals';

/** Kept for this tab alone, until it is closed. */
const KEY = 'spreadscope-token';

/** Whether the server asks for a token that this page does not have. */
export const tokenNeeded = signal(false);
/** Whether one was tried and the server did not know it. */
export const tokenWrong = signal(false);

export function token(): string | null {
  return window.sessionStorage.getItem(KEY);
}

export function keepToken(text: string): void {
  window.sessionStorage.setItem(KEY, text);
  tokenNeeded.value = false;
}

/** The server refused what was sent, if anything was. */
export function askForToken(): void {
  tokenWrong.value = token() !== null;
  window.sessionStorage.removeItem(KEY);
  tokenNeeded.value = true;
}
