import { leaveRoute, PAGES, pageHref, setView, viewQuery } from './location.ts';
import { toggleHidden, toggleStar } from './marks.ts';
import { helpShown, toggleFreeze } from './state.ts';

/** `/` search, arrows move along the routes, Enter opens (a line is a link), and what the help page lists. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || helpShown.peek()) return;
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (act(event.key, typing)) event.preventDefault();
  });
  document.addEventListener('pointerdown', closeMenus);
}

/** Whether the key meant something here. */
function act(key: string, typing: boolean): boolean {
  if (key === 'Escape') return goBack(typing);
  if (key === 'ArrowDown' && !choosing()) return move(1);
  if (key === 'ArrowUp' && !typing) return move(-1);
  if (typing) return false;
  if (key === '/') return search();
  const page = PAGES[Number(key) - 1];
  if (page !== undefined) {
    window.location.hash = pageHref(page);
    return true;
  }
  const action = ACTIONS[key.toLowerCase()];
  if (action === undefined) return false;
  action();
  return true;
}

const ACTIONS: Readonly<Record<string, () => void>> = {
  f: toggleFreeze,
  s: () => onFocused(toggleStar),
  x: () => onFocused(toggleHidden),
  e: toggleWide,
  '?': () => {
    helpShown.value = true;
  },
};

/** The open route over the whole page, or beside the list again. */
export function toggleWide(): void {
  setView({ wide: viewQuery.peek().get('wide') === null ? '1' : null });
}

function onFocused(action: (id: string) => void): void {
  const id = document.activeElement?.closest('tr[data-route]')?.getAttribute('data-route');
  if (id !== undefined && id !== null) action(id);
}

function goBack(typing: boolean): boolean {
  const menu = document.querySelector('details.menu[open]');
  if (menu !== null) menu.removeAttribute('open');
  else if (typing && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  else leaveRoute();
  return true;
}

/** A menu closes when the reader goes elsewhere. */
function closeMenus(event: PointerEvent): void {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!(event.target instanceof Node && menu.contains(event.target))) menu.removeAttribute('open');
  }
}

function search(): boolean {
  const field = document.getElementById('search');
  if (!(field instanceof HTMLInputElement)) return false;
  field.focus();
  field.select();
  return true;
}

/** Whether the arrows mean something to the field in focus. */
function choosing(): boolean {
  const field = document.activeElement;
  return field instanceof HTMLSelectElement || (field instanceof HTMLInputElement && field.type === 'number');
}

/** Moves the focus along the lines; without one it starts at the chosen line, else at the first. */
function move(step: number): boolean {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.routes td.symbol a')];
  const at = links.findIndex((link) => link.matches(':focus'));
  const chosen = links.findIndex((link) => link.getAttribute('aria-current') === 'true');
  const next = at >= 0 ? at + step : Math.max(0, chosen);
  const link = links[Math.min(links.length - 1, Math.max(0, next))];
  if (link === undefined) return false;
  link.focus();
  link.scrollIntoView({ block: 'nearest' });
  return true;
}
