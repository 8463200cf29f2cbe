import { readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type BoundReading, boundOf } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { IdentityDecision } from '../core/route-notes.ts';
import { VENUE_IDS, type VenueId, venueIndex } from '../core/venue-ids.ts';

const DECIDED = Type.Object(
  {
    symbol: Type.String({ pattern: '^[^\\s:]{1,64}$' }),
    /** In the order of the list of venues. */
    venues: Type.Tuple([Type.Enum([...VENUE_IDS]), Type.Enum([...VENUE_IDS])]),
    decision: Type.Enum(['approved', 'denied']),
    /** ISO 8601, UTC. */
    time: Type.String(),
  },
  { additionalProperties: false },
);
const FILE = Type.Object(
  { version: Type.Literal(1), decisions: Type.Array(DECIDED) },
  { additionalProperties: false },
);

/** What somebody said of a pair of venues' instruments of one name. */
export type Decided = Static<typeof DECIDED>;

const MOST = 1024;
const ROW_BYTES = 256;

/** The words that were said on identities, kept in a small JSON file that people may edit while nothing runs. A word is on the disk before it counts. */
export class IdentityDecisions {
  readonly path: string;
  readonly #clock: () => number;
  readonly #byPair: Map<string, Decided>;
  readonly #settle: (folder: string) => Promise<void>;
  #writing: Promise<void> = Promise.resolve();

  /**
   * A file that is not there yet is empty.
   * @param clock µs since the epoch
   * @param settle makes the names in a folder durable
   * @throws FILE_UNREADABLE, CONFIG_INVALID when it is not of the form that is written here
   */
  constructor(path: string, clock: () => number, settle = syncFolder) {
    this.path = path;
    this.#settle = settle;
    this.#clock = clock;
    this.#byPair = new Map(readDecisions(path).map((one) => [keyOf(one.symbol, ...one.venues), one]));
  }

  of(symbol: string, a: VenueId, b: VenueId): Decided | undefined {
    return this.#byPair.get(keyOf(symbol, ...inOrder(a, b)));
  }

  /**
   * Keeps a word, or takes it back; resolves once it is on the disk.
   * @throws FILE_UNWRITABLE, BAD_REQUEST when there are as many as may be; then it does not count
   */
  async decide(symbol: string, a: VenueId, b: VenueId, decision: IdentityDecision): Promise<void> {
    const before = this.#writing;
    const written = before.then(() => this.#decide(symbol, inOrder(a, b), decision));
    // The next one waits for this one, and does not care how it ended.
    this.#writing = written.catch(() => undefined);
    await written;
  }

  bound(): BoundReading {
    const facts = { name: 'identity.decisions', policy: 'refuse', cleanedBy: 'withdrawing them' } as const;
    return boundOf(
      { ...facts, capacity: MOST, capacityBytes: MOST * ROW_BYTES },
      { used: this.#byPair.size },
    );
  }

  async #decide(symbol: string, venues: [VenueId, VenueId], decision: IdentityDecision): Promise<void> {
    const key = keyOf(symbol, ...venues);
    const next = new Map(this.#byPair);
    next.delete(key);
    if (decision !== 'withdrawn') {
      const time = new Date(this.#clock() / 1000).toISOString();
      next.set(key, { symbol, venues, decision, time });
    }
    if (next.size > MOST) {
      throw new SpreadscopeError(
        'BAD_REQUEST',
        `${this.path} already holds ${MOST} decisions; withdraw those of coins that are gone`,
      );
    }
    await writeDecisions(this.path, [...next.values()]);
    await this.#settleName();
    this.#byPair.clear();
    for (const [pair, decided] of next) this.#byPair.set(pair, decided);
  }

  async #settleName(): Promise<void> {
    try {
      await this.#settle(dirname(this.path));
    } catch (error) {
      throw new SpreadscopeError(
        'FILE_UNWRITABLE',
        `identity.file: ${this.path} was written, but the disk did not say that it is safe (${codeOf(error)}), so the decision does not count yet: decide again`,
        { cause: error },
      );
    }
  }
}

/** A power cut after a rename may bring the old file back, until its folder is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function keyOf(symbol: string, low: VenueId, high: VenueId): string {
  return `${symbol}:${low}:${high}`;
}

function inOrder(a: VenueId, b: VenueId): [VenueId, VenueId] {
  return venueIndex(a) < venueIndex(b) ? [a, b] : [b, a];
}

function readDecisions(path: string): Decided[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new SpreadscopeError(
      'FILE_UNREADABLE',
      `identity.file: ${path} cannot be read (${codeOf(error)})`,
      {
        cause: error,
      },
    );
  }
  const content = parse(text);
  if (Value.Check(FILE, content) && content.decisions.length <= MOST)
    return content.decisions.map((one) => ({ ...one, venues: inOrder(...one.venues) }));
  const [first] = Value.Errors(FILE, content);
  const fault =
    content === undefined ? 'it is no JSON' : `${first?.instancePath ?? ''} ${first?.message ?? ''}`;
  throw new SpreadscopeError(
    'CONFIG_INVALID',
    `identity.file: ${path} does not hold decisions on identities (${fault.trim()}); mend it, or move it away`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whole or not at all: written beside, made durable, then renamed. */
async function writeDecisions(path: string, decisions: readonly Decided[]): Promise<void> {
  const beside = `${path}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(beside, 'w', 0o640);
    try {
      await file.writeFile(`${JSON.stringify({ version: 1, decisions }, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    throw new SpreadscopeError(
      'FILE_UNWRITABLE',
      `identity.file: ${path} cannot be written (${codeOf(error)}), so the decision was not taken`,
      { cause: error },
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
