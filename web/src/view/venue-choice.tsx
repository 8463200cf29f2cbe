import { ALL_VENUES, filters, toggleVenue } from '../filters.ts';
import { venueTitle } from '../state.ts';

/** Which venues to buy on and to sell on. */
export function VenueChoice() {
  const { buy, sell } = filters.value;
  const chosen = buy.length + sell.length;
  return (
    <details class="menu" id="venue-choice">
      <summary aria-label="Venues">
        Venues
        {chosen > 0 && (
          <b>
            {' '}
            {buy.length === 0 ? 'all' : buy.length} → {sell.length === 0 ? 'all' : sell.length}
          </b>
        )}
      </summary>
      <div class="sheet">
        <table>
          <thead>
            <tr>
              <th scope="col">Venue</th>
              <th scope="col">buy</th>
              <th scope="col">sell</th>
            </tr>
          </thead>
          <tbody>
            {ALL_VENUES.map((venue) => (
              <tr key={venue}>
                <th scope="row">{venueTitle(venue)}</th>
                {(['buy', 'sell'] as const).map((side) => (
                  <td key={side}>
                    <input
                      type="checkbox"
                      aria-label={`${side} on ${venueTitle(venue)}`}
                      checked={filters.value[side].includes(venue)}
                      onChange={() => toggleVenue(side, venue)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <p>None ticked means all.</p>
      </div>
    </details>
  );
}
