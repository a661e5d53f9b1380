// States one behind the other with nothing else about them are laid out as one box: a machine of a thousand states is mostly such, and laying
// out takes far more than in proportion.

import type { Way } from './definition';
import type { Arrangement } from './arrange';

export interface Sized { w: number; h: number }
export interface Point { x: number; y: number }
type Arrange<B extends Sized> = (boxes: ReadonlyMap<string, B>, ways: readonly Way[]) => Arrangement;

export function arrangeChains<B extends Sized>(boxes: ReadonlyMap<string, B>, ways: readonly Way[], gap: number, arrange: Arrange<B>): Arrangement {
  const chains = chainsOf([...boxes.keys()], ways);
  const headOf = new Map(chains.flatMap(chain => chain.map(name => [name, chain[0] as string] as const)));
  const box = (name: string): B => boxes.get(name) as B;
  const whole = new Map(chains.map(chain => {
    const sizes = chain.map(box);
    return [chain[0] as string, { ...box(chain[0] as string), w: Math.max(...sizes.map(one => one.w)), h: sizes.reduce((sum, one) => sum + one.h, 0) + gap * (chain.length - 1) }] as const;
  }));
  const outer = ways.filter(way => headOf.get(way.from) !== headOf.get(way.to) || way.from === way.to);
  const made = arrange(whole, outer.map(way => ({ ...way, from: headOf.get(way.from) as string, to: headOf.get(way.to) as string })));
  const at = new Map<string, Point>();
  for (const chain of chains) {
    const { x, y } = made.at.get(chain[0] as string) as Point;
    let top = y - (whole.get(chain[0] as string) as Sized).h / 2;
    for (const name of chain) {
      at.set(name, { x, y: top + box(name).h / 2 });
      top += box(name).h + gap;
    }
  }
  const places = new Map(outer.map((way, i) => [way, i]));
  const placed = (way: Way): Arrangement['ways'][number] => {
    const i = places.get(way) ?? -1;
    const [from, to] = [at.get(way.from) as Point, at.get(way.to) as Point];
    if (i < 0) {
      const [top, bottom] = [from.y + box(way.from).h / 2, to.y - box(way.to).h / 2];
      return { points: [{ x: from.x, y: top }, { x: from.x, y: (top + bottom) / 2 }, { x: to.x, y: bottom }], label: undefined };
    }
    const way0 = made.ways[i] as Arrangement['ways'][number];
    const points = [...way0.points];
    const long = (name: string): boolean => (whole.get(headOf.get(name) as string) as Sized).h !== box(name).h;
    // The line leaves the last box of a chain and meets the first, not the edge of the whole.
    if (points.length > 2 && long(way.from)) points[0] = border(from, box(way.from), points[1] as Point);
    if (points.length > 2 && long(way.to)) points[points.length - 1] = border(to, box(way.to), points[points.length - 2] as Point);
    return { points, label: way0.label };
  };
  return { at, ways: ways.map(placed) };
}

/** Where the line from a box's middle to a point leaves it. */
export function border(middle: Point, { w, h }: Sized, to: Point): Point {
  const [dx, dy] = [to.x - middle.x, to.y - middle.y];
  if (dx === 0 && dy === 0) return { x: middle.x, y: middle.y + h / 2 };
  const t = Math.min(dx === 0 ? Infinity : w / 2 / Math.abs(dx), dy === 0 ? Infinity : h / 2 / Math.abs(dy));
  return { x: middle.x + dx * t, y: middle.y + dy * t };
}

/** The names in runs: of more than one only those with one plain way in and one out, none of which leads back. */
function chainsOf(names: readonly string[], ways: readonly Way[]): string[][] {
  const [into, out] = [byEnd(ways, 'to'), byEnd(ways, 'from')];
  const back = backWays(names, out);
  const plain = (name: string): boolean => {
    const own = [...(into.get(name) ?? []), ...(out.get(name) ?? [])];
    return (into.get(name) ?? []).length === 1 && (out.get(name) ?? []).length === 1 && own.every(way => way.kind === 'next' && !back.has(way));
  };
  const inside = new Set(names.filter(plain));
  const chains: string[][] = [];
  for (const name of names) {
    const before = into.get(name)?.[0]?.from;
    if (inside.has(name) && before !== undefined && inside.has(before)) continue;
    const chain = [name];
    for (let next = out.get(name)?.[0]?.to; inside.has(name) && next !== undefined && inside.has(next); next = out.get(next)?.[0]?.to) chain.push(next);
    chains.push(chain);
  }
  return chains;
}

export function byEnd(ways: readonly Way[], end: 'from' | 'to'): Map<string, Way[]> {
  const all = new Map<string, Way[]>();
  for (const way of ways) {
    const there = all.get(way[end]);
    if (there) there.push(way);
    else all.set(way[end], [way]);
  }
  return all;
}

/** Ways that lead back to where one came from. Depth first, without recursion: a chain may be long. */
export function backWays(names: readonly string[], out: ReadonlyMap<string, readonly Way[]>): Set<Way> {
  const back = new Set<Way>();
  const state = new Map<string, 'open' | 'done'>();
  for (const root of names) {
    if (state.has(root)) continue;
    const stack: { name: string; next: number }[] = [{ name: root, next: 0 }];
    state.set(root, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const way = (out.get(top.name) ?? [])[top.next];
      top.next += 1;
      if (!way) {
        state.set(top.name, 'done');
        stack.pop();
      } else if (state.get(way.to) === 'open') back.add(way);
      else if (!state.has(way.to)) {
        state.set(way.to, 'open');
        stack.push({ name: way.to, next: 0 });
      }
    }
  }
  return back;
}
