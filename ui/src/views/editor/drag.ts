// What is being dragged: a thing of the palette, or states of the canvas.

import { useEffect, useState } from 'preact/hooks';
import type { Item } from '../../model/editor/catalogue';
import type { Target } from '../../model/editor/geometry';
import type { Path } from '../../model/editor/json_text';

export interface Held { title: string; item?: Item; paths: Path[] }
interface Dragged { held: Held; x: number; y: number; copy: boolean; target: Target | undefined }

const FAR = 4; // px that a press may move and still be a click

export class Drag {
  now: Dragged | undefined;
  /** Where it would go; set by the canvas, undefined outside of it. */
  find: (x: number, y: number, paths: readonly Path[]) => Target | undefined = () => undefined;
  drop: (held: Held, target: Target, copy: boolean) => void = () => {};
  /** Moved over the canvas's edge. */
  edge: (x: number, y: number) => void = () => {};
  private readonly watchers = new Set<() => void>();

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }
  private set(now: Dragged | undefined): void {
    this.now = now;
    this.watchers.forEach(watcher => watcher());
  }

  /** From a press on: `click` when it is let go where it was. */
  begin(event: PointerEvent, held: Held, click?: () => void): void {
    if (event.button !== 0) return;
    const from = { x: event.clientX, y: event.clientY };
    const move = (at: PointerEvent): void => {
      if (!this.now && Math.hypot(at.clientX - from.x, at.clientY - from.y) < FAR) return;
      at.preventDefault();
      this.edge(at.clientX, at.clientY);
      this.set({ held, x: at.clientX, y: at.clientY, copy: at.altKey || at.ctrlKey, target: this.find(at.clientX, at.clientY, held.item || at.altKey || at.ctrlKey ? [] : held.paths) });
    };
    const end = (): void => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', cancel);
      window.removeEventListener('keydown', key, true);
      this.set(undefined);
    };
    const up = (): void => {
      const last = this.now;
      end();
      if (!last) click?.();
      else if (last.target) this.drop(last.held, last.target, last.copy);
    };
    const cancel = (): void => end();
    const key = (pressed: KeyboardEvent): void => {
      if (pressed.key !== 'Escape' || !this.now) return;
      pressed.preventDefault();
      pressed.stopPropagation();
      end();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', cancel);
    window.addEventListener('keydown', key, true);
  }
}

export function useDrag(drag: Drag): Dragged | undefined {
  const [, set] = useState(0);
  useEffect(() => drag.watch(() => set(n => n + 1)), [drag]);
  return drag.now;
}
