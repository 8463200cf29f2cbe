import type { LakeSummary } from '../../../src/wire/api.ts';
import { count, duration, megabytes } from '../format.ts';
import { status } from '../state.ts';
import type { Stream } from '../stream.ts';

const WORDS = { connecting: 'connecting', open: 'live', lost: 'disconnected', refused: 'closed' } as const;

/** Whether rows reach the disk, how many have, and how many never will. */
function Recording({ lake }: { lake: LakeSummary }) {
  const rows = lake.recorded.quotes + lake.recorded.trades;
  const lost = lake.lost.quotes + lake.lost.trades + lake.lost.opportunities;
  return (
    <span id="recording" class={lake.recording && lost === 0 ? '' : 'bad'}>
      {lake.recording ? 'recorded' : 'not recording'} <b>{count(rows)}</b> rows
      {lost > 0 && (
        <>
          , <b>{count(lost)}</b> lost
        </>
      )}
    </span>
  );
}

/** At the foot: the connection, the program's rates and memory, and the keys. */
export function StatusBar({ stream }: { stream: Stream }) {
  const { phase } = stream.connection.value;
  const reply = status.value;
  return (
    <footer class="status">
      <span class={`link ${phase}`} id="connection">
        {phase === 'open' && status.value?.replay != null ? 'recording' : WORDS[phase]}
      </span>
      {reply !== null && (
        <>
          <span>
            <b>{count(reply.rates.frames)}</b> msg/s
          </span>
          <span>
            <b>{count(reply.rates.quotes)}</b> quotes/s
          </span>
          <span>
            <b>{count(reply.symbols)}</b> symbols, <b>{count(reply.routes)}</b> routes
          </span>
          <span>
            <b>{megabytes(reply.memory.rss)}</b>
            {reply.replay === null && ` of ${megabytes(reply.memory.budget)}`}
          </span>
          {reply.lake !== null && <Recording lake={reply.lake} />}
          {reply.window.coveredMs < reply.window.spanMs && (
            <span title="how far back the windows in memory go">
              <b>{Math.floor(reply.window.coveredMs / 60_000)}</b> of{' '}
              {Math.round(reply.window.spanMs / 60_000)} min
            </span>
          )}
          <span>
            up <b>{duration(reply.uptimeMs)}</b>
          </span>
        </>
      )}
      <span class="keys">
        <kbd>/</kbd> search <kbd>↑</kbd>
        <kbd>↓</kbd> move <kbd>Enter</kbd> open <kbd>F</kbd> freeze <kbd>Esc</kbd> back
      </span>
      <span class="version">spreadscope {reply?.version ?? ''}</span>
    </footer>
  );
}
