import { describe, expect, it } from 'vitest';
import type { Scope, Way } from './definition';
import { layOut, type Box, type Line } from './layout';

const way = (from: string, to: string, kind: Way['kind'] = 'next'): Way => ({ from, to, kind, label: kind === 'next' ? '' : 'a > 1' });
const scope = (names: readonly string[], ways: readonly Way[], of: Record<string, Scope[]> = {}): Scope =>
  ({ start: names[0] ?? '', states: names.map(name => ({ name, type: 'Pass', detail: '', distributed: false, scopes: of[name] ?? [] })), ways: [...ways] });

const overlap = (boxes: readonly Box[]): string[] => boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => a.x + a.w > b.x + 0.01 && b.x + b.w > a.x + 0.01 && a.y + a.h > b.y + 0.01 && b.y + b.h > a.y + 0.01).map(b => `${a.node.name} ${b.node.name}`));
/** Lines that do not go from the edge of the one box to the edge of the other. */
function astray(boxes: readonly Box[], lines: readonly Line[]): string[] {
  const of = new Map(boxes.map(box => [box.node.name, box]));
  const onEdge = (box: Box, { x, y }: { x: number; y: number }): boolean => x >= box.x - 1 && x <= box.x + box.w + 1 && y >= box.y - 1 && y <= box.y + box.h + 1
    && Math.min(Math.abs(x - box.x), Math.abs(x - box.x - box.w), Math.abs(y - box.y), Math.abs(y - box.y - box.h)) < 1.5;
  return lines.filter(({ way: { from, to }, points }) => from !== to && !(points.length > 1 && onEdge(of.get(from)!, points[0]!) && onEdge(of.get(to)!, points.at(-1)!))).map(({ way: { from, to } }) => `${from} ${to}`);
}
const sound = (one: Scope): void => {
  const { boxes, lines, w, h } = layOut(one);
  expect(boxes.length).toBe(one.states.length);
  expect(overlap(boxes)).toEqual([]);
  expect(astray(boxes, lines)).toEqual([]);
  for (const { points, label } of lines) for (const { x, y } of [...points, ...(label ? [label] : [])]) expect(x >= -0.01 && y >= -0.01 && x <= w + 0.01 && y <= h + 0.01).toBe(true);
};
const named = (n: number): string[] => Array.from({ length: n }, (_, i) => `S${i}`);
const chain = (names: readonly string[]): Way[] => names.slice(1).map((name, i) => way(names[i]!, name));

describe('a scope laid out in pieces', () => {
  it('has every box in a place of its own and every line from box to box', { timeout: 60_000 }, () => {
    const names = named(60);
    sound(scope(names, chain(names)));
    sound(scope(names, []));
    sound(scope(['A'], [way('A', 'A', 'default')]));
    // Every state catches to one at the end, and a loop goes back to the first.
    sound(scope(names, [...chain(names), ...names.slice(0, 58).map(name => way(name, 'S59', 'catch')), way('S57', 'S0', 'choice')]));
    // What stands beside a state that all pass reaches further down than it.
    sound(scope(['A', 'B', 'C', 'D', 'E'], [way('A', 'B', 'choice'), way('A', 'C', 'default'), way('B', 'D'), way('D', 'E')], { C: [scope(named(4), chain(named(4)))] }));
  });

  it('whatever leads where', { timeout: 60_000 }, () => {
    let seed = 7;
    const random = (n: number): number => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor((seed / 2147483648) * n); };
    for (let i = 0; i < 30; i += 1) {
      const names = named(2 + random(24));
      const kinds = ['next', 'choice', 'default', 'catch'] as const;
      sound(scope(names, [...chain(names).filter(() => random(10) > 0), ...Array.from({ length: random(14) }, () => way(names[random(names.length)]!, names[random(names.length)]!, kinds[random(4)]!))]));
    }
  });

  it('holds a thousand states that catch, in lanes of one line for each state that they lead to', { timeout: 60_000 }, () => {
    const names = named(1000);
    const { boxes, lines } = layOut(scope(names, [...chain(names), ...names.slice(0, 900).map(name => way(name, 'S999', 'catch'))]));
    expect(overlap(boxes.filter((_, i) => i % 25 === 0))).toEqual([]);
    const far = lines.filter(line => line.way.kind === 'catch');
    expect(new Set(far.map(line => Math.round(Math.max(...line.points.map(point => point.x))))).size).toBe(1);
  });
});
