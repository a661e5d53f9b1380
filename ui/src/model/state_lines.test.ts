import { expect, test } from 'vitest';
import { numbersOf, pairLines, stateLines } from './state_lines';
import type { GraphAnswer, StateNumbers } from '../api/types';

const row = (state: string, child: boolean, n: number, mapLabel?: string): StateNumbers => ({ machine: 'm', state, child, n, failed: 0, p50: n, p95: n, p99: n, max: n, ...(mapLabel ? { mapLabel } : {}) });

test('a state of parents and one of children of the same name are one line, never one number', () => {
  const lines = stateLines([row('Work', true, 1_000, 'Each'), row('Begin', false, 1), row('Work', false, 2)]);
  expect(lines.map(line => [line.state, line.parent?.n, line.child?.n])).toEqual([['Begin', 1, undefined], ['Work', 2, 1_000]]);
});

test('children of two maps stay apart', () => {
  const lines = stateLines([row('Work', true, 1, 'A'), row('Work', true, 2, 'B')]);
  expect(lines.map(line => [line.label, line.child?.n])).toEqual([['A', 1], ['B', 2]]);
});

test('what was before is that of the same side', () => {
  const [line] = pairLines([row('Work', false, 2)], [row('Work', true, 7, 'A'), row('Work', false, 3)]);
  expect(line?.was.parent?.n).toBe(3);
  expect(line?.was.child).toBeUndefined();
});

test('the graph of an execution tells both sides', () => {
  const node = { name: 'Work', type: 'Task', entered: 3, running: 0, ok: 3, failed: 1, caught: 0, retries: 0, p50: 1, p95: 2, p99: 3, max: 4, sum: 5, s: 0, e: 9 };
  const graph: GraphAnswer = { final: true, nodes: [node], edges: [], mapRuns: [{ arn: 'a', state: 'Each', finished: 3, read: 3, nodes: [node], edges: [] }] };
  expect(numbersOf(graph).map(one => [one.state, one.child, one.n, one.failed, one.p99])).toEqual([['Work', false, 3, 1, 3], ['Work', true, 3, 1, 3]]);
});
