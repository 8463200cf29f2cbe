import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { SpreadscopeError } from '../core/errors.ts';

/** An object schema as far as this file looks at it. */
export interface ParameterSchema extends TSchema {
  readonly properties: Readonly<
    Record<string, TSchema & { readonly type?: unknown; readonly description?: string }>
  >;
}

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const SHOWN = 60;

/**
 * Checks parameters one by one, for a query string (`text`: numbers come as text) or a stream message. The error names the parameter and says what is allowed.
 */
export function checkParameters(
  schema: ParameterSchema,
  given: unknown,
  text: boolean,
): Readonly<Record<string, unknown>> {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new SpreadscopeError('BAD_REQUEST', 'the parameters must be an object');
  }
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (property === undefined) throw unknownParameter(name, Object.keys(schema.properties));
    const read = text ? readText(property.type, value) : value;
    if (!Value.Check(property, read)) {
      throw new SpreadscopeError(
        'BAD_REQUEST',
        `${name} is ${show(value)}; allowed is ${property.description ?? 'another value'}`,
      );
    }
    checked[name] = read;
  }
  return checked;
}

function readText(type: unknown, value: unknown): unknown {
  const isNumber = type === 'number' || type === 'integer';
  return isNumber && typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
}

function unknownParameter(name: string, known: readonly string[]): SpreadscopeError {
  const allowed = known.length === 0 ? 'no parameter is' : `${known.join(', ')} are`;
  return new SpreadscopeError('BAD_REQUEST', `unknown parameter ${show(name)}; ${allowed} allowed`);
}

function show(value: unknown): string {
  const text = Array.isArray(value) ? 'given more than once' : (JSON.stringify(value) ?? 'nothing');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
