/**
 * The closed list of errors. `exit` is the exit code of a command that ends with it (2 = used wrongly, 1 = failed), `http` the
 * status of a reply that carries it. docs/ERRORS.md lists the same codes; a test keeps the two equal.
 */
export const ERRORS = {
  USAGE: { exit: 2, http: 400, meaning: 'a command was given words or flags it does not take' },
  CONFIG_INVALID: { exit: 2, http: 500, meaning: 'the configuration has a wrong or unknown entry' },
  UNKNOWN_VENUE: { exit: 2, http: 404, meaning: 'no venue has that id' },
  FILE_UNREADABLE: { exit: 1, http: 500, meaning: 'a file that was named cannot be read' },
  FILE_UNWRITABLE: { exit: 1, http: 500, meaning: 'a file that was named cannot be written' },
  PORT_IN_USE: { exit: 1, http: 500, meaning: 'another program listens on that address and port' },
  LISTEN_FAILED: { exit: 1, http: 500, meaning: 'the address cannot be listened on' },
  VENUE_UNREACHABLE: { exit: 1, http: 502, meaning: 'a venue did not answer' },
  VENUE_REPLY_INVALID: { exit: 1, http: 502, meaning: 'a venue answered with something that cannot be read' },
  INSTRUMENTS_FULL: {
    exit: 1,
    http: 500,
    meaning: 'there are more instruments than the tables were made for',
  },
  MEMORY_BUDGET: { exit: 2, http: 500, meaning: 'the declared bounds do not fit the memory budget' },
  DOCTOR_FAILED: { exit: 1, http: 500, meaning: 'a check of the surroundings failed' },
  BAD_REQUEST: { exit: 2, http: 400, meaning: 'a request has a parameter that is not allowed' },
  NOT_FOUND: { exit: 1, http: 404, meaning: 'there is nothing at that path' },
  UNKNOWN_SYMBOL: { exit: 2, http: 404, meaning: 'no venue lists that symbol' },
  UNKNOWN_ROUTE: { exit: 2, http: 404, meaning: 'that symbol is not listed on both venues of the route' },
  UNKNOWN_TOPIC: { exit: 2, http: 400, meaning: 'the stream has no such topic' },
  TOO_MANY_SUBSCRIPTIONS: {
    exit: 1,
    http: 429,
    meaning: 'one client asked for more topics than it may have',
  },
  TOO_MANY_CLIENTS: { exit: 1, http: 503, meaning: 'the server has as many clients as it may have' },
  TOO_MANY_CONNECTIONS: {
    exit: 1,
    http: 429,
    meaning: 'one address has as many connections, or opens streams as fast, as it may',
  },
  UNAUTHORIZED: { exit: 1, http: 401, meaning: 'the token is missing or wrong' },
  FORBIDDEN: { exit: 1, http: 403, meaning: 'the Host or Origin of the request is not allowed' },
  LAKE_LOCKED: { exit: 1, http: 500, meaning: 'another process records into that lake or works on it' },
  LAKE_DAMAGED: { exit: 1, http: 500, meaning: 'a check of the lake found something wrong' },
  NO_LAKE: { exit: 1, http: 404, meaning: 'there is no lake: nothing is recorded' },
  QUERY_REFUSED: { exit: 2, http: 400, meaning: 'a query asks for more than reading the lake' },
  QUERY_FAILED: { exit: 2, http: 400, meaning: 'a query cannot be understood or answered' },
  QUERY_LIMIT: {
    exit: 1,
    http: 500,
    meaning: 'a query took more time, memory or output than one may have',
  },
  INTERRUPTED: { exit: 1, http: 500, meaning: 'a command was stopped before it was done' },
  HISTORY_BUSY: { exit: 1, http: 503, meaning: 'as many histories are being read as may be at once' },
  PAST_BUSY: { exit: 1, http: 503, meaning: 'as many recorded moments are being shown as may be at once' },
  SERVER_UNREACHABLE: { exit: 1, http: 502, meaning: 'no running spreadscope answers at that address' },
  ALERT_UNDELIVERED: { exit: 1, http: 500, meaning: 'a sink did not take a test alert' },
  INTERNAL: { exit: 1, http: 500, meaning: 'a fault in spreadscope itself; please report it' },
} as const satisfies Record<string, ErrorFacts>;

interface ErrorFacts {
  readonly exit: 1 | 2;
  readonly http: number;
  readonly meaning: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** An expected failure with a stable code; its message says what to do and is safe to show. */
export class SpreadscopeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SpreadscopeError';
    this.code = code;
  }
}
