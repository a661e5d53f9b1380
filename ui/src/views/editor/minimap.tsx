import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Plane } from '../../model/editor/geometry';

const [W, H] = [148, 108];

/** The whole in small, with what is seen of it; only where not all is seen. */
export function Minimap({ stage, plane, zoom, selection, margin }: { stage: { current: HTMLDivElement | null }; plane: Plane; zoom: number; selection: readonly string[]; margin: number }): JSX.Element | null {
  const [seen, set] = useState({ x: 0, y: 0, w: 1, h: 1, all: true });
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const look = (): void => {
      const svg = element.querySelector('svg');
      const [mine, whole] = [element.getBoundingClientRect(), svg?.getBoundingClientRect() ?? new DOMRect()];
      const { clientWidth: w, clientHeight: h } = element;
      set({ x: (mine.left - whole.left) / zoom, y: (mine.top - whole.top) / zoom, w: w / zoom, h: h / zoom, all: element.scrollWidth <= w + 1 && element.scrollHeight <= h + 1 });
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    return () => { element.removeEventListener('scroll', look); watcher.disconnect(); };
  }, [plane, zoom]);
  const boxes = useMemo(() => plane.boxes.filter(box => !box.node.mark).map(box => <rect key={box.key} class={box.container ? 'scope' : ''} x={box.x} y={box.y} width={box.w} height={box.h} />), [plane]);
  if (seen.all) return null;
  const [w, h] = [plane.w + 2 * margin, plane.h + 2 * margin];
  const scale = Math.min(W / w, H / h);
  const chosen = new Set(selection);
  const go = (event: PointerEvent): void => {
    const svg = event.currentTarget as SVGSVGElement;
    const move = (at: PointerEvent): void => {
      const box = svg.getBoundingClientRect();
      const element = stage.current;
      if (!element) return;
      element.scrollLeft = ((at.clientX - box.left) / scale) * zoom - element.clientWidth / 2;
      element.scrollTop = ((at.clientY - box.top) / scale) * zoom - element.clientHeight / 2;
    };
    const up = (): void => { window.removeEventListener('pointermove', move); window.removeEventListener('pointerup', up); };
    event.preventDefault();
    move(event);
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
  };
  return (
    <svg class="minimap" width={w * scale} height={h * scale} viewBox={`${-margin} ${-margin} ${w} ${h}`} aria-hidden="true" onPointerDown={go}>
      {boxes}
      {plane.boxes.filter(box => chosen.has(box.key)).map(box => <rect key={`+${box.key}`} class={`sel ${box.container ? 'scope' : ''}`} x={box.x} y={box.y} width={box.w} height={box.h} />)}
      <rect class="seen" x={Math.max(0, seen.x) - margin} y={seen.y - margin} width={Math.min(seen.w, w)} height={Math.min(seen.h, h)} stroke-width={1.5 / scale} />
    </svg>
  );
}
