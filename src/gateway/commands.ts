import { MAX_JSON_DEPTH } from './limits.ts';

const QUOTE = 34;
const BACKSLASH = 92;

export interface TopicCommand {
  readonly op: 'subscribe' | 'unsubscribe';
  readonly topic: string;
  /** Not checked yet. */
  readonly params: unknown;
}

export type Command = TopicCommand | { readonly op: 'connect'; readonly token: string };

/** A client's message, or undefined if it is not of this protocol. */
export function readCommand(text: string): Command | undefined {
  if (!isShallow(text)) return undefined;
  const message = parse(text);
  if (typeof message !== 'object' || message === null) return undefined;
  const { op, topic, params, token } = message as Partial<
    Record<'op' | 'topic' | 'params' | 'token', unknown>
  >;
  if (op === 'connect') return typeof token === 'string' ? { op, token } : undefined;
  if ((op !== 'subscribe' && op !== 'unsubscribe') || typeof topic !== 'string') return undefined;
  return { op, topic, params };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looks at the nesting before the text is parsed: deep nesting costs the parser far more than its length tells. */
function isShallow(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === BACKSLASH) i++;
      else if (c === QUOTE) inString = false;
    } else if (c === QUOTE) inString = true;
    else if (c === 91 || c === 123) {
      if (++depth > MAX_JSON_DEPTH) return false;
    } else if (c === 93 || c === 125) depth--;
  }
  return true;
}
