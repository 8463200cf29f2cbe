import { parseControl, requestIdOf } from '../shared/control-json.ts';
import type { Outcome } from '../shared/general-decode.ts';
import { member } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';

/** Refused because it is there already. */
const ALREADY = /already subscribed/i;

/**
 * Replies to our requests: `{"success":true,"ret_msg":"subscribe","conn_id":"…","req_id":"1","op":"subscribe"}`. A pong keeps `"op":"ping"`. What `ret_msg` says of a
 * success differs between markets, so only `op` and `success` count. Before v5 the op was inside `request`.
 */
export function readReply(bytes: Uint8Array, start: number, end: number, sink: DecodeSink): Outcome {
  const reply = parseControl(bytes, start, end);
  if (reply === undefined) return 'oversized';
  const op = reply.op ?? member(reply.request, 'op');
  // What we ask has args and no answer in it.
  if (op === 'ping' || op === 'pong' || 'pong' in reply) return said(sink, { type: 'pong' });
  if (op === 'unsubscribe' || (reply.success === undefined && 'args' in reply)) return 'passed';
  const requestId = requestIdOf(reply.req_id);
  if (reply.success === true) return said(sink, { type: 'ack', requestId, topicKey: undefined });
  if (reply.success !== false) return 'foreign';
  const reason = String(reply.ret_msg ?? 'refused');
  if (requestId === undefined && op !== 'subscribe') return said(sink, { type: 'error', reason });
  const topicKeys = topicsIn(reason);
  const [first] = topicKeys;
  if (ALREADY.test(reason) && first !== undefined)
    return said(sink, { type: 'ack', requestId, topicKey: first });
  return said(sink, {
    type: 'refusal',
    requestId,
    topicKeys,
    voidsRequest: topicKeys.length > 0,
    reason,
  });
}

function said(sink: DecodeSink, event: ControlEvent): Outcome {
  sink.control(event);
  return 'delivered';
}

/**
 * The topics a refusal names: `Invalid symbol :[orderbook.1.NOPEUSDT]`, `error:handler not found,topic:…`. The rest of such a request is void too. Other texts
 * (`args size >10`) name none and refuse the whole.
 */
function topicsIn(reason: string): string[] {
  const list = /\[([^\]]*)\]/.exec(reason)?.[1] ?? /topic:\s*(\S+)/.exec(reason)?.[1] ?? '';
  return list.split(/[\s,]+/).filter((topic) => topic !== '');
}
