import { useEffect, useState } from 'preact/hooks';
import type { Stream } from '../stream.ts';
import type { TopicMessage } from '../topics.ts';

export interface TopicState<T> {
  /** The newest message; null = none has come yet. */
  readonly data: T | null;
  /** Why the server refuses the topic; empty = it does not. */
  readonly error: string;
}

/** Listens to a topic as long as the component is there. @param pick whether a message is of the topic */
export function useTopic<T extends TopicMessage>(
  stream: Stream,
  topic: string | null,
  pick: (message: TopicMessage) => message is T,
): TopicState<T> {
  const [state, setState] = useState<TopicState<T>>({ data: null, error: '' });
  useEffect(() => {
    setState({ data: null, error: '' });
    if (topic === null) return undefined;
    return stream.listen(
      topic,
      {
        data: (message) => {
          if (pick(message)) setState({ data: message, error: '' });
        },
        error: (_code, message) => setState({ data: null, error: message }),
      },
      true,
    );
  }, [topic]);
  return state;
}
