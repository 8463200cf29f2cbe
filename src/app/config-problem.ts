import { SpreadscopeError } from '../core/errors.ts';

/** One thing that is wrong with a configuration: `feed.workers (spreadscope.yaml:3): given 9, allowed a whole number from 1 to 8`. */
export interface ConfigProblem {
  readonly path: string;
  /** Where it was said: `spreadscope.yaml:3`, `--port`; empty when nowhere in particular. */
  readonly where: string;
  readonly text: string;
}

/** Everything that is wrong with a configuration at once; the message carries the first and says how many more there are. */
export class ConfigError extends SpreadscopeError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], file: string | undefined) {
    super('CONFIG_INVALID', summary(problems, file));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export function problemLine(problem: ConfigProblem): string {
  const where = problem.where === '' || problem.where === problem.path ? '' : ` (${problem.where})`;
  return `${problem.path}${where}: ${problem.text}`;
}

/** A value as it was given, short and on one line. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : jsonText(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // YAML's aliases can make a list that holds itself.
    return 'a value that contains itself';
  }
}

function summary(problems: readonly ConfigProblem[], file: string | undefined): string {
  const [first] = problems;
  if (first === undefined) return 'the configuration is not valid';
  const more = problems.length - 1;
  if (more === 0) return problemLine(first);
  const check = file === undefined ? '' : `: run \`spreadscope config check ${file}\``;
  return `${problemLine(first)} (and ${more} more${check})`;
}
