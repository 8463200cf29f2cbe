import type { AlertSink } from '../core/alert.ts';
import { testAlert } from './alert-words.ts';
import { sendersOf } from './alerts.ts';
import type { Config } from './config-schema.ts';

export type { Alert, AlertSink, SinkReport } from '../core/alert.ts';
export type { AlertsReply } from '../wire/api.ts';

/** What became of a test alert at one sink; `error` is for people, empty = it was delivered. */
export interface TestResult {
  readonly sink: AlertSink;
  readonly error: string;
  readonly ms: number;
}

/** Sends one alert to every sink that the configuration sets up, once and without retries. Never rejects. */
export async function testAlerts(config: Pick<Config, 'alerts'>): Promise<TestResult[]> {
  const clock = (): number => Date.now() * 1000;
  const results = [...sendersOf(config, clock)].map(async ([sink, send]) => {
    const from = performance.now();
    const ms = (): number => performance.now() - from;
    try {
      await send(testAlert(clock()));
      return { sink, error: '', ms: ms() };
    } catch (error) {
      return { sink, error: error instanceof Error ? error.message : String(error), ms: ms() };
    }
  });
  return await Promise.all(results);
}
