// Where the frames of a flame graph stand: each as wide as its time, below what it is part of.

import type { FlameNode, SpanRow, TreeRow } from '../api/types';

export interface Frame { node: FlameNode; at: number; depth: number; left: number; width: number }

/** What a frame is as wide as. */
export type Weight = 'time' | 'count' | 'failed';
export const WEIGHTS: readonly (readonly [Weight, string])[] = [['time', 'Time'], ['count', 'Count'], ['failed', 'Failed']];
export const weighed = (nodes: readonly FlameNode[], by: Weight): number[] => nodes.map(node => (by === 'time' ? node.sum : by === 'count' ? node.n : node.failed));

/**
 * From the frame `root` down; `left` and `width` are shares of the whole. What runs at once shares the width of what it is part of.
 * `of`: what each frame weighs, its time unless said.
 */
export function framesOf(nodes: readonly FlameNode[], root: number, of: readonly number[] = weighed(nodes, 'time')): Frame[] {
  const weight = (at: number): number => of[at] ?? 0;
  const below = new Map<number, number[]>();
  nodes.forEach((node, i) => below.set(node.parent, [...(below.get(node.parent) ?? []), i]));
  const frames: Frame[] = [];
  const put = (at: number, depth: number, left: number, width: number): void => {
    const node = nodes[at];
    if (!node) return;
    frames.push({ node, at, depth, left, width });
    const children = [...(below.get(at) ?? [])].sort((a, b) => weight(b) - weight(a));
    const whole = Math.max(weight(at), children.reduce((sum, child) => sum + weight(child), 0), 1e-9);
    let from = left;
    for (const child of children) {
      const wide = (weight(child) / whole) * width;
      put(child, depth + 1, from, wide);
      from += wide;
    }
  };
  put(root, 0, 0, 1);
  return frames;
}

/** The frames above one, from the outermost on. */
export function pathTo(nodes: readonly FlameNode[], at: number): number[] {
  const path: number[] = [];
  for (let node = at; node >= 0; node = nodes[node]?.parent ?? -1) path.unshift(node);
  return path;
}

const BINS_AN_OCTAVE = 4;
/** At least so many octaves are shown, so that equal calls do not fill the whole width. */
const OCTAVES_MIN = 4;

/** How many calls took how long: bins of equal ratio from `lo` to `hi` µs. */
export function binsOf({ bins: [first = 0, ...counts] }: Pick<FlameNode, 'bins'>): { lo: number; hi: number; counts: number[] } {
  const missing = Math.max(0, OCTAVES_MIN * BINS_AN_OCTAVE - counts.length - 2);
  const before = Math.min(first, 1 + Math.floor(missing / 2));
  const padded = [...Array<number>(before).fill(0), ...counts, ...Array<number>(1 + Math.ceil(missing / 2)).fill(0)];
  return { lo: 2 ** ((first - before) / BINS_AN_OCTAVE), hi: 2 ** ((first - before + padded.length) / BINS_AN_OCTAVE), counts: padded };
}

/** Spans of one execution over its own time, each below what it is part of: depth-first rows with their levels. */
export interface TimedFrame { row: SpanRow; left: number; width: number }
export function timedFrames(rows: readonly TreeRow[]): { frames: TimedFrame[]; from: number; to: number; depth: number } {
  const spans = rows.filter((row): row is SpanRow => row.row === 'span');
  const from = Math.min(...spans.map(row => row.s), Infinity);
  const to = Math.max(...spans.map(row => row.s + row.d), from + 1);
  if (spans.length === 0) return { frames: [], from: 0, to: 1, depth: 0 };
  const frames = spans.map(row => ({ row, left: (row.s - from) / (to - from), width: row.d / (to - from) }));
  return { frames, from, to, depth: Math.max(...spans.map(row => row.level)) + 1 };
}
