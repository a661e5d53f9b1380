// How wide a text is: names are written in any script, and fonts differ. And how high a box is.

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

let pen: CanvasRenderingContext2D | null | undefined;
let sans = '';

/** In px, in the page's own face: `textWidth('name', '600 12px')`. */
export function textWidth(text: string, font: string): number {
  if (pen === undefined) {
    pen = document.createElement('canvas').getContext('2d');
    sans = getComputedStyle(document.documentElement).getPropertyValue('--sans') || 'sans-serif';
  }
  if (!pen) return text.length * 6.8;
  pen.font = `${font} ${sans}`;
  return pen.measureText(text).width;
}

/** The text, or as much of it from its beginning as has room. */
export function fitText(text: string, room: number, font: string): string {
  if (textWidth(text, font) <= room) return text;
  const letters = [...text];
  let [low, high] = [1, letters.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${letters.slice(0, middle).join('')}…`, font) <= room) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join('')}…`;
}

/** The height that its place gives a box, px; 0 before it stands. */
export function useHeight(box: RefObject<HTMLElement | null>): number {
  const [height, set] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watcher = new ResizeObserver(() => set(Math.round(element.clientHeight)));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return height;
}
