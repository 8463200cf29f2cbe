import { PAGES, type PageName, page, pageHref } from '../location.ts';
import { status } from '../state.ts';

const NAMES: Readonly<Record<PageName, string>> = {
  routes: 'Routes',
  opportunities: 'Opportunities',
  matrix: 'Matrix',
  alerts: 'Alerts',
  bounds: 'Bounds',
};

/** The pages, as links. */
export function PageNav() {
  const shown = page.value;
  const open = status.value?.opportunities.open ?? 0;
  return (
    <nav class="pages" aria-label="Pages">
      <span class="brand" aria-hidden="true">
        spreadscope
      </span>
      {PAGES.map((name) => (
        <a key={name} href={pageHref(name)} aria-current={name === shown ? 'page' : undefined}>
          {NAMES[name]}
          {name === 'opportunities' && open > 0 && <small> {open}</small>}
        </a>
      ))}
    </nav>
  );
}
