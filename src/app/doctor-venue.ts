import http from 'node:http';
import https from 'node:https';
import { restUrl } from '../feed/rest.ts';
import type { Endpoints, Venue } from '../venues/venue.ts';
import type { Check } from './doctor-check.ts';

const ANSWER_LIMIT_MS = 10_000;
/** A clock that is further off makes lags and ages wrong. */
const MAX_SKEW_MS = 2000;

interface Answer {
  readonly status: number;
  readonly date: string | undefined;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** Asks the venue for its instrument list, reads the head of the answer and compares its clock with ours. */
export async function checkVenue(
  venue: Pick<Venue, 'id' | 'title' | 'catalogue'>,
  endpoints: Endpoints,
): Promise<Check> {
  const { instruments } = venue.catalogue;
  const url = new URL(restUrl(endpoints, instruments, Date.now()));
  try {
    return judge(venue.title, await headOf(url, instruments.method));
  } catch (error) {
    return {
      name: venue.title,
      ok: false,
      detail: `cannot be reached at ${endpoints.rest}: ${reason(error)}`,
    };
  }
}

function judge(name: string, answer: Answer): Check {
  const tookMs = answer.receivedAt - answer.sentAt;
  if (answer.status >= 400) {
    const hint = [403, 451].includes(answer.status) ? '; it may refuse your country or network' : '';
    return { name, ok: false, detail: `answers with HTTP ${answer.status}${hint}` };
  }
  const skewMs = clockSkewMs(answer);
  if (skewMs === undefined) return { name, ok: true, detail: `answers in ${tookMs} ms; says no time` };
  if (skewMs === 0) return { name, ok: true, detail: `answers in ${tookMs} ms; the clocks agree` };
  const ok = Math.abs(skewMs) <= MAX_SKEW_MS;
  const skew = `our clock is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead' : 'behind'}`;
  const advice = ok ? '' : '; synchronise it (timedatectl set-ntp true)';
  return { name, ok, detail: `answers in ${tookMs} ms; ${skew}${advice}` };
}

/** Our clock minus the server's, from the `Date` header, which is cut to whole seconds; 0 = within what it can tell. */
function clockSkewMs(answer: Answer): number | undefined {
  const date = answer.date === undefined ? Number.NaN : Date.parse(answer.date);
  if (Number.isNaN(date)) return undefined;
  // The server wrote it at some moment in [date, date + 1 s), while our clock showed a moment in [sentAt, receivedAt].
  if (answer.receivedAt < date) return answer.receivedAt - date;
  if (answer.sentAt > date + 1000) return answer.sentAt - (date + 1000);
  return 0;
}

function headOf(url: URL, method: string): Promise<Answer> {
  const client = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sentAt = Date.now();
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const request = client.request(url, {
      method,
      agent: false,
      signal,
      headers: { 'user-agent': 'spreadscope' },
    });
    request.once('response', (response) => {
      const { date } = response.headers;
      resolve({ status: response.statusCode ?? 0, date, sentAt, receivedAt: Date.now() });
      response.destroy();
    });
    request.on('error', reject);
    request.end();
  });
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name cannot be looked up (no network?)';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return `no answer in ${ANSWER_LIMIT_MS / 1000} s`;
  return code ?? error.message;
}
