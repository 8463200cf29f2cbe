import { useEffect, useRef } from 'preact/hooks';
import { helpShown } from '../state.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'search'],
  ['↑ ↓', 'move along the routes'],
  ['Enter', 'open the route'],
  ['Esc', 'back to the list'],
  ['F', 'freeze the list, and let it go'],
  ['?', 'this help'],
];

/** The keys, over the page, until Esc. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = helpShown.value;
  useEffect(() => {
    if (shown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [shown]);
  const hide = () => {
    helpShown.value = false;
  };
  return (
    <dialog ref={dialog} id="help" aria-label="Keys" onClose={hide}>
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="dim">
        Spreads are basis points after the taker fees of both sides. An address is a view: filters, page and
        route are in it.
      </p>
    </dialog>
  );
}
