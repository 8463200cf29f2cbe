import type { VenueId } from '../core/venue-ids.ts';
import type { Thresholds } from '../market/thresholds.ts';
import type { Config } from './config-schema.ts';

const BPS = 10_000;

/** An entry of `opportunities.overrides`, taken apart. */
export interface Override {
  readonly symbol: string;
  /** The venues to buy and to sell on; undefined = every route of the symbol. */
  readonly route: readonly [string, string] | undefined;
  readonly openNetBps: number;
  readonly closeNetBps: number;
}

/** @param text in the form that the configuration allows */
export function readOverride(text: string): Override {
  const [what = '', thresholds = ''] = text.split('=');
  const [symbol = '', buy, sell] = what.split(':');
  const [open = '', close] = thresholds.split('/');
  return {
    symbol,
    route: buy === undefined || sell === undefined ? undefined : [buy, sell],
    openNetBps: Number(open),
    closeNetBps: close === undefined ? Number(open) / 2 : Number(close),
  };
}

/** The thresholds of every route, fractions. */
export class RouteThresholds {
  readonly common: Thresholds;
  readonly #bySymbol = new Map<string, Thresholds>();
  readonly #byRoute = new Map<string, Thresholds>();

  constructor({ opportunities }: Pick<Config, 'opportunities'>) {
    const { openNetBps, closeNetBps, overrides } = opportunities;
    this.common = thresholds(openNetBps, closeNetBps ?? openNetBps / 2);
    for (const override of overrides.map(readOverride)) {
      const own = thresholds(override.openNetBps, override.closeNetBps);
      if (override.route === undefined) this.#bySymbol.set(override.symbol, own);
      else this.#byRoute.set(`${override.symbol}:${override.route.join(':')}`, own);
    }
  }

  /** Undefined = the common ones. */
  of(symbol: string, buy: VenueId, sell: VenueId): Thresholds | undefined {
    if (this.#byRoute.size === 0 && this.#bySymbol.size === 0) return undefined;
    return this.#byRoute.get(`${symbol}:${buy}:${sell}`) ?? this.#bySymbol.get(symbol);
  }
}

function thresholds(openBps: number, closeBps: number): Thresholds {
  return { openNet: openBps / BPS, closeNet: closeBps / BPS };
}
