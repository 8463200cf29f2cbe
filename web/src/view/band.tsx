interface Props {
  /** Basis points; null = not known. */
  readonly low: number | null;
  readonly high: number | null;
  readonly now: number;
}

/** Room on each side of the band, of its width. */
const MARGIN = 0.5;

/** The band of the last hour as a bar, with the present value as a stroke in or beside it. */
export function Band({ low, high, now }: Props) {
  if (low === null || high === null) return null;
  const width = Math.max(high - low, 0.1);
  const from = low - MARGIN * width;
  const span = width * (1 + 2 * MARGIN);
  const at = Math.min(99, Math.max(1, ((now - from) / span) * 100));
  const text = `3rd to 97th percentile: ${low.toFixed(1)} to ${high.toFixed(1)} bps`;
  return (
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={text}>
      <title>{text}</title>
      <rect x={(100 * MARGIN) / (1 + 2 * MARGIN)} width={100 / (1 + 2 * MARGIN)} y="3" height="4" />
      <line x1={at} x2={at} y1="0" y2="10" class={now > high || now < low ? 'out' : ''} />
    </svg>
  );
}
