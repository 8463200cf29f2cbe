import { isRecord, type JsonRecord } from './reply.ts';
import { utf8Text } from './symbol-table.ts';

/** The longest acknowledgement, error or notice that is read; they are rare and short. */
const MAX_CONTROL_BYTES = 65_536;

/** A rare message as an object; undefined when it is too long or no object. For acknowledgements, errors and notices only: it makes garbage. */
export function parseControl(bytes: Uint8Array, start: number, end: number): JsonRecord | undefined {
  if (end - start > MAX_CONTROL_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(utf8Text(bytes, start, end));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A request id as the contract has it: text, whatever JSON type the venue echoes it in; undefined when there is none. */
export function requestIdOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
