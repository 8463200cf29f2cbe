interface Props {
  /** 0 … 1. */
  readonly value: number;
  /** A second figure, as a stroke; 0 … 1. */
  readonly mark?: number;
  /** In the colour of a warning. */
  readonly warns?: boolean;
}

/** A share as a bar. */
export function Meter({ value, mark, warns = false }: Props) {
  const width = 100 * Math.min(1, Math.max(0, value));
  return (
    <svg
      class={warns ? 'meter high' : 'meter'}
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="track" width="100" height="8" />
      <rect class="fill" width={width} height="8" />
      {mark !== undefined && mark > 0 && (
        <line x1={100 * Math.min(1, mark)} x2={100 * Math.min(1, mark)} y1="0" y2="8" />
      )}
    </svg>
  );
}
