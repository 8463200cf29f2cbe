import { useEffect, useRef } from 'preact/hooks';
import { helpShown } from '../state.ts';
import { PAGE_NAMES } from './nav.tsx';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'search'],
  ['↑ ↓', 'move along the routes'],
  ['Enter', 'open the route'],
  ['f', 'freeze and let go'],
  ['s', 'star the route in focus'],
  ['x', 'hide the route in focus'],
  ['e', 'the open route over the whole page, and back'],
  ['Esc', 'back'],
  ['1 … 7', Object.values(PAGE_NAMES).join(', ')],
  ['?', 'this'],
];
const CHART: readonly (readonly [keys: string, what: string])[] = [
  ['drag', 'zoom into a span of time'],
  ['wheel', 'zoom at the pointer'],
  ['double click', 'back to the range'],
];

/** What the keys do, over the page. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = helpShown.value;
  useEffect(() => {
    if (shown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [shown]);
  const close = () => {
    helpShown.value = false;
  };
  return (
    <dialog id="help" ref={dialog} aria-labelledby="help-title" onClose={close}>
      <header>
        <h2 id="help-title">Keys</h2>
        <button type="button" aria-label="Close" onClick={close}>
          ✕
        </button>
      </header>
      <List title="Everywhere" keys={KEYS} />
      <List title="On a chart" keys={CHART} />
    </dialog>
  );
}

function List({ title, keys }: { title: string; keys: typeof KEYS }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
