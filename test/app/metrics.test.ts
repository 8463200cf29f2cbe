import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../../src/app/metrics.ts';
import { MetricsText } from '../../src/app/metrics-text.ts';
import { fullReading } from './metrics-reading.ts';
import { parseMetrics } from './prometheus.ts';

test('the text is of the format, in base units, and every family has a value when everything is known', () => {
  const { families, samples } = parseMetrics(metricsText(fullReading()));
  const valued = new Set([...samples.keys()].map((key) => key.replace(/\{.*$/s, '')));
  assert.deepEqual(
    [...families.keys()].filter((name) => !valued.has(name)),
    [],
  );
  assert.deepEqual(
    [...families.keys()].filter(
      (name) => !/^spreadscope_[a-z_]+$/.test(name) || /_(ms|mb|millis)/.test(name),
    ),
    [],
  );
  const value = (key: string): number | undefined => samples.get(`spreadscope_${key}`);
  assert.equal(value('lag_seconds{venue="okx",quantile="0.99"}'), 0.02);
  assert.equal(value('last_message_age_seconds{venue="okx"}'), 0.012);
  assert.equal(value('last_sync_age_seconds'), 0.25);
  assert.equal(value('start_time_seconds'), 1_699_999_000.5);
  assert.equal(value('dropped_rows_total{venue="gate",reason="ring_full"}'), 2);
  assert.equal(value('lost_rows_total{venue="mexc",stream="trades"}'), 6);
  assert.equal(value('recorded_opportunities_total'), 12);
  assert.equal(value('lost_opportunities_total'), 3);
  assert.equal(value('lake_trouble{reason="LAKE_NEARLY_FULL"}'), 1);
  assert.equal(value(`build_info{version="1.2.3",node="${process.versions.node}"}`), 1);
});

test('what is not known has no sample, and what is not recorded has no zero', () => {
  const reading = fullReading();
  const venues = reading.venues.map((row) => ({
    ...row,
    lagMs: { p50: null, p99: null },
    lastMessageAgeMs: null,
  }));
  const { families, samples } = parseMetrics(
    metricsText({ ...reading, venues, lake: undefined, kernelBytes: undefined }),
  );
  const unknown =
    /^spreadscope_(lag_seconds|last_message_age_seconds|recording|gaps_total|disk_|recorded_rows|kernel_socket)/;
  assert.deepEqual(
    [...samples.keys()].filter((key) => unknown.test(key)),
    [],
  );
  assert.equal([...families.keys()].filter((name) => unknown.test(name)).length, 8);
});

test('texts from outside cannot break a line', () => {
  const text = new MetricsText();
  text.gauge('odd', 'a help\nwith \\ and a break', [
    [{ reason: 'say "no"\nand \\' }, Number.POSITIVE_INFINITY],
    [{ reason: 'none' }, Number.NaN],
  ]);
  assert.equal(
    text.toString(),
    '# HELP spreadscope_odd a help\\nwith \\\\ and a break\n# TYPE spreadscope_odd gauge\nspreadscope_odd{reason="say \\"no\\"\\nand \\\\"} +Inf\n',
  );
  parseMetrics(text.toString());
});
