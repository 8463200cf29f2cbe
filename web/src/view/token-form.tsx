import { readStatus } from '../status-poll.ts';
import type { Stream } from '../stream.ts';
import { keepToken, tokenWrong } from '../token.ts';

/** Asks for the server's token. */
export function TokenForm({ stream }: { stream: Stream }) {
  return (
    <form
      class="banner"
      id="token"
      onSubmit={(event) => {
        event.preventDefault();
        const text = String(new FormData(event.currentTarget).get('token') ?? '').trim();
        if (text === '') return;
        keepToken(text);
        stream.retryNow();
        readStatus();
      }}
    >
      <label>
        <b>{tokenWrong.value ? 'That is not the token.' : 'This server asks for a token.'}</b>{' '}
        <input name="token" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit">Connect</button>
    </form>
  );
}
