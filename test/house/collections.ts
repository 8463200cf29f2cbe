/** A place in the source where something is made that could hold what data brings. */
export interface Place {
  readonly file: string;
  /** The field, variable or property that it is given to; else the function that it is made in, as `name()`. */
  readonly name: string;
  readonly line: number;
}

const MADE =
  /\bnew (?:(?:Weak)?(?:Map|Set)|(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array|(?:Shared)?ArrayBuffer)\b|\bBuffer\.alloc(?:Unsafe(?:Slow)?)?\(/g;
const PUSHED = /\bthis\.(#?\w+)(?:\?)?\.(?:push|unshift)\(/g;
const MODULE_ARRAY = /^(?:export )?(?:const|let) (\w+)(?:: [^=]+)? = \[\];/gm;
/** What stands before a value: the name it is given to. */
const GIVEN_TO = /(#?\w+)\]?\??(?::[^=;]*)?\s*[=:]\s*[^=;]*$/;
const FUNCTION =
  /\bfunction\*? (\w+)|^\s+(?:static |async |readonly |private |override )*(#?\w+)\([^;]*\{$|^const (\w+) =/;

/** Every place in a source text that makes a map, a set, a typed array or a buffer, or adds to an array that is a field or of the module. One name in one file is one place. */
export function collectionsIn(file: string, text: string): Place[] {
  const found = new Map<string, Place>();
  const add = (name: string, line: number): void => {
    if (!found.has(name)) found.set(name, { file, name, line });
  };
  const code = withoutComments(text);
  const arrays = [...code.matchAll(MODULE_ARRAY)].map(([, name = '']) => name);
  const lines = code.split('\n');
  lines.forEach((line, i) => {
    for (const match of line.matchAll(MADE)) add(nameOf(lines, i, line.slice(0, match.index)), i + 1);
    for (const match of line.matchAll(PUSHED)) add(match[1] ?? '', i + 1);
    for (const name of arrays)
      if (new RegExp(`\\b${name}\\.(?:push|unshift)\\(`).test(line)) add(name, i + 1);
  });
  return [...found.values()];
}

function nameOf(lines: readonly string[], at: number, before: string): string {
  // A long value begins on the line after its name.
  const given = GIVEN_TO.exec(before.trim() === '' ? (lines[at - 1] ?? '') : before);
  const name = given?.[1];
  if (name !== undefined) return name;
  for (let i = at; i >= 0; i -= 1) {
    const [, plain, method, arrow] = FUNCTION.exec(lines[i] ?? '') ?? [];
    const inside = plain ?? method ?? arrow;
    if (inside !== undefined && !/^(?:if|for|while|switch|catch)$/.test(inside)) return `${inside}()`;
  }
  return '()';
}

/** Comments become blanks, so that lines keep their numbers. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}
