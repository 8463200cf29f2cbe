type Labels = Readonly<Record<string, string>>;
/** A value with its labels; null and NaN = not known, the sample is left out. */
export type Sample = readonly [labels: Labels, value: number | null | undefined];

/** Text in Prometheus' exposition format 0.0.4, family by family. */
export class MetricsText {
  readonly #lines: string[] = [];

  /** What only grows (from 0 at each start). */
  counter(name: string, help: string, samples: readonly Sample[] | number): void {
    this.#family('counter', name, help, samples);
  }

  /** What goes up and down. */
  gauge(name: string, help: string, samples: readonly Sample[] | number): void {
    this.#family('gauge', name, help, samples);
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  #family(type: string, name: string, help: string, given: readonly Sample[] | number): void {
    const full = `spreadscope_${name}`;
    this.#lines.push(`# HELP ${full} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`);
    this.#lines.push(`# TYPE ${full} ${type}`);
    const samples: readonly Sample[] = typeof given === 'number' ? [[{}, given]] : given;
    for (const [labels, value] of samples) {
      if (value === null || value === undefined || Number.isNaN(value)) continue;
      this.#lines.push(`${full}${labelText(labels)} ${numberText(value)}`);
    }
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
