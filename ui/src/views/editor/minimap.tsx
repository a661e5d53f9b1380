import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Plane } from '../../model/editor/geometry';

const [W, H] = [148, 108];
/** Of one that is far taller than wide: it is drawn wider than it is. */
const [THIN, TALL] = [36, 240];

/** The whole in small, with what is seen of it; only where not all is seen. */
export function Minimap({ stage, plane: now, zoom, selection, margin }: { stage: { current: HTMLDivElement | null }; plane: Plane; zoom: number; selection: readonly string[]; margin: number }): JSX.Element | null {
  const [seen, set] = useState({ x: 0, y: 0, w: 1, h: 1, all: true });
  // It may follow a frame later.
  const [plane, setPlane] = useState(now);
  useEffect(() => setPlane(now), [now]);
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
  // Two elements, however many states there are.
  const boxes = useMemo(() => {
    const outline = (container: boolean): string => plane.boxes.filter(box => !box.node.mark && box.container === container).map(({ x, y, w, h }) => `M${Math.round(x)} ${Math.round(y)}h${Math.round(w)}v${Math.round(h)}h${-Math.round(w)}z`).join('');
    return <><path class="scope" d={outline(true)} /><path d={outline(false)} /></>;
  }, [plane]);
  if (seen.all) return null;
  const [w, h] = [plane.w + 2 * margin, plane.h + 2 * margin];
  const tall = (H / h) * w < THIN;
  const scale = Math.min(W / w, (tall ? TALL : H) / h);
  const across = tall ? Math.max(scale, THIN / w) : scale;
  const chosen = new Set(selection);
  const go = (event: PointerEvent): void => {
    const svg = event.currentTarget as SVGSVGElement;
    const move = (at: PointerEvent): void => {
      const box = svg.getBoundingClientRect();
      const element = stage.current;
      if (!element) return;
      element.scrollLeft = ((at.clientX - box.left) / across) * zoom - element.clientWidth / 2;
      element.scrollTop = ((at.clientY - box.top) / scale) * zoom - element.clientHeight / 2;
    };
    const up = (): void => { window.removeEventListener('pointermove', move); window.removeEventListener('pointerup', up); };
    event.preventDefault();
    move(event);
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
  };
  return (
    <svg class="minimap" width={w * across} height={h * scale} preserveAspectRatio="none" viewBox={`${-margin} ${-margin} ${w} ${h}`} aria-hidden="true" onPointerDown={go}>
      {boxes}
      {plane.boxes.filter(box => chosen.has(box.key)).map(box => <rect key={`+${box.key}`} class={`sel ${box.container ? 'scope' : ''}`} x={box.x} y={box.y} width={box.w} height={box.h} />)}
      <rect class="seen" x={Math.max(0, seen.x) - margin} y={seen.y - margin} width={Math.min(seen.w, w)} height={Math.min(seen.h, h)} vector-effect="non-scaling-stroke" stroke-width="1.5" />
    </svg>
  );
}
