import type { QuoteRow, RouteReply } from '../../../src/wire/api.ts';
import { age, amount, lag, price } from '../format.ts';
import { venueTitle } from '../state.ts';

/** Both legs' best bid and offer; the side that the route uses stands out. */
export function Legs({ reply }: { reply: RouteReply }) {
  return (
    <table class="legs" aria-label="Both legs">
      <thead>
        <tr>
          <th scope="col">Leg</th>
          <th scope="col" class="num">
            Bid
          </th>
          <th scope="col" class="num">
            Ask
          </th>
          <th scope="col" class="num">
            Age
          </th>
          <th scope="col" class="num">
            Lag <small>ms</small>
          </th>
          <th scope="col">Valid</th>
        </tr>
      </thead>
      <tbody>
        <Leg kind="buy" quote={reply.legs.buy} />
        <Leg kind="sell" quote={reply.legs.sell} />
      </tbody>
    </table>
  );
}

function Leg({ kind, quote }: { kind: 'buy' | 'sell'; quote: QuoteRow }) {
  const { venueTime, receiveTime } = quote;
  const lagMs = venueTime === null || receiveTime === null ? null : (receiveTime - venueTime) / 1000;
  return (
    <tr class={quote.valid ? '' : 'invalid'}>
      <th scope="row">
        <span class={kind}>{kind}</span> {venueTitle(quote.venue)}
      </th>
      <td class={kind === 'sell' ? 'num used' : 'num'}>
        {price(quote.bid)}
        <small>{amount(quote.bidSize)}</small>
      </td>
      <td class={kind === 'buy' ? 'num used' : 'num'}>
        {price(quote.ask)}
        <small>{amount(quote.askSize)}</small>
      </td>
      <td class="num">{age(quote.ageMs)}</td>
      <td class="num">{lag(lagMs)}</td>
      <td>{quote.valid ? 'yes' : 'no'}</td>
    </tr>
  );
}
