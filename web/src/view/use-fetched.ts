import { useEffect, useState } from 'preact/hooks';
import { getJson } from '../api.ts';
import { tokenNeeded } from '../token.ts';

export interface Fetched<T> {
  readonly data: T | null;
  readonly error: string;
}

/** Reads a path of the API now, when the parameters change, and every so often while the tab is seen. What was read stays until there is something newer. */
export function useFetched<T>(
  path: string,
  params: Readonly<Record<string, string | number | null>>,
  everyMs: number,
): Fetched<T> {
  const [fetched, setFetched] = useState<Fetched<T> & { readonly of: string }>({
    data: null,
    error: '',
    of: '',
  });
  const of = `${path} ${JSON.stringify(params)}`;
  const waiting = tokenNeeded.value;
  useEffect(() => {
    if (waiting) return;
    const abort = new AbortController();
    const read = () => {
      if (document.hidden) return;
      getJson<T>(path, params, abort.signal).then(
        (data) => setFetched({ data, error: '', of }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          setFetched((before) => ({
            data: before.of === of ? before.data : null,
            error: error instanceof Error ? error.message : String(error),
            of,
          }));
        },
      );
    };
    read();
    const timer = window.setInterval(read, everyMs);
    document.addEventListener('visibilitychange', read);
    return () => {
      abort.abort();
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', read);
    };
  }, [of, everyMs, waiting]);
  return fetched;
}
