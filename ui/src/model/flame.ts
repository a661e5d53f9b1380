// Where the frames of a flame graph stand: each as wide as its time, below what it is part of.

import type { FlameNode } from '../api/types';

export interface Frame { node: FlameNode; at: number; depth: number; left: number; width: number }

/** From the frame `root` down; `left` and `width` are shares of the whole. What runs at once shares the width of what it is part of. */
export function framesOf(nodes: readonly FlameNode[], root: number): Frame[] {
  const below = new Map<number, number[]>();
  nodes.forEach((node, i) => below.set(node.parent, [...(below.get(node.parent) ?? []), i]));
  const frames: Frame[] = [];
  const put = (at: number, depth: number, left: number, width: number): void => {
    const node = nodes[at];
    if (!node) return;
    frames.push({ node, at, depth, left, width });
    const children = [...(below.get(at) ?? [])].sort((a, b) => (nodes[b]?.sum ?? 0) - (nodes[a]?.sum ?? 0));
    const whole = Math.max(node.sum, children.reduce((sum, child) => sum + (nodes[child]?.sum ?? 0), 0), 1);
    let from = left;
    for (const child of children) {
      const wide = ((nodes[child]?.sum ?? 0) / whole) * width;
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
