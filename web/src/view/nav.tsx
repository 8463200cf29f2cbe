import { useEffect, useRef } from 'preact/hooks';
import { moment } from '../base.ts';
import { PAGES, type PageName, pageHref, place } from '../location.ts';
import { nextTheme, nextZone, theme, zone } from '../settings.ts';
import { helpShown, status } from '../state.ts';
import { TimeButton } from './time-dialog.tsx';

export const PAGE_NAMES: Readonly<Record<PageName, string>> = {
  screener: 'Screener',
  grid: 'Grid',
  matrix: 'Matrix',
  opportunities: 'Opportunities',
  venues: 'Venues',
  bounds: 'Bounds',
  alerts: 'Alerts',
  identity: 'Identity',
};
const THEME_SIGNS = { system: '◐', dark: '●', light: '○' } as const;

/** On top: the pages, and what the reader may choose of their looks. */
export function Nav() {
  const { page } = place.value;
  const links = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the pages do not fit: the present one is in sight.
    links.current
      ?.querySelector(`[data-page="${page}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [page]);
  return (
    <header class="top">
      <b class="brand">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M1 11h4l2-6 3 8 2-5h3" />
        </svg>
        spreadscope
      </b>
      <nav aria-label="Pages" ref={links}>
        {PAGES.map((name) => (
          <a
            key={name}
            data-page={name}
            href={pageHref(name)}
            aria-current={name === page ? 'page' : undefined}
          >
            {PAGE_NAMES[name]}
          </a>
        ))}
      </nav>
      <div class="choices">
        {(moment !== null || status.value?.replay == null) && <TimeButton />}
        <button type="button" id="zone" title="Whose clock times are told by" onClick={nextZone}>
          {zone.value}
        </button>
        <button
          type="button"
          id="theme"
          title={`Colours: ${theme.value}`}
          aria-label={`Colours: ${theme.value}`}
          onClick={nextTheme}
        >
          {THEME_SIGNS[theme.value]} <span class="wide">{theme.value}</span>
        </button>
        <button
          type="button"
          id="help-button"
          aria-label="Keys"
          title="Keys ( ? )"
          onClick={() => {
            helpShown.value = true;
          }}
        >
          ?
        </button>
      </div>
    </header>
  );
}
