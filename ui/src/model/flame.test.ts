import { expect, it } from 'vitest';
import type { FlameNode } from '../api/types';
import { binsOf, framesOf, pathTo } from './flame';

const node = (parent: number, name: string, sum: number): FlameNode => ({ parent, kind: 'state', name, sum, n: 1, failed: 0, p50: 0, p95: 0, p99: 0, max: 0, bins: [], longest: [] });
const nodes = [node(-1, 'execution', 100), node(0, 'A', 20), node(0, 'B', 60), node(2, 'left', 50), node(2, 'right', 70)];

it('gives each frame the width of its time, the longest first', () => {
  expect(framesOf(nodes, 0).map(frame => [frame.node.name, frame.depth, frame.left, frame.width])).toEqual([
    ['execution', 0, 0, 1], ['B', 1, 0, 0.6], ['right', 2, 0, expect.closeTo(0.35)], ['left', 2, expect.closeTo(0.35), expect.closeTo(0.25)], ['A', 1, 0.6, 0.2],
  ]);
});

it('narrows to a frame and knows the way back', () => {
  expect(framesOf(nodes, 2).map(frame => frame.node.name)).toEqual(['B', 'right', 'left']);
  expect(pathTo(nodes, 4)).toEqual([0, 2, 4]);
});

it('shows durations on an axis of equal ratios, and few of them in the middle of one', () => {
  // 40 bins above 1 µs: 1,024 µs.
  expect(binsOf({ bins: [40, 7] })).toEqual({ lo: 2 ** (33 / 4), hi: 2 ** (49 / 4), counts: [...Array<number>(7).fill(0), 7, ...Array<number>(8).fill(0)] });
  const wide = binsOf({ bins: [40, ...Array<number>(30).fill(1)] });
  expect(wide.counts.length).toBe(32);
  expect(wide.lo).toBeLessThan(2 ** 10);
});
