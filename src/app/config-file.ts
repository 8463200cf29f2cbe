import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { SpreadscopeError } from '../core/errors.ts';
import { ConfigError } from './config-problem.ts';

/** The file that is read when none is named, if it is there. */
export const DEFAULT_FILE = 'spreadscope.yaml';

/** A configuration is a page of text; anything larger is another file named by mistake. */
const MAX_FILE_BYTES = 1 << 20;

/** A YAML file as plain values that still know their lines. */
export interface ConfigFile {
  /** As it was named, for messages. */
  readonly name: string;
  readonly value: unknown;
  /** `name:line` of the entry at this path. */
  where(path: readonly string[]): string;
}

/**
 * Reads the named file, or `spreadscope.yaml` in `folder` if there is one.
 * @throws FILE_UNREADABLE, CONFIG_INVALID when it is not YAML
 */
export function readConfigFile(named: string | undefined, folder: string): ConfigFile | undefined {
  const name = named ?? DEFAULT_FILE;
  const path = named ?? join(folder, DEFAULT_FILE);
  if (named === undefined && !existsSync(path)) return undefined;
  return parseConfigText(name, readText(path));
}

function readText(path: string): string {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) {
      throw new SpreadscopeError('FILE_UNREADABLE', `${path} is larger than 1 MiB; is it a configuration?`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof SpreadscopeError) throw error;
    throw new SpreadscopeError('FILE_UNREADABLE', `cannot read ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Why the file system refused, in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'you may not read it';
  if (code === 'EISDIR') return 'it is a folder';
  return code ?? error.message;
}

/** @throws CONFIG_INVALID when the text is not YAML */
export function parseConfigText(name: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: `${name}:${lines.linePos(error.pos[0]).line}`,
      where: '',
      text: `not YAML: ${error.message}`,
    }));
    throw new ConfigError(problems, name);
  }
  return {
    name,
    value: plainValue(document, name),
    where: (path) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? name : `${name}:${lines.linePos(offset).line}`;
    },
  };
}

function plainValue(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ path: name, where: '', text: `not YAML: ${text}` }], name);
  }
}

/** Where the key of this path begins. */
function offsetOf(document: Document, path: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const key of path) {
    if (!isMap(node)) return offset;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (pair === undefined || !isScalar(pair.key)) return offset;
    offset = pair.key.range?.[0];
    node = pair.value;
  }
  return offset;
}
