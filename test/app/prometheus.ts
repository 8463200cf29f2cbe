import assert from 'node:assert/strict';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(`^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? (\\S+)$`);
const TYPES = ['counter', 'gauge', 'summary', 'histogram', 'untyped'];

export interface Metrics {
  /** Type by name. */
  readonly families: ReadonlyMap<string, string>;
  /** Value by name and labels as they are written. */
  readonly samples: ReadonlyMap<string, number>;
  readonly counters: ReadonlyMap<string, number>;
}

/** Reads the exposition format 0.0.4 strictly, by its rules: HELP and TYPE once and before the samples, no sample twice, families not interleaved, a line break at the end. */
export function parseMetrics(text: string): Metrics {
  assert.ok(text.endsWith('\n'), 'the last line has no end');
  const families = new Map<string, string>();
  const helped = new Set<string>();
  const samples = new Map<string, number>();
  const counters = new Map<string, number>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, about, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (about === 'HELP') {
      assert.ok(!helped.has(name), `HELP of ${name} twice`);
      helped.add(name);
      current = name;
    } else if (about === 'TYPE') {
      assert.ok(!families.has(name) && TYPES.includes(rest), line);
      assert.equal(name, current, 'TYPE follows HELP');
      families.set(name, rest);
      assert.equal(rest === 'counter', name.endsWith('_total'), `${name} is a ${rest}`);
    } else {
      const [, of = '', labels = '', value = ''] = SAMPLE.exec(line) ?? assert.fail(`not a sample: ${line}`);
      assert.equal(of, current, `${line} stands in another family`);
      assert.ok(families.has(of), `${of} has no TYPE`);
      assert.ok(!samples.has(of + labels), `${of}${labels} twice`);
      const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
      assert.ok(!Number.isNaN(number), line);
      samples.set(of + labels, number);
      if (families.get(of) === 'counter') counters.set(of + labels, number);
    }
  }
  assert.deepEqual([...helped].sort(), [...families.keys()].sort());
  return { families, samples, counters };
}
