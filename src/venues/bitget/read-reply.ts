import { parseControl } from '../shared/control-json.ts';
import type { Outcome } from '../shared/general-decode.ts';
import { isRecord, type JsonRecord, textOf } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';
import { topicKey } from './subscribe.ts';

/**
 * `{"event":"subscribe","arg":{"instType":"SPOT","channel":"books1","instId":"BTCUSDT"}}`, one for each topic, and
 * `{"event":"error","arg":{…},"code":30001,"msg":"… doesn't exist","op":"subscribe"}`, whose code is a number or a text.
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
  const key = keyOf(reply.arg);
  if (reply.event === 'subscribe') {
    return key === undefined ? undefined : { type: 'ack', requestId: undefined, topicKey: key };
  }
  if (reply.event !== 'error') return undefined;
  const reason = `${String(reply.msg ?? 'refused')} (code ${String(reply.code)})`;
  if (key === undefined) return { type: 'error', reason };
  return { type: 'refusal', requestId: undefined, topicKeys: [key], voidsRequest: false, reason };
}

/** The topic's key, of an `arg` as v2 (`channel`, `instId`) or v3 (`topic`, `symbol`) writes it. */
function keyOf(arg: unknown): string | undefined {
  if (!isRecord(arg)) return undefined;
  const channel = textOf(arg.channel) ?? textOf(arg.topic);
  const nativeId = textOf(arg.instId) ?? textOf(arg.symbol);
  return channel === undefined || nativeId === undefined ? undefined : topicKey(channel, nativeId);
}
