import { createHmac } from 'node:crypto';
import type { Alert } from '../core/alert.ts';
import { DeliveryError } from './delivery.ts';
import { ForbiddenAddress, type PostReply, safePost } from './safe-post.ts';
import { VERSION } from './version.ts';

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string | null;
  readonly allow: readonly string[];
  readonly timeoutMs?: number;
}

export interface TelegramOptions {
  readonly api: string;
  readonly token: string;
  readonly chat: string;
  readonly allow: readonly string[];
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5000;

/** Posts an alert as JSON. The same alert may come twice: its `id` with `time` tells. @param clock µs since the epoch */
export function webhookSink(options: WebhookOptions, clock: () => number): (alert: Alert) => Promise<void> {
  return async (alert) => {
    const body = JSON.stringify({ source: 'spreadscope', version: VERSION, alert });
    const time = String(Math.floor(clock() / 1e6));
    const { secret } = options;
    const signature =
      secret === null
        ? {}
        : { 'x-spreadscope-signature': createHmac('sha256', secret).update(`${time}.${body}`).digest('hex') };
    const headers = {
      ...{ 'content-type': 'application/json', 'user-agent': `spreadscope/${VERSION}` },
      ...{ 'x-spreadscope-id': `${alert.time}-${alert.id}`, 'x-spreadscope-timestamp': time },
      ...signature,
    };
    await post('the webhook', options.url, body, headers, options);
  };
}

/** Writes an alert as a message of a bot. */
export function telegramSink(options: TelegramOptions): (alert: Alert) => Promise<void> {
  return async ({ message }) => {
    const { api, token, chat } = options;
    const url = `${api.replace(/\/+$/, '')}/bot${token}/sendMessage`;
    const body = JSON.stringify({ chat_id: chat, text: message, disable_web_page_preview: true });
    await post('Telegram', url, body, { 'content-type': 'application/json' }, options);
  };
}

/** Messages never have the URL in them: its path may be a secret. */
async function post(
  who: string,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { allow, timeoutMs = TIMEOUT_MS }: { readonly allow: readonly string[]; readonly timeoutMs?: number },
): Promise<void> {
  let reply: PostReply;
  try {
    reply = await safePost({ url, body, headers, timeoutMs, allow });
  } catch (error) {
    if (error instanceof ForbiddenAddress)
      throw new DeliveryError(`${who} must not be reached: ${error.message}; see alerts.webhook.allow`, true);
    throw new DeliveryError(`${who} cannot be reached: ${reasonOf(error)}`, false);
  }
  const { status, text } = reply;
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400)
    throw new DeliveryError(
      `${who} answers ${status}: redirects are not followed, give its final address`,
      true,
    );
  const retry = status >= 500 || status === 429 || status === 408;
  throw new DeliveryError(`${who} answers ${status}: ${text.slice(0, 200)}`, !retry);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return error.message === '' ? code : error.message;
}
