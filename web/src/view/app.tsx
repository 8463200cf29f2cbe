import { chosenRoute, page } from '../location.ts';
import type { Stream } from '../stream.ts';
import { tokenNeeded } from '../token.ts';
import { AlertsPage } from './alerts-page.tsx';
import { Banner } from './banner.tsx';
import { BoundsPage } from './bounds-page.tsx';
import { Help } from './help.tsx';
import { MatrixPage } from './matrix-page.tsx';
import { OpportunitiesPage } from './opportunities-page.tsx';
import { PageNav } from './page-nav.tsx';
import { RoutePanel } from './route-panel.tsx';
import { RoutesBar } from './routes-bar.tsx';
import { RoutesTable } from './routes-table.tsx';
import { StatusBar } from './status-bar.tsx';
import { TokenForm } from './token-form.tsx';
import { VenueStrip } from './venue-strip.tsx';

/** The whole page. Figures are greyed while the connection is lost. */
export function App({ stream }: { stream: Stream }) {
  const { phase } = stream.connection.value;
  const stale = phase === 'lost' || phase === 'refused';
  return (
    <>
      <h1 class="unseen">spreadscope</h1>
      {tokenNeeded.value ? <TokenForm stream={stream} /> : <Banner stream={stream} />}
      <PageNav />
      <main class={`${stale ? 'old' : ''} ${chosenRoute.value === null ? '' : 'split'}`}>
        <Shown stream={stream} />
      </main>
      <StatusBar stream={stream} />
      <Help />
    </>
  );
}

/** The page that the address names. */
function Shown({ stream }: { stream: Stream }) {
  const name = page.value;
  if (name === 'opportunities') return <OpportunitiesPage stream={stream} />;
  if (name === 'matrix') return <MatrixPage stream={stream} />;
  if (name === 'alerts') return <AlertsPage stream={stream} />;
  if (name === 'bounds') return <BoundsPage stream={stream} />;
  return (
    <>
      <VenueStrip />
      <section class="list" aria-label="Routes">
        <RoutesBar />
        <div class="scroll">
          <RoutesTable />
        </div>
      </section>
      <RoutePanel />
    </>
  );
}
