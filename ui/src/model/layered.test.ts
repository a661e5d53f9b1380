import { describe, expect, it } from 'vitest';
import type { Way } from './definition';
import { layered } from './layered';

const box = { w: 148, h: 46 };
const gap = { beside: 26, below: 30 };
const way = (from: string, to: string, label = ''): Way => ({ from, to, kind: label ? 'choice' : 'next', label }) as Way;
const boxesOf = (names: string): Map<string, typeof box> => new Map(names.split(' ').map(name => [name, box]));

function overlaps(at: ReadonlyMap<string, { x: number; y: number }>): string[] {
  const all = [...at];
  return all.flatMap(([a, p], i) => all.slice(i + 1).filter(([, q]) => Math.abs(p.x - q.x) < box.w && Math.abs(p.y - q.y) < box.h).map(([b]) => `${a} ${b}`));
}

describe('layered', () => {
  it('puts states one behind the other straight below each other', () => {
    const { at, ways } = layered(boxesOf('a b c'), [way('a', 'b'), way('b', 'c')], gap);
    expect([...at.values()].map(({ x }) => Math.round(x))).toEqual([0, 0, 0]);
    expect(at.get('b')?.y).toBe((at.get('a')?.y ?? 0) + box.h + gap.below);
    expect(ways[0]?.points.at(-1)?.y).toBe((at.get('b')?.y ?? 0) - box.h / 2);
  });

  it('lets what is chosen between stand beside each other, under the middle of the choice', () => {
    const { at } = layered(boxesOf('choice left right end'), [way('choice', 'left', 'x'), way('choice', 'right', 'y'), way('left', 'end'), way('right', 'end')], gap);
    const x = (name: string): number => at.get(name)?.x ?? NaN;
    expect(overlaps(at)).toEqual([]);
    expect(x('choice')).toBeCloseTo((x('left') + x('right')) / 2, 0);
    expect(x('end')).toBeCloseTo(x('choice'), 0);
  });

  it('leads a way past a state around it, and a way back up', () => {
    const ways = [way('a', 'b'), way('b', 'c'), way('a', 'c', 'skip'), way('c', 'b', 'again')];
    const made = layered(boxesOf('a b c'), ways, gap);
    expect(overlaps(made.at)).toEqual([]);
    const b = made.at.get('b') ?? { x: 0, y: 0 };
    for (const i of [2, 3]) for (const { x, y } of made.ways[i]?.points.slice(1, -1) ?? []) expect(Math.abs(y - b.y) < box.h / 2 && Math.abs(x - b.x) < box.w / 2).toBe(false);
    expect(made.ways[3]?.points[0]?.y).toBeGreaterThan(made.ways[3]?.points.at(-1)?.y ?? Infinity);
    expect(made.ways[3]?.label).toBeDefined();
  });

  it('untangles ways that cross in the order in which they were written', () => {
    const { at } = layered(boxesOf('s a b c d e'), [way('s', 'a'), way('s', 'b'), way('a', 'd'), way('b', 'c'), way('c', 'e'), way('d', 'e')], gap);
    const side = (one: string, other: string): boolean => (at.get(one)?.x ?? 0) < (at.get(other)?.x ?? 0);
    expect(side('a', 'b')).toBe(side('d', 'c'));
    expect(overlaps(at)).toEqual([]);
  });

  it('draws a way back to the state itself', () => {
    const { ways } = layered(boxesOf('a'), [way('a', 'a')], gap);
    expect(ways[0]?.points.length).toBeGreaterThan(2);
  });

  it('keeps a wide scope apart, the same each time', () => {
    const names = ['s', ...Array.from({ length: 40 }, (_, i) => `n${i}`), 'e'];
    const ways = names.slice(1, -1).flatMap(name => [way('s', name, 'x'), way(name, 'e')]);
    const first = layered(boxesOf(names.join(' ')), ways, gap);
    expect(overlaps(first.at)).toEqual([]);
    expect(layered(boxesOf(names.join(' ')), ways, gap)).toEqual(first);
  });
});
