/** JSON texts taken apart with numbers left as written, so that they can be written again in other shapes that mean the same. */
export type RawJson =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly RawJson[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, RawJson])[] };

/** A small generator with a seed (mulberry32); answers numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;

/** Takes a well-formed JSON text apart. */
export function parseRaw(text: string): RawJson {
  TOKEN.lastIndex = 0;
  const next = (): string => {
    const match = TOKEN.exec(text);
    if (match?.[1] === undefined) throw new SyntaxError(`not JSON: ${text.slice(0, 80)}`);
    return match[1];
  };
  return parseValue(next, next());
}

function parseValue(next: () => string, token: string): RawJson {
  if (token === '[') {
    const items: RawJson[] = [];
    for (let t = next(); t !== ']'; t = next()) if (t !== ',') items.push(parseValue(next, t));
    return { kind: 'array', items };
  }
  if (token === '{') {
    const members: [string, RawJson][] = [];
    for (let t = next(); t !== '}'; t = next()) {
      if (t === ',') continue;
      next();
      members.push([t, parseValue(next, next())]);
    }
    return { kind: 'object', members };
  }
  return { kind: 'scalar', text: token };
}

export interface Reshaping {
  readonly shuffleKeys?: boolean;
  readonly unknownKeys?: boolean;
  readonly space?: boolean;
}

const UNKNOWN = [
  '"zz":1',
  '"_new":"a\\"},{b"',
  '"more":{"x":[1,{"y":null}],"s":"]"}',
  '"list":[]',
  '"on":true',
];

/** Writes it again: keys in another order, unknown members in between, white space between tokens. */
export function writeReshaped(value: RawJson, shape: Reshaping, random: () => number): string {
  const space = (): string =>
    shape.space === true && random() < 0.3
      ? ([' ', '\n', '\t', '  '][Math.floor(random() * 4)] as string)
      : '';
  const write = (v: RawJson): string => {
    if (v.kind === 'scalar') return space() + v.text + space();
    if (v.kind === 'array') return `${space()}[${v.items.map(write).join(',') || space()}]${space()}`;
    const members = v.members.map(([key, item]) => `${space()}${key}${space()}:${write(item)}`);
    if (shape.shuffleKeys === true) shuffle(members, random);
    if (shape.unknownKeys === true) {
      for (const extra of UNKNOWN) {
        if (random() < 0.5) members.splice(Math.floor(random() * (members.length + 1)), 0, extra);
      }
    }
    return `${space()}{${members.join(',')}}${space()}`;
  };
  return write(value);
}

function shuffle(items: string[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const item = items[i] as string;
    items[i] = items[j] as string;
    items[j] = item;
  }
}
