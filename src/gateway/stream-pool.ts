import { SpreadscopeError } from '../core/errors.ts';
import { STREAM_BYTES, streamsBytes } from './hub-facts.ts';
import type { GatewayLimits } from './limits.ts';
import { Stream } from './stream.ts';
import type { TopicReader } from './topics.ts';

/** The text of a topic is kept twice, as its key and in its parameters; a string that goes beyond Latin-1 takes two bytes a character. */
const COPIES = 2;
const LATIN_1 = /^[\u0020-\u00ff]*$/;

/** The streams that somebody looks at: so many, and of so many bytes with what their parameters name. */
export class StreamPool {
  readonly #limits: Pick<GatewayLimits, 'streams' | 'streamTextBytes'>;
  readonly #byKey = new Map<string, Stream>();
  #bytes = 0;
  #peak = 0;
  #refused = 0;

  constructor(limits: Pick<GatewayLimits, 'streams' | 'streamTextBytes'>) {
    this.#limits = limits;
  }

  get all(): ReadonlyMap<string, Stream> {
    return this.#byKey;
  }

  get use(): { readonly used: number; readonly usedBytes: number; peak: number; readonly refused: number } {
    return { used: this.#byKey.size, usedBytes: this.#bytes, peak: this.#peak, refused: this.#refused };
  }

  /**
   * Enters the stream of this topic, and leaves another: not before it is sure that the first can be entered.
   * @param old undefined = none is left
   * @throws TOO_MANY_SUBSCRIPTIONS; nothing has changed then
   */
  change(old: Stream | undefined, reader: TopicReader): Stream {
    const stream = this.#byKey.get(reader.key) ?? this.#create(reader, old);
    stream.size++;
    if (old !== undefined) this.leave(old);
    this.#peak = Math.max(this.#peak, this.#byKey.size);
    return stream;
  }

  leave(stream: Stream): void {
    stream.size--;
    if (stream.size > 0) return;
    this.#byKey.delete(stream.key);
    this.#bytes -= bytesOf(stream);
  }

  #create(reader: TopicReader, old: Stream | undefined): Stream {
    const stream = new Stream(reader);
    // A stream that only this client looks at makes room by its leaving.
    const going = old !== undefined && old.size === 1 ? old : undefined;
    const streams = this.#byKey.size - Number(going !== undefined);
    const bytes = this.#bytes - (going === undefined ? 0 : bytesOf(going)) + bytesOf(stream);
    if (streams >= this.#limits.streams || bytes > streamsBytes(this.#limits)) {
      this.#refused++;
      throw new SpreadscopeError(
        'TOO_MANY_SUBSCRIPTIONS',
        streams >= this.#limits.streams
          ? `all clients together look at ${this.#limits.streams} different topics; try again when some have left`
          : 'all clients together name as many routes as there is room for; name fewer, or try again when some have left',
      );
    }
    this.#byKey.set(stream.key, stream);
    this.#bytes += bytesOf(stream);
    return stream;
  }
}

function bytesOf({ key }: Stream): number {
  return STREAM_BYTES + key.length * COPIES * (LATIN_1.test(key) ? 1 : 2);
}
