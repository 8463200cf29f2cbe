import { chosenRoute } from '../location.ts';
import { wide } from '../route-view.ts';
import { RoutePanel } from './route-panel.tsx';
import { RoutesBar } from './routes-bar.tsx';
import { RoutesTable } from './routes-table.tsx';
import { VenueStrip } from './venue-strip.tsx';

/** All routes, ranked, and beside them the one that is open. */
export function Screener() {
  return (
    <>
      <VenueStrip />
      <div class={`split ${chosenRoute.value === null ? 'none' : wide.value ? 'wide' : ''}`}>
        <section class="list" aria-label="Routes">
          <RoutesBar />
          <RoutesTable />
        </section>
        <RoutePanel />
      </div>
    </>
  );
}
