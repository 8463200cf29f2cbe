import { leaveRoute } from './location.ts';
import { helpShown, toggleFreeze } from './state.ts';

/** `/` search, arrows move along the routes, Enter opens (a line is a link), F freezes, ? helps, Esc goes back. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target instanceof HTMLInputElement;
    if (act(event.key, typing)) event.preventDefault();
  });
}

/** Whether the key meant something here. */
function act(key: string, typing: boolean): boolean {
  if (key === 'Escape') return goBack(typing);
  if (key === 'ArrowDown' && !inNumberField()) return move(1);
  if (key === 'ArrowUp' && !typing) return move(-1);
  if (typing) return false;
  if (key === '/') return search();
  if (key === '?') {
    helpShown.value = !helpShown.value;
    return true;
  }
  if (key === 'f' || key === 'F') {
    toggleFreeze();
    return true;
  }
  return false;
}

function goBack(typing: boolean): boolean {
  if (helpShown.value) {
    helpShown.value = false;
    return true;
  }
  if (typing && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  else leaveRoute();
  return true;
}

function search(): boolean {
  const field = document.getElementById('search');
  if (!(field instanceof HTMLInputElement)) return false;
  field.focus();
  field.select();
  return true;
}

function inNumberField(): boolean {
  return document.activeElement instanceof HTMLInputElement && document.activeElement.type === 'number';
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
