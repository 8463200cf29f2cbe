import { parseControl, requestIdOf } from '../shared/control-json.ts';
import type { Outcome } from '../shared/general-decode.ts';
import { isRecord, type JsonRecord } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';

/**
 * Replies to our requests: `{"result":null,"id":1}`, and errors in the nested form seen live, `{"error":{"code":2,"msg":"…"},"id":2}`, or the flat one of the documents,
 * `{"code":2,"msg":"…","id":2}`.
 */
export function readReply(bytes: Uint8Array, start: number, end: number, sink: DecodeSink): Outcome {
  const reply = parseControl(bytes, start, end);
  if (reply === undefined) return 'oversized';
  const requestId = requestIdOf(reply.id);
  const error = isRecord(reply.error) ? reply.error : reply.code === undefined ? undefined : reply;
  if (error !== undefined) sink.control(refusalOf(error, requestId));
  // Other results answer questions such as LIST_SUBSCRIPTIONS, which we do not ask.
  else if (reply.result !== null) return 'passed';
  else sink.control({ type: 'ack', requestId, topicKey: undefined });
  return 'delivered';
}

function refusalOf(error: JsonRecord, requestId: string | undefined): ControlEvent {
  const reason = `${String(error.msg ?? 'refused')} (code ${String(error.code)})`;
  if (requestId === undefined) return { type: 'error', reason };
  return { type: 'refusal', requestId, topicKeys: [], voidsRequest: false, reason };
}
