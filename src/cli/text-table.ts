import { plain } from './output.ts';

export interface TextColumn {
  readonly title: string;
  /** Numbers end at the same place. */
  readonly right?: boolean;
}

/** Lines of columns two spaces apart, the titles first; what comes from outside cannot move the cursor. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(plain))];
  const widths = columns.map((_, i) =>
    lines.reduce((most, line) => Math.max(most, (line[i] ?? '').length), 0),
  );
  return lines.map((line) =>
    columns
      .map(({ right }, i) => {
        const [text, width] = [line[i] ?? '', widths[i] ?? 0];
        return right === true ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
