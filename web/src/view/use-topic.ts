import { useEffect, useState } from 'preact/hooks';
import type { Stream } from '../stream.ts';
import type { TopicMessage } from '../topics.ts';

/** Faster cannot be read. */
const GAP_MS = 250;

export interface Heard<T> {
  readonly data: T | null;
  readonly error: string;
}

/** Listens to a topic as long as the component is there; null = to none. `read` answers null for messages of other shapes and has to be one function for good. */
export function useTopic<T>(
  stream: Stream,
  topic: string | null,
  read: (message: TopicMessage) => T | null,
): Heard<T> {
  const [heard, setHeard] = useState<Heard<T> & { readonly of: string | null }>({
    data: null,
    error: '',
    of: null,
  });
  useEffect(() => {
    if (topic === null) return;
    let latest: T | null = null;
    let timer = 0;
    let shownAt = 0;
    const show = () => {
      timer = 0;
      shownAt = Date.now();
      setHeard({ data: latest, error: '', of: topic });
    };
    const stop = stream.listen(
      topic,
      {
        data(message) {
          const data = read(message);
          if (data === null) return;
          latest = data;
          if (timer === 0) timer = window.setTimeout(show, Math.max(0, shownAt + GAP_MS - Date.now()));
        },
        error: (code, message) => setHeard({ data: null, error: `${message} (${code})`, of: topic }),
      },
      true,
    );
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [stream, topic, read]);
  return heard.of === topic ? heard : { data: null, error: '' };
}
