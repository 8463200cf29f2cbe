import { parseControl, requestIdOf } from '../shared/control-json.ts';
import type { Outcome } from '../shared/general-decode.ts';
import { type JsonRecord, textOf } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';

/**
 * `{"code":0,"id":"b1c0…","msg":"SUCCESS","timestamp":…}`, `{"id":"…","code":80015,"msg":"dataType not support","dataType":"","data":null}` and
 * `{"ping":"2177…","time":"2022-06-07T16:27:36.323+0800"}`.
 */
export function readReply(bytes: Uint8Array, start: number, end: number, sink: DecodeSink): Outcome {
  const reply = parseControl(bytes, start, end);
  if (reply === undefined) return 'oversized';
  const event = eventOf(reply);
  if (event === undefined) return isRequest(reply) ? 'passed' : 'foreign';
  sink.control(event);
  return 'delivered';
}

/** What a client asks or answers: `{"id":"1","reqType":"sub","dataType":"BTC-USDT@trade"}`, `{"pong":…,"time":…}`. */
function isRequest(reply: JsonRecord): boolean {
  return reply.pong !== undefined || (reply.data === undefined && textOf(reply.dataType) !== undefined);
}

function eventOf(reply: JsonRecord): ControlEvent | undefined {
  if (reply.ping !== undefined)
    return { type: 'ping', reply: JSON.stringify({ pong: reply.ping, time: reply.time }) };
  if (reply.code === undefined) return undefined;
  const requestId = requestIdOf(reply.id === '' ? undefined : reply.id);
  const topicKey = textOf(reply.dataType);
  if (Number(reply.code) === 0) return { type: 'ack', requestId, topicKey };
  const reason = `${String(reply.msg ?? 'refused')} (code ${String(reply.code)})`;
  if (requestId === undefined && topicKey === undefined) return { type: 'error', reason };
  const topicKeys = topicKey === undefined ? [] : [topicKey];
  return { type: 'refusal', requestId, topicKeys, voidsRequest: false, reason };
}
