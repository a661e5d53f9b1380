// Bitmaps and textures of the lanes. A few canvases serve again and again: what they hold no collection of the scripts' heap is in a
// hurry to free, and a page that is left open paints for hours.

import type { LanesCells, RunningLanes } from '../../api/types';
import { STEP_TOKENS } from '../../model/lanes';
import type { Pen } from '../../widgets/canvas';

const SHARES = [0.45, 0.7, 0.85, 1];
/** The newest first: the whole run and a part of it, and what they were before. */
const KEPT = 4;
const bitmaps: { answer: LanesCells; theme: string; canvas: HTMLCanvasElement }[] = [];

/** Characters of cells as colours, one px a cell. */
export function bitmap(pen: Pen, answer: LanesCells): HTMLCanvasElement {
  const theme = pen.token('surface');
  const known = bitmaps.find(one => one.answer === answer && one.theme === theme);
  if (known) return known.canvas;
  const { cells, w, h } = answer;
  const image = new ImageData(w, h);
  const surface = pen.rgb('surface');
  const steps = STEP_TOKENS.map(token => pen.rgb(token));
  const fail = pen.rgb('fail-fill');
  for (let i = 0; i < w * h; i++) {
    const code = cells.charCodeAt(i) - 48;
    if (code <= 0) continue;
    const base = code <= 5 ? steps[code - 1] : steps[2];
    const share = code >= 6 ? (SHARES[code - 6] ?? 1) : 0;
    for (let k = 0; k < 3; k++) image.data[i * 4 + k] = Math.round(((base ?? surface)[k] ?? 0) * (1 - share) + (fail[k] ?? 0) * share);
    image.data[i * 4 + 3] = 255;
  }
  const canvas = (bitmaps.length < KEPT ? undefined : bitmaps.pop()?.canvas) ?? document.createElement('canvas');
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  bitmaps.unshift({ answer, theme, canvas });
  return canvas;
}

const textures = new Map<string, CanvasPattern>();

export function hatch(pen: Pen, token: string, dots = false): CanvasPattern | string {
  const color = pen.token(token);
  const key = `${color} ${dots}`;
  const known = textures.get(key);
  if (known) return known;
  const tile = document.createElement('canvas');
  tile.width = tile.height = dots ? 3 : 6;
  const g = tile.getContext('2d');
  if (!g) return color;
  g.fillStyle = g.strokeStyle = color;
  g.lineWidth = 1.6;
  if (dots) g.fillRect(0, 0, 1.3, 1.3);
  else {
    g.beginPath();
    for (const at of [-6, 0, 6]) { g.moveTo(at, 6); g.lineTo(at + 6, 0); }
    g.stroke();
  }
  const made = pen.c.createPattern(tile, 'repeat');
  if (made) textures.set(key, made);
  return made ?? color;
}

/** Children that have not ended: from their start to `end`, where it goes on. */
export function drawRunning(pen: Pen, running: RunningLanes, x: (us: number) => number, end: number, y: (lane: number) => number, pitch: number): void {
  const high = Math.max(1, pitch - (pitch > 5 ? 2 : pitch > 3 ? 1 : 0));
  const stripes = pitch > 4 ? hatch(pen, 'surface') : undefined;
  running.idx.forEach((_, i) => {
    const left = Math.max(0, x(running.s[i] ?? 0));
    const top = y(running.lane[i] ?? 0);
    const width = Math.max(2, end - left);
    if (left > pen.w || top > pen.h) return;
    pen.fill('run-fill', left, top, width, high);
    if (!stripes) return;
    pen.c.fillStyle = stripes;
    pen.c.globalAlpha = 0.4;
    pen.c.fillRect(left, top, width, high);
    pen.c.globalAlpha = 1;
  });
}
