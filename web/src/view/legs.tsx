import type { QuoteRow, RouteReply } from '../../../src/wire/api.ts';
import { age, amount, lag, price } from '../format.ts';
import { venueTitle } from '../state.ts';

/** Both legs' best bid and offer side by side; the figure that the route uses stands out. */
export function Legs({ reply }: { reply: RouteReply }) {
  const { buy, sell } = reply.legs;
  return (
    <table class="legs" aria-label="Both legs">
      <thead>
        <tr>
          <th scope="col">Leg</th>
          <th scope="col" class="num">
            <span class="buy">buy</span> {venueTitle(buy.venue)}
          </th>
          <th scope="col" class="num">
            <span class="sell">sell</span> {venueTitle(sell.venue)}
          </th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Ask · size</th>
          <PriceCell value={buy.ask} size={buy.askSize} used={true} valid={buy.valid} />
          <PriceCell value={sell.ask} size={sell.askSize} used={false} valid={sell.valid} />
        </tr>
        <tr>
          <th scope="row">Bid · size</th>
          <PriceCell value={buy.bid} size={buy.bidSize} used={false} valid={buy.valid} />
          <PriceCell value={sell.bid} size={sell.bidSize} used={true} valid={sell.valid} />
        </tr>
        <tr>
          <th scope="row">Age · lag</th>
          <AgeCell quote={buy} />
          <AgeCell quote={sell} />
        </tr>
        <tr>
          <th scope="row">Last trade</th>
          <TradeCell quote={buy} />
          <TradeCell quote={sell} />
        </tr>
      </tbody>
    </table>
  );
}

interface PriceProps {
  readonly value: number | null;
  readonly size: number | null;
  readonly used: boolean;
  readonly valid: boolean;
}

function PriceCell({ value, size, used, valid }: PriceProps) {
  return (
    <td class={`num ${used ? 'used' : ''} ${valid ? '' : 'invalid'}`}>
      {price(value)} <small>{amount(size)}</small>
    </td>
  );
}

/** At what price who took how much, and how long ago. */
function TradeCell({ quote: { lastTrade } }: { quote: QuoteRow }) {
  if (lastTrade === null) return <td class="num">–</td>;
  return (
    <td class="num">
      {price(lastTrade.price)}{' '}
      <small>
        {amount(lastTrade.size)} <span class={lastTrade.side}>{lastTrade.side}</span> {age(lastTrade.ageMs)}
      </small>
    </td>
  );
}

/** How old the quote is, how late it came, and whether it counts. */
function AgeCell({ quote }: { quote: QuoteRow }) {
  const { venueTime, receiveTime } = quote;
  const lagMs = venueTime === null || receiveTime === null ? null : (receiveTime - venueTime) / 1000;
  return (
    <td class="num">
      {!quote.valid && <b class="no">invalid </b>}
      {age(quote.ageMs)} <small>{lag(lagMs)} ms</small>
    </td>
  );
}
