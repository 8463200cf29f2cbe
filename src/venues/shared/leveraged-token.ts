/** Leveraged tokens carry factor and direction at the end of their name: BTC3L, ETH5S. A coin's own name comes before it. */
const FACTOR_AND_DIRECTION = /^.{2,}[2-5][LS]$/;

/** Whether a base currency is a leveraged token by its name. */
export function isLeveragedToken(base: string): boolean {
  return FACTOR_AND_DIRECTION.test(base);
}
