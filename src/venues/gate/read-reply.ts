import { parseControl, requestIdOf } from '../shared/control-json.ts';
import type { Outcome } from '../shared/general-decode.ts';
import { isRecord, type JsonRecord, member } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';
import { topicKey } from './subscribe.ts';

/**
 * Replies to our requests: `{"time":…,"id":1,"channel":"spot.book_ticker","event":"subscribe","payload":[…],"result":{"status":"success"}}`; a refusal has an `error`
 * that is not null, or the status `fail`. In 2021 there was neither payload nor id.
 */
export function readReply(bytes: Uint8Array, start: number, end: number, sink: DecodeSink): Outcome {
  const reply = parseControl(bytes, start, end);
  if (reply === undefined) return 'oversized';
  const event = controlEventOf(reply);
  if (event === undefined) return 'passed';
  sink.control(event);
  return 'delivered';
}

function controlEventOf(reply: JsonRecord): ControlEvent | undefined {
  const requestId = requestIdOf(reply.id);
  const status = member(reply.result, 'status');
  if (isRecord(reply.error) || status === 'fail') return refusalOf(reply, requestId);
  if (reply.channel === 'spot.pong') return { type: 'pong' };
  if (reply.event !== 'subscribe' || status !== 'success') return undefined;
  return { type: 'ack', requestId, topicKey: undefined };
}

/** A refused request is refused as a whole: its other pairs are asked for again, which does no harm where they were accepted. */
function refusalOf(reply: JsonRecord, requestId: string | undefined): ControlEvent {
  const code = member(reply.error, 'code');
  const reason = `${String(member(reply.error, 'message') ?? 'refused')} (code ${String(code)})`;
  const pair = /unknown currency pair:?\s*([^\s,]+)/i.exec(reason)?.[1];
  const topicKeys = pair === undefined ? [] : [topicKey(String(reply.channel), pair)];
  if (requestId === undefined && reply.event !== 'subscribe') return { type: 'error', reason };
  return { type: 'refusal', requestId, topicKeys, voidsRequest: topicKeys.length > 0, reason };
}
