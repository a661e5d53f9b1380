import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Something to decide: over the page until it is closed. A click beside it closes it, as Escape does. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  // At once: a key that follows is meant for it.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-label={title} onClose={onClose} onClick={event => { if (event.target === dialog.current) dialog.current?.close(); }}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
