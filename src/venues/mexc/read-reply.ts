import { parseControl, requestIdOf } from '../shared/control-json.ts';
import type { JsonMessageReader, Outcome } from '../shared/general-decode.ts';
import { type JsonRecord, textOf } from '../shared/reply.ts';
import type { ControlEvent, DecodeSink } from '../venue.ts';

/** A refusal comes with code 0 like an acknowledgement; only its text tells. Others (`no subscription success`) are known by naming no channel. */
const REFUSED = 'Not Subscribed';
const CHANNEL_PREFIX = 'spot@';

/**
 * Reads the text messages: `{"id":1,"code":0,"msg":"spot@…@BTCUSDT,spot@…@ETHUSDT"}`, `{"id":0,"code":0,"msg":"PONG"}` and
 * `{"id":0,"code":0,"msg":"Not Subscribed successfully! [spot@…@NOPEUSDT].  Reason： Blocked! "}`. The id is 0 when none was sent.
 */
export class ReplyReader implements JsonMessageReader {
  readonly #sink: DecodeSink;

  constructor(sink: DecodeSink) {
    this.#sink = sink;
  }

  read(bytes: Uint8Array, start: number, end: number): Outcome {
    const reply = parseControl(bytes, start, end);
    if (reply === undefined) return 'foreign';
    const text = textOf(reply.msg);
    // Channels without .pb had JSON pushes, with the channel in `c`, those of contracts in `channel`; a client's requests have a method.
    if (text === undefined)
      return textOf(reply.c ?? reply.channel ?? reply.method) === undefined ? 'foreign' : 'passed';
    const events = eventsOf(reply, text);
    for (const event of events) this.#sink.control(event);
    return events.length > 0 ? 'delivered' : 'passed';
  }
}

function eventsOf(reply: JsonRecord, text: string): readonly ControlEvent[] {
  if (text.toUpperCase() === 'PONG') return [{ type: 'pong' }];
  const id = requestIdOf(reply.id);
  const requestId = id === '0' ? undefined : id;
  const channels = channelsOf(text);
  if (text.startsWith(REFUSED)) return [refusalOf(requestId, channels, text.trim())];
  if (reply.code !== 0) return [refusalOf(requestId, [], `${text} (code ${String(reply.code)})`)];
  if (channels.length === 0) return [refusalOf(requestId, [], text)];
  if (requestId !== undefined) return [{ type: 'ack', requestId, topicKey: undefined }];
  return channels.map((topicKey) => ({ type: 'ack', requestId: undefined, topicKey }));
}

function refusalOf(
  requestId: string | undefined,
  topicKeys: readonly string[],
  reason: string,
): ControlEvent {
  if (requestId === undefined && topicKeys.length === 0) return { type: 'error', reason };
  return { type: 'refusal', requestId, topicKeys, voidsRequest: false, reason };
}

/** The channels that a text names, in square brackets or as all there is. */
function channelsOf(text: string): string[] {
  const list = /\[([^\]]*)\]/.exec(text)?.[1] ?? text;
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name.startsWith(CHANNEL_PREFIX));
}
