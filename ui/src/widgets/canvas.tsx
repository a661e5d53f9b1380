// Drawing: tokens resolved once a paint, sharp on any screen, painted anew on a change of size or theme.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { usePreferences } from './preferences';

export type Rgb = [number, number, number];

export class Pen {
  private readonly colors = new Map<string, string>();
  constructor(readonly c: CanvasRenderingContext2D, readonly w: number, readonly h: number) {}

  /** A token's colour in this theme: "k-fn". */
  token(name: string): string {
    const known = this.colors.get(name);
    if (known) return known;
    const color = resolve(name);
    this.colors.set(name, color);
    return color;
  }
  rgb(name: string): Rgb {
    const [r = 0, g = 0, b = 0] = (this.token(name).match(/[\d.]+/g) ?? []).map(Number);
    return [r, g, b];
  }
  fill(name: string, x: number, y: number, w: number, h: number): void {
    this.c.fillStyle = this.token(name);
    this.c.fillRect(x, y, w, h);
  }
  /** One crisp px. */
  vertical(name: string, x: number, from = 0, to = this.h): void {
    this.fill(name, Math.round(x), from, 1, to - from);
  }
  horizontal(name: string, y: number, from = 0, to = this.w): void {
    this.fill(name, from, Math.round(y), to - from, 1);
  }
  /** Text on a plate, so that it reads over data. */
  label(text: string, x: number, y: number): void {
    const { c } = this;
    const width = c.measureText(text).width;
    c.globalAlpha = 0.86;
    c.fillStyle = this.token('surface');
    c.beginPath();
    c.roundRect(x - 3, y - 7, width + 6, 14, 2);
    c.fill();
    c.globalAlpha = 1;
    c.fillStyle = this.token('text-2');
    c.fillText(text, x, y);
  }
}

let probe: HTMLElement | undefined;
function resolve(name: string): string {
  if (!probe) {
    probe = document.createElement('i');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** A canvas that `draw` paints; anew whenever `deps` change. */
export function Canvas({ draw, deps, height, label, describedBy }: {
  draw: (pen: Pen) => void; deps: readonly unknown[]; height: number; label: string; describedBy?: string;
}): JSX.Element {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  const preferences = usePreferences();
  const paint = (): void => {
    const element = ref.current;
    const c = element?.getContext('2d');
    if (!element || !c) return;
    const w = element.clientWidth;
    const h = element.clientHeight;
    const scale = window.devicePixelRatio || 1;
    if (!w || !h) return;
    const [wide, high] = [Math.round(w * scale), Math.round(h * scale)];
    // Its size is set when it changes only: each time the browser makes it anew.
    if (element.width !== wide) element.width = wide;
    if (element.height !== high) element.height = high;
    c.reset();
    c.scale(scale, scale);
    c.font = `11px ${getComputedStyle(document.documentElement).getPropertyValue('--sans')}`;
    c.textBaseline = 'middle';
    latest.current(new Pen(c, w, h));
  };
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const watcher = new ResizeObserver(paint);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  useEffect(paint, [...deps, preferences.theme, height]);
  return <canvas ref={ref} role="img" aria-label={label} aria-describedby={describedBy} style={{ height: `${height}px` }} />;
}
