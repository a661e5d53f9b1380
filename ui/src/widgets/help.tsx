import type { JSX } from 'preact';
import { Dialog } from './dialog';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search'], ['g e', 'Executions'], ['g m', 'Machines'], ['g s', 'Search'], ['?', 'This help'],
  ['↑ ↓', 'Row before, row after'], ['← →', 'Close, open a row of the waterfall'], ['Enter', 'Open, or show in the panel'],
  ['f', 'Next that failed'], ['Esc', 'Clear the filters of a Map Run'],
];

export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="kv">{KEYS.map(([key, what]) => <><dt><kbd>{key}</kbd></dt><dd>{what}</dd></>)}</dl>
      <form method="dialog"><button class="btn">Close</button></form>
    </Dialog>
  );
}
