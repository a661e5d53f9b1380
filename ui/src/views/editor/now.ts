// What is to be drawn is drawn after each event anyway. Where the focus goes on to what is not there yet it is drawn at once: a key that
// follows without a pause finds the field or the state that it is meant for.

import { options } from 'preact';

let due: (() => void) | undefined;
export function drawNow(): void {
  const draw = due;
  due = undefined;
  draw?.();
}
options.debounceRendering = draw => {
  due = draw;
  queueMicrotask(drawNow);
};

/** When nobody presses or moves anything, but soon. (Safari knows no idle time.) */
export const whenIdle = (what: () => void, timeout = 500): void => void (window.requestIdleCallback ? window.requestIdleCallback(what, { timeout }) : setTimeout(what));
