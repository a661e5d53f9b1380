// The heat map of a Map Run: cells of the server on a scale of ours.

import type { Heatmap } from '../api/types';

export interface Cell { x: number; y: number; count: number; failed: number; example: number }

/** Cells name each other by distance: cell = y * w + x. */
export function cellsOf(map: Heatmap): Cell[] {
  let cell = 0;
  return map.d.map((distance, i) => {
    cell += distance;
    return { x: cell % map.w, y: Math.floor(cell / map.w), count: map.c[i] ?? 0, failed: map.e[i] ?? 0, example: map.x[i] ?? 0 };
  });
}

/** A logarithmic axis of durations: 0 at `lo`, 1 at `hi` µs. */
export interface Axis { lo: number; hi: number }
export const placeOn = (axis: Axis, us: number): number =>
  axis.hi <= axis.lo ? 0 : Math.log(Math.max(us, 1) / axis.lo) / Math.log(axis.hi / axis.lo);
export const valueAt = (axis: Axis, place: number): number => axis.lo * (axis.hi / axis.lo) ** place;

/** The durations that row `y` of `h` stands for. */
export const bandOf = (map: Pick<Heatmap, 'lo' | 'hi' | 'h'>, y: number): [number, number] =>
  [valueAt(map, y / map.h), valueAt(map, (y + 1) / map.h)];

/** The axis that a map is drawn on: children that all took about the same have some room around them. */
const LEAST_RANGE = 4;
export function axisOf({ lo, hi }: Axis): Axis {
  const grow = Math.sqrt(LEAST_RANGE / (Math.max(hi, 1) / Math.max(lo, 1)));
  return grow > 1 ? { lo: Math.max(lo, 1) / grow, hi: Math.max(hi, 1) * grow } : { lo, hi };
}

/** The cells of a map on another axis of as many rows: what falls into one row there is one cell. */
export function cellsOn(map: Heatmap, axis: Axis): Cell[] {
  if (axis.lo === map.lo && axis.hi === map.hi) return cellsOf(map);
  const merged = new Map<number, Cell>();
  for (const cell of cellsOf(map)) {
    const [from, to] = bandOf(map, cell.y);
    const y = Math.max(0, Math.min(map.h - 1, Math.floor(placeOn(axis, Math.sqrt(from * to)) * map.h)));
    const other = merged.get(y * map.w + cell.x);
    if (!other) merged.set(y * map.w + cell.x, { ...cell, y });
    else merged.set(y * map.w + cell.x, { ...other, count: other.count + cell.count, failed: other.failed + cell.failed, example: other.failed || !cell.failed ? other.example : cell.example });
  }
  return [...merged.values()];
}

/** 0 to 1 on the sequence of colours: log(1 + count), so that one child shows beside thousands. */
export const intensity = (count: number, most: number): number => Math.log(1 + count) / Math.log(1 + Math.max(most, 1));

/** How much of the failure colour a cell takes: more than 2, 8, 25, 75 % failed; a single failed child less than whole. */
export function tint(count: number, failed: number): number {
  if (failed === 0 || count === 0) return 0;
  if (count === 1) return 0.85;
  const share = failed / count;
  if (share <= 0.02) return 0;
  return share > 0.75 ? 1 : share > 0.25 ? 0.85 : share > 0.08 ? 0.7 : 0.45;
}
/** Cells that fail leave a gap, so that they read as a mesh without colour. */
export const hasGap = (count: number, failed: number): boolean => failed / count > 0.08;

/** The cell at a place (0..1 from the left, 0..1 from below), if a child is there. */
export function cellAt(cells: readonly Cell[], map: Heatmap, x: number, y: number): Cell | undefined {
  const cx = Math.floor(x * map.w);
  const cy = Math.floor(y * map.h);
  return cells.find(cell => cell.x === cx && cell.y === cy);
}
