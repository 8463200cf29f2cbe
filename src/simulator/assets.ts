import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import { COIN_NAMES } from './coin-names.ts';
import { hashText } from './random.ts';

/** A coin and where its price starts, in USD. */
export interface Asset {
  readonly name: string;
  readonly startPrice: number;
}

/** Large coins and rough prices, so that a page of simulated markets looks familiar. */
const MAJORS: readonly (readonly [string, number])[] = [
  ['BTC', 84_000],
  ['ETH', 3_100],
  ['SOL', 165],
  ['XRP', 2.4],
  ['BNB', 640],
  ['DOGE', 0.19],
  ['ADA', 0.72],
  ['AVAX', 31],
  ['LINK', 17],
  ['DOT', 6.4],
  ['TRX', 0.24],
  ['LTC', 96],
  ['BCH', 410],
  ['NEAR', 4.4],
  ['UNI', 9.1],
  ['APT', 8.3],
  ['ATOM', 6.8],
  ['FIL', 4.9],
  ['ETC', 24],
  ['XLM', 0.31],
  ['ARB', 0.74],
  ['OP', 1.6],
  ['SUI', 3.2],
  ['TON', 5.1],
  ['INJ', 19],
  ['AAVE', 210],
  ['ALGO', 0.27],
  ['SAND', 0.43],
  ['MANA', 0.39],
  ['GRT', 0.18],
  ['CRV', 0.62],
  ['SNX', 1.7],
  ['1INCH', 0.33],
  ['COMP', 58],
];

const LEVERAGED = /([2-5][LS]|UP|DOWN|BULL|BEAR|HALF|HEDGE)$/;
const STABLE = new Set([
  'USDT',
  'USDC',
  'BUSD',
  'TUSD',
  'USDP',
  'PAX',
  'DAI',
  'USD',
  'EUR',
  'GBP',
  'AUD',
  'UST',
]);

/**
 * Coins in order of popularity: the majors, then those of captured instrument lists, other well-known ones, and invented ones up to `count`.
 * @param captures folder that may hold BINANCE.0.txt and GATEIO.0.txt
 * @throws FILE_UNREADABLE when the folder is not there or a file in it is something else
 */
export function loadAssets(count: number, captures: string | undefined): Asset[] {
  const assets = new Map<string, Asset>();
  for (const [name, startPrice] of MAJORS) assets.set(name, { name, startPrice });
  const captured = captures === undefined ? [] : capturedBases(captures);
  for (const name of [...captured, ...COIN_NAMES]) {
    if (assets.size >= count) break;
    if (!assets.has(name)) assets.set(name, { name, startPrice: inventedPrice(name) });
  }
  for (let n = 0; assets.size < count; n += 1) {
    const name = inventedName(n);
    if (!assets.has(name)) assets.set(name, { name, startPrice: inventedPrice(name) });
  }
  return [...assets.values()].slice(0, count);
}

/** Base coins of the USDT markets in the captured lists, ordinary coins only. */
function capturedBases(folder: string): string[] {
  if (!existsSync(folder)) throw new SpreadscopeError('FILE_UNREADABLE', `there is no folder ${folder}`);
  const binance = readReply(join(folder, 'BINANCE.0.txt'), 'exchangeInfo');
  const gate = readReply(join(folder, 'GATEIO.0.txt'), 'currency_pairs');
  const names: string[] = [];
  for (const row of rows(isRecord(binance) ? binance.symbols : undefined)) {
    if (row.quoteAsset === 'USDT' && row.status === 'TRADING') names.push(String(row.baseAsset));
  }
  for (const row of rows(gate)) {
    if (row.quote === 'USDT' && row.trade_status === 'tradable') names.push(String(row.base));
  }
  return names.filter((name) => /^[A-Z0-9]{2,10}$/.test(name) && !LEVERAGED.test(name) && !STABLE.has(name));
}

/** The parsed body of the first recorded HTTP reply whose address contains `what`; undefined when the file does not exist. */
function readReply(file: string, what: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isRecord(error) && error.code === 'ENOENT') return undefined;
    throw new SpreadscopeError('FILE_UNREADABLE', `cannot read ${file}`, { cause: error });
  }
  const line = text.split('\n').find((each) => each.includes(what) && each.includes(' -> '));
  const body = line?.slice(line.indexOf(': ', line.indexOf(' -> ')) + 2);
  try {
    return body === undefined ? undefined : JSON.parse(body);
  } catch (error) {
    throw new SpreadscopeError('FILE_UNREADABLE', `${file} is not a captured instrument list`, {
      cause: error,
    });
  }
}

function rows(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const ONSETS = 'B C D F G H J K L M N P Q R S T V W X Z'.split(' ');
const VOWELS = 'A E I O U Y'.split(' ');

/** The n-th invented coin: four or five letters, no two alike, none that reads like a leveraged token. */
function inventedName(n: number): string {
  const pick = (from: readonly string[], k: number): string => from[k % from.length] as string;
  const a = pick(ONSETS, n * 7 + 3);
  const b = pick(VOWELS, Math.floor(n / 20));
  const c = pick(ONSETS, Math.floor(n / 120) + n);
  const round = Math.floor(n / 2_400);
  return `${a}${b}${c}${pick(VOWELS, n * 5 + 1)}${round === 0 ? '' : round}X`;
}

/** A price between 0.002 and 300 USD that depends on the name alone. */
function inventedPrice(name: string): number {
  const spread = (hashText(name) % 10_000) / 10_000;
  return 10 ** (-2.7 + 5.2 * spread);
}
