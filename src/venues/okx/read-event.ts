import { parseControl, requestIdOf } from '../shared/control-json.ts';
import type { Outcome } from '../shared/general-decode.ts';
import { type JsonRecord, member } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';
import { topicKey } from './subscribe.ts';

/** The notice that the connection will be closed for a service upgrade. */
const CLOSING_SOON = '64008';

/**
 * Messages with an `event`: `subscribe` (one for each arg), `error`, `notice` and others that we do not use. An error has no `arg`; which topic it means is only
 * in its text.
 */
export function readEvent(bytes: Uint8Array, start: number, end: number, sink: DecodeSink): Outcome {
  const message = parseControl(bytes, start, end);
  if (message === undefined) return 'oversized';
  const event = controlEventOf(message);
  if (event === undefined) return 'passed';
  sink.control(event);
  return 'delivered';
}

function controlEventOf(message: JsonRecord): ControlEvent | undefined {
  const requestId = requestIdOf(message.id);
  const reason = `${String(message.msg ?? 'refused')} (code ${String(message.code)})`;
  if (message.event === 'subscribe') {
    const key = topicKey(String(member(message.arg, 'channel')), String(member(message.arg, 'instId')));
    return { type: 'ack', requestId, topicKey: key };
  }
  if (message.event === 'notice') {
    return String(message.code) === CLOSING_SOON ? { type: 'goodbye', reason } : undefined;
  }
  if (message.event !== 'error') return undefined;
  const topicKeys = topicsIn(reason);
  if (requestId === undefined && topicKeys.length === 0) return { type: 'error', reason };
  return { type: 'refusal', requestId, topicKeys, voidsRequest: false, reason };
}

/** `Wrong URL or channel:bbo-tbt,instId:NOPE-USDT doesn't exist. …` */
function topicsIn(reason: string): string[] {
  const named = reason.matchAll(/channel:([\w-]+),\s*instId:([^\s,]+)/g);
  return [...named].map((match) => topicKey(String(match[1]), String(match[2])));
}
