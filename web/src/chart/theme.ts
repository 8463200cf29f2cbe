/** The chart's colours, read from the page's style so that dark and light have one source. */
export interface ChartTheme {
  readonly net: string;
  readonly buy: string;
  readonly sell: string;
  readonly text: string;
  readonly grid: string;
  readonly zero: string;
  readonly band: string;
  readonly gap: string;
  readonly mark: string;
}

export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    net: colour('--net'),
    buy: colour('--buy'),
    sell: colour('--sell'),
    text: colour('--dim'),
    grid: colour('--grid'),
    zero: colour('--zero'),
    band: colour('--band'),
    gap: colour('--gap'),
    mark: colour('--mark'),
  };
}
