import type { LoadedConfig } from './config.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { allowed, CONFIG_ENTRIES, type ConfigEntry } from './config-tree.ts';

const SET = '(set)';

/** The effective configuration as YAML; behind each entry a comment says where it comes from. Reading it back gives the same configuration, but for secrets. */
export function configYaml(loaded: LoadedConfig, explain: boolean): string {
  const lines: string[] = [];
  const open: string[] = [];
  for (const entry of CONFIG_ENTRIES) {
    const path = entry.path.split('.');
    const folders = path.slice(0, -1);
    folders.forEach((folder, depth) => {
      if (open[depth] === folder) return;
      open.length = depth;
      open.push(folder);
      lines.push(`${indent(depth)}${folder}:`);
    });
    open.length = folders.length;
    if (explain) lines.push(`${indent(folders.length)}# ${entry.description}; ${allowed(entry.schema)}`);
    const text = `${indent(folders.length)}${path.at(-1)}: ${shownValue(loaded, entry)}`;
    lines.push(`${text.padEnd(36)} # ${loaded.sources.get(entry.path) ?? 'default'}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The same for programs: `{ file, config, sources }`. */
export function configJson(loaded: LoadedConfig): string {
  const { sources, file } = loaded;
  const secrets = new Set(
    CONFIG_ENTRIES.filter(({ secret }) => secret).map(({ path }) => path.split('.').at(-1)),
  );
  const config: unknown = JSON.parse(
    JSON.stringify(loaded.config, (key, value: unknown) =>
      secrets.has(key) && value !== null ? SET : value,
    ),
  );
  return `${JSON.stringify({ file: file ?? null, config, sources: Object.fromEntries(sources) }, null, 2)}\n`;
}

/** The reference, docs/CONFIG.md, from the tree itself. */
export function configReference(): string {
  const venue = CONFIG_ENTRIES.filter((entry) => entry.path.startsWith('venues.binance.'));
  const others = CONFIG_ENTRIES.filter((entry) => !entry.path.startsWith('venues.'));
  return [
    '# Configuration',
    '',
    'Written by `spreadscope config reference`; a test keeps it equal to the program. Change `src/app/config-schema.ts` instead.',
    '',
    'spreadscope reads `--config FILE`, else `spreadscope.yaml` in the current folder if there is one. Flags come before the file, the file before the',
    'defaults. Everything is checked before a socket opens; an unknown entry is an error. `spreadscope config` prints what is in force and where each entry',
    'comes from, `spreadscope config check FILE` lists everything that is wrong with a file, and `--set PATH=VALUE` sets any entry from the command line.',
    '',
    ...table(others, (entry) => entry.path),
    '',
    '## Per venue',
    '',
    'Under `venues.<id>`, where `<id>` is one of ' +
      `${Object.keys(CONFIG_SCHEMA.properties.venues.properties)
        .map((id) => `\`${id}\``)
        .join(', ')}:`,
    '',
    ...table(venue, (entry) => entry.path.replace('venues.binance.', '')),
    '',
    '## Example',
    '',
    '```yaml',
    'quotes: [USDT, USDC]',
    'minUsdVolume: 100000',
    'exclude: [USDC, FDUSD-USDT]',
    'symbolsPerVenue: 500',
    'venues:',
    '  mexc: { enabled: false }',
    '  okx:',
    '    takerFee: 0.0008',
    '    minUsdVolume: 500000',
    '```',
    '',
  ].join('\n');
}

function shownValue({ config }: LoadedConfig, { path, secret }: ConfigEntry): string {
  const value = valueAt(config, path.split('.'));
  return secret && value !== null ? SET : yamlValue(value);
}

function table(entries: readonly ConfigEntry[], name: (entry: ConfigEntry) => string): string[] {
  const rows = entries.map((entry) =>
    [
      '',
      `\`${name(entry)}\``,
      `\`${yamlValue(entry.fallback)}\``,
      allowed(entry.schema),
      entry.description,
      '',
    ]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')
      .trim(),
  );
  return ['| entry | default | allowed | what |', '| --- | --- | --- | --- |', ...rows];
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

/** JSON is YAML; plain words are left bare because they read better. */
function yamlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlValue).join(', ')}]`;
  if (
    typeof value === 'string' &&
    /^[A-Za-z][\w.-]*$/.test(value) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
  ) {
    return value;
  }
  return JSON.stringify(value);
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  let value = tree;
  for (const key of path) value = (value as Readonly<Record<string, unknown>>)[key];
  return value;
}
