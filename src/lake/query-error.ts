import { SpreadscopeError } from '../core/errors.ts';

const TOO_MUCH = /^(Out of Memory Error|.*\bbad_alloc\b|.*bad allocation|.*Array buffer allocation failed)/;
const OUT_OF_REACH = /^Permission Error|configuration has been locked/;

/** What an engine's error means for whoever asked; its first line, and the hint that may be on the second. */
export function queryError(error: unknown): SpreadscopeError {
  if (error instanceof SpreadscopeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [first = '', second = ''] = text.split('\n');
  if (TOO_MUCH.test(text))
    return new SpreadscopeError(
      'QUERY_LIMIT',
      `the query needs more memory, or room to sort, than it may have: ask for less (${first})`,
    );
  if (OUT_OF_REACH.test(text))
    return new SpreadscopeError(
      'QUERY_REFUSED',
      `a query reads the views quotes, trades, opportunities and gaps, and nothing else (${first})`,
    );
  const hint = second.startsWith('Did you mean') ? ` ${second}` : '';
  return new SpreadscopeError('QUERY_FAILED', `${first}${hint}`);
}
