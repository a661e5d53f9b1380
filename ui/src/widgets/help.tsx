import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search'], ['g e', 'Executions'], ['g m', 'Machines'], ['?', 'This help'],
  ['↑ ↓', 'Row before, row after'], ['← →', 'Close, open a row of the waterfall'], ['Enter', 'Open, or show in the panel'],
  ['f', 'Next that failed'], ['Esc', 'Clear the filters of a Map Run'],
];

export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-label="Keyboard" onClose={onClose} onClick={event => { if (event.target === dialog.current) dialog.current?.close(); }}>
      <h2>Keyboard</h2>
      <dl class="kv">{KEYS.map(([key, what]) => <><dt><kbd>{key}</kbd></dt><dd>{what}</dd></>)}</dl>
      <form method="dialog"><button class="btn">Close</button></form>
    </dialog>
  );
}
