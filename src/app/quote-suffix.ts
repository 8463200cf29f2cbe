import { canonicalSymbol } from '../core/instruments.ts';

/**
 * The quote-currency suffix rule, for `spreadscope decode` without an instrument list and for nothing else: everywhere else base and quote come
 * from the venue's own list. A separator decides where there is one; otherwise the longest known quote currency that the id ends in.
 */
const QUOTES = [
  'USDT USDC FDUSD TUSD BUSD USDE USD1 USDD USDP USDQ USDR USDS USDF PYUSD RLUSD DAI PAX UST VAI',
  'USD EUR EURC EURI EURQ EURR GBP JPY GYEN AUD TRY BRL BRZ PLN RUB UAH ZAR NGN ARS MXN COP CZK RON KZT AED IDR IDRT BIDR BVND BKRW',
  'KRW HKD SGD THB VND INR PHP CHF CAD U',
  'BTC ETH BNB SOL XRP TRX DOGE DOT MNT KCS OKB GT MX BGB HT',
]
  .flatMap((line) => line.split(' '))
  .sort((a, b) => b.length - a.length);

/** `BASE-QUOTE`, or undefined when the id has no known end. */
export function symbolByRule(nativeId: string): string | undefined {
  // Some bases are written in mixed case (LYXe); an id all in lower case is one of a stream's name.
  const id = nativeId === nativeId.toLowerCase() ? nativeId.toUpperCase() : nativeId;
  const separator = Math.max(id.lastIndexOf('-'), id.lastIndexOf('_'), id.lastIndexOf('/'));
  if (separator >= 0) {
    const quote = id.slice(separator + 1);
    return separator > 0 && quote !== '' ? canonicalSymbol(id.slice(0, separator), quote) : undefined;
  }
  const quote = QUOTES.find((one) => id.length > one.length && id.endsWith(one));
  return quote === undefined ? undefined : canonicalSymbol(id.slice(0, -quote.length), quote);
}
