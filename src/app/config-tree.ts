import type { TArray, TObject, TSchema, TUnion } from 'typebox';
import { CONFIG_SCHEMA } from './config-schema.ts';

/** The configuration's tree, flattened: what the checks, the flags and the reference walk over. */
export interface ConfigEntry {
  /** Dotted, `feed.workers`. */
  readonly path: string;
  readonly schema: TSchema;
  readonly fallback: unknown;
  readonly description: string;
  /** Whether its value must not be shown. */
  readonly secret: boolean;
}

export function isObjectSchema(schema: TSchema): schema is TObject {
  return 'properties' in schema;
}

export function isArraySchema(schema: TSchema): schema is TArray {
  return 'items' in schema;
}

export function isUnionSchema(schema: TSchema): schema is TUnion {
  return 'anyOf' in schema;
}

/** What a schema says beside its shape; TypeBox keeps such options as plain properties. */
export function option(schema: TSchema, name: string): unknown {
  return (schema as Readonly<Record<string, unknown>>)[name];
}

export function textOption(schema: TSchema, name: string): string | undefined {
  const value = option(schema, name);
  return typeof value === 'string' ? value : undefined;
}

/** Every entry (leaf), in the order of the tree. */
export const CONFIG_ENTRIES: readonly ConfigEntry[] = entriesOf(CONFIG_SCHEMA, '');

export const ENTRY_BY_PATH: ReadonlyMap<string, ConfigEntry> = new Map(
  CONFIG_ENTRIES.map((entry) => [entry.path, entry]),
);

function entriesOf(schema: TObject, prefix: string): ConfigEntry[] {
  return Object.entries<TSchema>(schema.properties).flatMap(([key, child]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (isObjectSchema(child)) return entriesOf(child, path);
    return [
      {
        path,
        schema: child,
        fallback: option(child, 'default'),
        description: textOption(child, 'description') ?? '',
        secret: option(child, 'secret') === true,
      },
    ];
  });
}

/** What a leaf allows, in words: `a whole number from 1 to 8`. */
export function allowed(schema: TSchema): string {
  if (isUnionSchema(schema)) {
    return schema.anyOf.map((one) => allowed(one)).join(' or ');
  }
  const title = textOption(schema, 'title');
  if (title !== undefined) return title;
  const values = option(schema, 'enum');
  if (Array.isArray(values)) return values.map(String).join(' or ');
  if (isArraySchema(schema)) return `a list, each ${allowed(schema.items)}${listBounds(schema)}`;
  const type = textOption(schema, 'type');
  if (type === 'integer') return `a whole number${range(schema)}`;
  if (type === 'number') return `a number${range(schema)}`;
  if (type === 'boolean') return 'true or false';
  return type === 'null' ? 'null' : 'a text';
}

function range(schema: TSchema): string {
  return ` from ${String(option(schema, 'minimum'))} to ${String(option(schema, 'maximum'))}`;
}

function listBounds(schema: TSchema): string {
  const least = option(schema, 'minItems');
  return `, ${least === undefined ? '' : `at least ${String(least)} and `}at most ${String(option(schema, 'maxItems'))}`;
}
