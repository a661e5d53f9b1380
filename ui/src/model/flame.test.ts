import { expect, it } from 'vitest';
import type { FlameNode } from '../api/types';
import { framesOf, pathTo } from './flame';

const node = (parent: number, name: string, sum: number): FlameNode => ({ parent, kind: 'state', name, sum, n: 1, failed: 0, p50: 0, p95: 0, max: 0 });
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
