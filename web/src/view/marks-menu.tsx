import { filters, showView, viewText } from '../filters.ts';
import { setView } from '../location.ts';
import { BUILT_IN, dropPreset, hidden, keepPreset, presets, stars, unhideAll } from '../marks.ts';

/** The watchlist, what is hidden, and views by name. */
export function MarksMenu() {
  const { only } = filters.value;
  const watched = stars.value.join(',');
  const watching = only !== '' && only === watched;
  return (
    <>
      <button
        type="button"
        id="watchlist"
        aria-pressed={watching}
        disabled={stars.value.length === 0 && !watching}
        title={stars.value.length === 0 ? 'Star a route first' : 'Only starred routes'}
        onClick={() => setView({ only: watching ? null : watched })}
      >
        ★ {stars.value.length}
      </button>
      <details class="menu" id="presets">
        <summary>Views</summary>
        <div class="sheet">
          <ul>
            {BUILT_IN.map(({ name, query }) => (
              <li key={name}>
                <button type="button" onClick={() => showView(query)}>
                  {name}
                </button>
              </li>
            ))}
            {presets.value.map(({ name, query }) => (
              <li key={name}>
                <button type="button" onClick={() => showView(query)}>
                  {name}
                </button>
                <button
                  type="button"
                  class="drop"
                  aria-label={`Forget ${name}`}
                  onClick={() => dropPreset(name)}
                >
                  ✕
                </button>
              </li>
            ))}
          </ul>
          <KeepForm />
          {hidden.value.length > 0 && (
            <button type="button" id="unhide" onClick={unhideAll}>
              Show {hidden.value.length} hidden again
            </button>
          )}
        </div>
      </details>
    </>
  );
}

function KeepForm() {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const name = String(new FormData(form).get('name') ?? '').trim();
        if (name === '') return;
        keepPreset(name, viewText());
        form.reset();
      }}
    >
      <input
        name="name"
        maxLength={40}
        required
        aria-label="Name of this view"
        placeholder="Keep this view as …"
      />
      <button type="submit">Keep</button>
    </form>
  );
}
