import type { TObject, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import type { ConfigFile } from './config-file.ts';
import { type ConfigProblem, shown } from './config-problem.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import {
  allowed,
  type ConfigEntry,
  ENTRY_BY_PATH,
  isArraySchema,
  isObjectSchema,
  isUnionSchema,
  textOption,
} from './config-tree.ts';
import { didYouMean } from './nearest.ts';

/** A value that a file or a flag gives to an entry of the tree. */
export interface ConfigValue {
  readonly entry: ConfigEntry;
  readonly value: unknown;
  /** `spreadscope.yaml:3` or `--port`. */
  readonly source: string;
}

/** An entry as a flag names it; `text` is what the user typed. */
export interface ConfigFlag {
  readonly path: string;
  readonly flag: string;
  readonly text: string;
}

/** The values that a file gives, and what is wrong with it. */
export function fileValues(file: ConfigFile, problems: ConfigProblem[]): ConfigValue[] {
  if (file.value === null || file.value === undefined) return [];
  return objectValues(CONFIG_SCHEMA, file.value, [], file, problems);
}

function objectValues(
  schema: TObject,
  value: unknown,
  path: readonly string[],
  file: ConfigFile,
  problems: ConfigProblem[],
): ConfigValue[] {
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) {
    const keys = Object.keys(schema.properties);
    problems.push({
      path: path.length === 0 ? file.name : path.join('.'),
      where: path.length === 0 ? '' : file.where(path),
      text: `given ${shown(value)}, allowed entries such as \`${keys[0]}: …\``,
    });
    return [];
  }
  const values: ConfigValue[] = [];
  for (const [key, child] of Object.entries(value)) {
    const childPath = [...path, key];
    const childSchema = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (childSchema === undefined) {
      problems.push(unknownEntry(schema, path, key, file.where(childPath)));
    } else if (isObjectSchema(childSchema)) {
      values.push(...objectValues(childSchema, child, childPath, file, problems));
    } else {
      const entry = ENTRY_BY_PATH.get(childPath.join('.'));
      if (entry !== undefined) pushChecked(entry, child, file.where(childPath), values, problems);
    }
  }
  return values;
}

function unknownEntry(schema: TObject, path: readonly string[], key: string, where: string): ConfigProblem {
  const siblings = Object.keys(schema.properties);
  const hint = didYouMean(key, siblings) || elsewhere(key) || `; known here: ${siblings.join(', ')}`;
  return { path: [...path, shownKey(key)].join('.'), where, text: `unknown entry${hint}` };
}

/** An entry of the same name at another place of the tree. */
function elsewhere(key: string): string {
  for (const path of ENTRY_BY_PATH.keys()) {
    if (path.endsWith(`.${key}`) && !path.startsWith('venues.')) return `; did you mean ${path}?`;
  }
  return '';
}

function shownKey(key: string): string {
  return /^[\w.-]{1,60}$/.test(key) ? key : shown(key);
}

/** The values that flags give, and what is wrong with them. */
export function flagValues(flags: readonly ConfigFlag[], problems: ConfigProblem[]): ConfigValue[] {
  const values: ConfigValue[] = [];
  for (const { path, flag, text } of flags) {
    const entry = ENTRY_BY_PATH.get(path);
    if (entry === undefined) {
      const hint = didYouMean(path, [...ENTRY_BY_PATH.keys()]);
      problems.push({ path: shownKey(path), where: flag, text: `unknown entry${hint}` });
    } else {
      pushChecked(entry, readFlag(entry.schema, text), flag, values, problems);
    }
  }
  return values;
}

function pushChecked(
  entry: ConfigEntry,
  value: unknown,
  source: string,
  values: ConfigValue[],
  problems: ConfigProblem[],
): void {
  if (Check(entry.schema, value)) {
    values.push({ entry, value, source });
    return;
  }
  problems.push({
    path: entry.path,
    where: source,
    text: `given ${entry.secret ? 'something else' : shown(value)}, allowed ${allowed(entry.schema)}${detail(entry.schema, value)}`,
  });
}

/** Which part of an item is wrong, where items have parts. */
function detail(schema: TSchema, value: unknown): string {
  if (!isArraySchema(schema) || !isObjectSchema(schema.items) || !Array.isArray(value)) return '';
  const [first] = Errors(schema, value);
  if (first === undefined) return '';
  const path = first.instancePath.slice(1).replaceAll('/', '.');
  const text = first.message === 'schema is false' ? 'there is no such entry' : first.message;
  return `; at ${path === '' ? 'the list' : path}: ${text}`;
}

/** A flag's text as a value of the schema's type; what does not fit stays text, and the check names it. */
function readFlag(schema: TSchema, text: string): unknown {
  if (isUnionSchema(schema)) {
    if (text === 'null') return null;
    const [first] = schema.anyOf;
    return first === undefined ? text : readFlag(first, text);
  }
  if (isArraySchema(schema)) {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  const type = textOption(schema, 'type');
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?(e\d+)?$/i.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
