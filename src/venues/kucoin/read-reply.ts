import { parseControl, requestIdOf } from '../shared/control-json.ts';
import type { Outcome } from '../shared/general-decode.ts';
import type { JsonRecord } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';

/** The token is not, or no longer, good. */
const TOKEN_INVALID = '401';
const PING_TIMEOUT = 'ping timeout';

/**
 * `{"id":"…","type":"welcome"}`, `{"id":"1","type":"ack"}`, `{"id":"…","type":"pong","timestamp":…}` and
 * `{"id":"1","type":"error","code":404,"data":"topic /x is not found"}`.
 */
export function readReply(bytes: Uint8Array, start: number, end: number, sink: DecodeSink): Outcome {
  const reply = parseControl(bytes, start, end);
  if (reply === undefined) return 'oversized';
  const event = eventOf(reply);
  if (event === undefined) return 'passed';
  sink.control(event);
  return 'delivered';
}

function eventOf(reply: JsonRecord): ControlEvent | undefined {
  switch (reply.type) {
    case 'welcome':
      return { type: 'welcome' };
    case 'pong':
      return { type: 'pong' };
    case 'ack':
      return { type: 'ack', requestId: requestIdOf(reply.id), topicKey: undefined };
    case 'error':
      return errorOf(reply);
    default:
      return undefined;
  }
}

function errorOf(reply: JsonRecord): ControlEvent {
  const reason = `${String(reply.data ?? 'refused')} (code ${String(reply.code)})`;
  const requestId = requestIdOf(reply.id);
  // After these the connection is closed, whatever was asked.
  if (String(reply.code) === TOKEN_INVALID || reply.data === PING_TIMEOUT) return { type: 'goodbye', reason };
  if (requestId === undefined) return { type: 'error', reason };
  return { type: 'refusal', requestId, topicKeys: [], voidsRequest: false, reason };
}
