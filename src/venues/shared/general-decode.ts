import type { BadFrame, DecodeSink } from '../venue.ts';
import { checkJson, JsonVerdict } from './json-check.ts';

/** What became of a message: the sink has been called (`delivered`), or is still to be told that it is none of ours or bad. */
export type Outcome = 'delivered' | 'passed' | BadFrame;

/** A venue's general way through whole JSON texts, whatever the order of their keys. */
export interface JsonMessageReader {
  read(bytes: Uint8Array, start: number, end: number): Outcome;
}

/** Gives a message to the general reader if it is one whole JSON text of at most `maxBytes`, and tells the sink what became of it. */
export function decodeGenerally(
  reader: JsonMessageReader,
  bytes: Uint8Array,
  start: number,
  end: number,
  maxBytes: number,
  sink: DecodeSink,
): void {
  const outcome = end - start > maxBytes ? 'oversized' : readChecked(reader, bytes, start, end);
  if (outcome === 'passed') sink.passed();
  else if (outcome !== 'delivered') sink.bad(outcome);
}

function readChecked(reader: JsonMessageReader, bytes: Uint8Array, start: number, end: number): Outcome {
  const verdict = checkJson(bytes, start, end);
  if (verdict === JsonVerdict.whole) return reader.read(bytes, start, end);
  return verdict === JsonVerdict.truncated ? 'truncated' : 'malformed';
}
