import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { moment } from '../base.ts';
import { type PageName, place } from '../location.ts';
import { past } from '../past.ts';
import type { Stream } from '../stream.ts';
import { tokenNeeded } from '../token.ts';
import { Banner } from './banner.tsx';
import { Help } from './help.tsx';
import { Nav, PAGE_NAMES } from './nav.tsx';
import { Alerts } from './pages/alerts.tsx';
import { Bounds } from './pages/bounds.tsx';
import { Grid } from './pages/grid.tsx';
import { Identity } from './pages/identity.tsx';
import { Matrix } from './pages/matrix.tsx';
import { Opportunities } from './pages/opportunities.tsx';
import { Venues } from './pages/venues.tsx';
import { PastBar, PastOpening } from './past-bar.tsx';
import { Screener } from './screener.tsx';
import { StatusBar } from './status-bar.tsx';
import { TimeDialog } from './time-dialog.tsx';
import { TokenForm } from './token-form.tsx';

const VIEWS: Readonly<Record<PageName, ComponentType<{ stream: Stream }>>> = {
  screener: Screener,
  grid: Grid,
  matrix: Matrix,
  opportunities: Opportunities,
  venues: Venues,
  bounds: Bounds,
  alerts: Alerts,
  identity: Identity,
};

/** The whole page. Figures are greyed while the connection is lost. */
export function App({ stream }: { stream: Stream }) {
  const { phase } = stream.connection.value;
  const stale = phase === 'lost' || phase === 'refused';
  const { page, subject } = place.value;
  const View = VIEWS[page];
  const opened = moment === null || past.value?.state === 'ready' || stale;
  useEffect(() => {
    document.title = `${subject ?? PAGE_NAMES[page]} · spreadscope`;
  }, [page, subject]);
  return (
    <>
      <h1 class="unseen">spreadscope</h1>
      <Nav />
      {opened && moment !== null && <PastBar />}
      {tokenNeeded.value ? <TokenForm stream={stream} /> : <Banner stream={stream} />}
      <main class={`${stale ? 'old' : ''} page-${page}`}>
        {opened ? <View stream={stream} /> : <PastOpening />}
      </main>
      <StatusBar stream={stream} />
      <Help />
      <TimeDialog />
    </>
  );
}
