import { QuoteField, TradeField } from '../venue.ts';

const { bid, bidSize, ask, askSize } = QuoteField;

/**
 * Brings the sides of a quote into the contract's form: a side without a price (absent, "" or 0) or with nothing to take (size 0) is NaN in both fields.
 * False when a value is out of range: negative, or a price without a size.
 */
export function settleSides(fields: Float64Array): boolean {
  return settleSide(fields, bid, bidSize) && settleSide(fields, ask, askSize);
}

/** Whether both sides are there, so that nothing has to be settled. */
export function hasBothSides(fields: Float64Array): boolean {
  return (
    (fields[bid] as number) > 0 &&
    (fields[bidSize] as number) > 0 &&
    (fields[ask] as number) > 0 &&
    (fields[askSize] as number) > 0
  );
}

function settleSide(fields: Float64Array, price: number, size: number): boolean {
  if ((fields[price] as number) < 0 || (fields[size] as number) < 0) return false;
  if ((fields[price] as number) > 0 && (fields[size] as number) > 0) return true;
  // A price whose size is not said is half a message; a price that is 0 or not said is an empty side.
  if ((fields[price] as number) > 0 && Number.isNaN(fields[size])) return false;
  fields[price] = Number.NaN;
  fields[size] = Number.NaN;
  return true;
}

/** Whether a trade has a price and a size that can be. */
export function isSoundTrade(fields: Float64Array): boolean {
  return (fields[TradeField.price] as number) > 0 && (fields[TradeField.size] as number) >= 0;
}
