import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { metricsText } from '../../src/app/metrics.ts';
import { fullReading } from '../app/metrics-reading.ts';
import { parseMetrics } from '../app/prometheus.ts';

const OPS = join(import.meta.dirname, '../../../ops');
const read = (name: string): string => readFileSync(join(OPS, name), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const rules = (parse(read('alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
};

/** Labels by metric, with the values that they can have. */
const metrics = new Map<string, Map<string, Set<string>>>();
for (const key of parseMetrics(metricsText(fullReading())).samples.keys()) {
  const name = key.replace(/\{.*$/s, '');
  const labels = metrics.get(name) ?? new Map<string, Set<string>>();
  metrics.set(name, labels);
  for (const [, label = '', value = ''] of key.matchAll(/(\w+)="([^"]*)"/g))
    labels.set(label, (labels.get(label) ?? new Set()).add(value));
}

/** What is wrong with a PromQL expression, and with the labels that are shown of it. */
function complaints(expr: string, shown: readonly string[]): string[] {
  const wrong: string[] = [];
  const known = new Set<string>();
  for (const [, name = '', , selector = ''] of expr.matchAll(/\b(spreadscope_\w+)(\{([^}]*)\})?/g)) {
    const labels = metrics.get(name);
    if (labels === undefined) wrong.push(`there is no metric ${name}`);
    for (const label of labels?.keys() ?? []) known.add(label);
    for (const [, label = '', , value = ''] of selector.matchAll(/(\w+)(=|!=)"([^"]*)"/g)) {
      const values = labels?.get(label);
      if (values === undefined) wrong.push(`${name} has no label ${label}`);
      else if (!values.has(value)) wrong.push(`${name} has no ${label} ${value}`);
    }
  }
  const [, by] = /\bby \(([^)]*)\)/.exec(expr) ?? [];
  const grouped = by?.split(/,\s*/);
  for (const label of grouped ?? [])
    if (!known.has(label)) wrong.push(`by ${label}, which no metric of it has`);
  const isSum = /^(sum|max|min|avg)\(/.test(expr);
  const left = grouped ?? (isSum ? [] : [...known]);
  for (const label of shown) if (!left.includes(label)) wrong.push(`shows ${label}, which it has not`);
  const open = [...expr].filter((letter) => letter === '(').length;
  if (open !== [...expr].filter((letter) => letter === ')').length) wrong.push('its brackets do not match');
  return wrong.map((text) => `${text}: ${expr}`);
}

const shownIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, label = '']) => label);

test('every metric and label that an alert names exists', () => {
  assert.ok(rules.length >= 12);
  const wrong = rules.flatMap(({ expr, annotations }) =>
    complaints(expr, shownIn(JSON.stringify(annotations), /\$labels\.(\w+)/g)),
  );
  assert.deepEqual(wrong, []);
});

test('alerts have names of their own, a severity and words for people', () => {
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, labels, annotations } of rules) {
    assert.match(alert, /^Spreadscope[A-Z]\w+$/);
    assert.match(labels.severity, /^(critical|warning|info)$/);
    assert.ok(annotations.summary.length > 10 && annotations.description.length > 20, alert);
  }
});

test('every metric and label that the dashboard names exists, and one data source serves all of it', () => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  assert.deepEqual(
    dashboard.templating.list.map(({ name, type }) => [name, type]),
    [['datasource', 'datasource']],
  );
  assert.deepEqual(
    dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title),
    ['Venues', 'Feed', 'Market', 'Lake', 'Clients', 'Memory'],
  );
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  const wrong = panels.flatMap(({ title, datasource, targets = [] }) => [
    ...(datasource?.uid === '${'.concat('datasource}') && targets.length > 0
      ? []
      : [`${title} shows nothing`]),
    ...targets.flatMap(({ expr, legendFormat }) => complaints(expr, shownIn(legendFormat, /\{\{(\w+)\}\}/g))),
  ]);
  assert.deepEqual(wrong, []);
});

test('a metric, a label or a value that does not exist is found', () => {
  const first = (expr: string, shown: readonly string[] = []): string | undefined =>
    complaints(expr, shown)[0];
  assert.match(first('rate(spreadscope_nothing_total[1m])') ?? '', /there is no metric/);
  assert.match(first('spreadscope_epoch{thread="main"}') ?? '', /no label thread/);
  assert.match(first('spreadscope_lag_seconds{quantile="0.9"}') ?? '', /no quantile 0\.9/);
  assert.match(first('sum by (ring) (spreadscope_epoch)') ?? '', /by ring/);
  assert.match(first('sum(spreadscope_epoch)', ['venue']) ?? '', /shows venue/);
  assert.match(first('sum(spreadscope_epoch') ?? '', /brackets/);
  assert.equal(first('sum by (venue) (spreadscope_epoch)', ['venue']), undefined);
});
