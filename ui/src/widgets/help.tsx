import type { JSX } from 'preact';
import { Dialog } from './dialog';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search'], ['g e', 'Executions'], ['g m', 'Machines'], ['g c', 'Compare'], ['g s', 'Search'], ['?', 'This help'],
  ['↑ ↓', 'Row before, row after'], ['← →', 'Close, open a row of the waterfall; move the lanes'], ['Enter', 'Open, or show in the panel'],
  ['f', 'Next that failed'], ['t', 'Next slowest'], ['[ ]', 'Row chosen before, after'], ['w s', 'Zoom in and out of time'], ['a d', 'Move along the time'], ['0', 'All of the time'], ['Double click', 'Zoom to a row of the waterfall'],
  ['Ctrl wheel', 'Zoom at the pointer; with Shift move, with Alt lanes too'], ['Esc', 'Close the panel, show all, clear the filters'],
];

export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="kv">{KEYS.map(([key, what]) => <><dt><kbd>{key}</kbd></dt><dd>{what}</dd></>)}</dl>
      <form method="dialog"><button class="btn">Close</button></form>
    </Dialog>
  );
}
