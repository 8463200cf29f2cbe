import { clearFilters, filtered } from '../filters.ts';
import { reach, routes, venues } from '../state.ts';

/** Why there is no route to show, and what to do about it. */
export function RoutesEmpty() {
  if (reach.value === 'nobody') {
    return (
      <div class="empty" id="nobody">
        <h2>No exchange can be reached</h2>
        <p>spreadscope keeps trying; each venue above says what stopped it.</p>
        <p>
          On a machine without a network, run <code>npm run demo</code>: the same page on simulated exchanges.
        </p>
      </div>
    );
  }
  if (reach.value === 'connecting') {
    return (
      <div class="empty">
        <h2>Connecting to {venues.value?.length ?? 0} exchanges …</h2>
        <p>The first routes appear as soon as one symbol is live on two of them.</p>
      </div>
    );
  }
  if (reach.value === null || routes.value === null) {
    return (
      <div class="empty">
        <h2>Waiting for the first data …</h2>
      </div>
    );
  }
  if (filtered.value) {
    return (
      <div class="empty">
        <h2>No route passes the filters</h2>
        <button type="button" onClick={clearFilters}>
          Clear filters
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>No route yet</h2>
      <p>
        A route needs one symbol with a valid quote on two venues. Widen the filters of the configuration if
        this stays.
      </p>
    </div>
  );
}
