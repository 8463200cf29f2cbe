import { chosenRoute } from '../location.ts';
import type { Stream } from '../stream.ts';
import { tokenNeeded } from '../token.ts';
import { Banner } from './banner.tsx';
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
      <main class={`${stale ? 'old' : ''} ${chosenRoute.value === null ? '' : 'split'}`}>
        <VenueStrip />
        <section class="list" aria-label="Routes">
          <RoutesBar />
          <div class="scroll">
            <RoutesTable />
          </div>
        </section>
        <RoutePanel />
      </main>
      <StatusBar stream={stream} />
    </>
  );
}
