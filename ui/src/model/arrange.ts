// A scope of many states is laid out piece by piece: it is cut at the states that every way passes, and a piece in
// which nothing changed stays as it was made. Ways that lead far off run beside the rest: they would hold it all together, and a hundred
// catchers that lead to one state would be a hundred lines side by side.

import { arrangeChains, backWays, border, byEnd, type Point, type Sized } from './chains';
import type { Way } from './definition';

/** Where the middles of the states are, and through which points the ways go. */
export interface Arrangement { at: Map<string, Point>; ways: { points: Point[]; label: Point | undefined }[] }
export type Arrange<B extends Sized> = (boxes: ReadonlyMap<string, B>, ways: readonly Way[]) => Arrangement;
/** Of states without their names: their places in the order in which they were given. */
export interface Shape { at: Point[]; ways: Arrangement['ways'] }
/** What was made for the same key before, or else is made now. */
export type Kept = (key: string, make: () => Shape) => Shape;

/** Ranks that a way may pass among the states. */
const FAR = 10;
const [LANE, CORNER] = [16, 8];
const BAND = 200; // height of a band of the drawing

/** Room for what stands at a way, with a count. */
export const labelWidth = (way: Way): number => (way.kind === 'catch' ? 78 : Math.min(20, way.label.length + 7) * 5.7 + 6);
export const labelled = (way: Way): boolean => way.kind !== 'next';

export function arrangeScope<B extends Sized>(boxes: ReadonlyMap<string, B>, ways: readonly Way[], gap: number, arrange: Arrange<B>, kept: Kept = keeping(new Map())): Arrangement {
  const rank = ranksOf([...boxes.keys()], ways);
  const aside = asideOf(ways, rank);
  const near = ways.filter(way => !aside.has(way));
  const at = new Map<string, Point>();
  const drawn = new Map<Way, Arrangement['ways'][number]>();
  let bottom = -Infinity;
  for (const piece of piecesOf([...boxes.keys()], near, rank)) {
    const some = new Map(piece.names.map(name => [name, boxes.get(name) as B]));
    const made = two(some, piece.ways, gap) ?? shaped(some, piece.ways, kept, () => arrangeChains(some, piece.ways, gap, arrange));
    bottom = joined(at, drawn, some, piece, made, bottom, gap);
  }
  routeAside(boxes, ways.filter(way => aside.has(way)), rank, at, drawn, gap);
  return { at, ways: ways.map(way => drawn.get(way) ?? { points: [], label: undefined }) };
}

const keeping = (known: Map<string, Shape>): Kept => (key, make) => {
  const shape = known.get(key) ?? make();
  known.set(key, shape);
  return shape;
};

/** Pieces of one shape are laid out once: most of a long workflow's are alike. */
function shaped(boxes: ReadonlyMap<string, Sized>, ways: readonly Way[], kept: Kept, make: () => Arrangement): Arrangement {
  const names = [...boxes.keys()];
  const place = new Map(names.map((name, i) => [name, i]));
  const key = JSON.stringify([[...boxes.values()].map(({ w, h }) => [w, h]), ways.map(way => [place.get(way.from), place.get(way.to), way.kind, labelWidth(way)])]);
  const shape = kept(key, () => {
    const made = make();
    return { at: names.map(name => made.at.get(name) ?? { x: 0, y: 0 }), ways: made.ways };
  });
  return { at: new Map(names.map((name, i) => [name, shape.at[i] as Point])), ways: shape.ways };
}

/** The longest way from a beginning to each state, in states. */
function ranksOf(names: readonly string[], ways: readonly Way[]): Map<string, number> {
  const out = byEnd(ways, 'from');
  const back = backWays(names, out);
  const waits = new Map(names.map(name => [name, 0]));
  for (const way of ways) if (!back.has(way)) waits.set(way.to, (waits.get(way.to) ?? 0) + 1);
  const rank = new Map(names.map(name => [name, 0]));
  const ready = names.filter(name => waits.get(name) === 0);
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    for (const way of out.get(name) ?? []) {
      if (back.has(way)) continue;
      rank.set(way.to, Math.max(rank.get(way.to) ?? 0, (rank.get(name) ?? 0) + 1));
      const left = (waits.get(way.to) ?? 0) - 1;
      waits.set(way.to, left);
      if (left === 0) ready.push(way.to);
    }
  }
  return rank;
}

/** The ways that run beside the states: the far ones, and of those that catch or choose what leads to the same state. The way that ranks a
 * state is none of them: it passes no rank. */
function asideOf(ways: readonly Way[], rank: ReadonlyMap<string, number>): Set<Way> {
  const span = (way: Way): number => (rank.get(way.to) ?? 0) - (rank.get(way.from) ?? 0);
  const far = ways.filter(way => Math.abs(span(way)) > FAR);
  const targets = new Set(far.filter(way => span(way) > 0).map(way => way.to));
  return new Set([...far, ...ways.filter(way => labelled(way) && span(way) > 2 && targets.has(way.to))]);
}

interface Piece { names: string[]; ways: Way[] }

/** The states in runs from one that every way passes to the next such; that one belongs to both. */
function piecesOf(names: readonly string[], ways: readonly Way[], rank: ReadonlyMap<string, number>): Piece[] {
  const order = [...names].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
  const place = new Map(order.map((name, i) => [name, i]));
  const ends = ways.map(way => [place.get(way.from) ?? 0, place.get(way.to) ?? 0].sort((a, b) => a - b) as [number, number]);
  const passed = new Int32Array(order.length + 1);
  for (const [low, high] of ends) {
    if (high <= low) continue;
    passed[low + 1] = (passed[low + 1] ?? 0) + 1;
    passed[high] = (passed[high] ?? 0) - 1;
  }
  const pieces: Piece[] = [];
  const pieceAt: number[] = []; // of a state, the piece that begins with or holds it
  let over = 0;
  order.forEach((name, i) => {
    over += passed[i] ?? 0;
    pieces.at(-1)?.names.push(name);
    if (over === 0 && i < order.length - 1) pieces.push({ names: [name], ways: [] });
    pieceAt.push(pieces.length - 1);
  });
  if (pieces.length === 0) pieces.push({ names: order, ways: [] });
  ways.forEach((way, i) => pieces[Math.max(0, pieceAt[ends[i]?.[0] ?? 0] ?? 0)]?.ways.push(way));
  return merged(pieces);
}

/** Pieces between which there is no way stand in one. */
function merged(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  let loose: string[] = [];
  for (const { names, ways } of pieces) {
    const own = [...loose, ...names.filter(name => !loose.includes(name))];
    if (ways.length === 0) loose = own;
    else { all.push({ names: own, ways }); loose = []; }
  }
  const last = all.at(-1);
  if (loose.length > 0 && last) last.names.push(...loose.filter(name => !last.names.includes(name)));
  else if (loose.length > 0) all.push({ names: loose, ways: [] });
  return all;
}

/** Two states one behind the other: most pieces are such. */
function two(boxes: ReadonlyMap<string, Sized>, ways: readonly Way[], gap: number): Arrangement | undefined {
  const [[first, a], [second, b]] = [...boxes].concat([['', { w: 0, h: 0 }]]) as [[string, Sized], [string, Sized]];
  const [way] = ways;
  if (boxes.size !== 2 || ways.length !== 1 || !way || labelled(way) || way.from !== first || way.to !== second) return undefined;
  const [top, below] = [a.h / 2, a.h / 2 + gap];
  return { at: new Map([[first, { x: 0, y: 0 }], [second, { x: 0, y: below + b.h / 2 }]]), ways: [{ points: [{ x: 0, y: top }, { x: 0, y: (top + below) / 2 }, { x: 0, y: below }], label: undefined }] };
}

/** Puts a piece below what is there, its first state on the same one there. The new lower end. */
function joined<B extends Sized>(at: Map<string, Point>, drawn: Map<Way, Arrangement['ways'][number]>, boxes: ReadonlyMap<string, B>, piece: Piece, made: Arrangement, bottom: number, gap: number): number {
  const common = piece.names.find(name => at.has(name));
  const [here, there] = [common === undefined ? undefined : at.get(common), common === undefined ? undefined : made.at.get(common)];
  const dx = here && there ? here.x - there.x : 0;
  const plain = here && there ? here.y - there.y : 0;
  let top = Infinity;
  for (const [name, { h }] of boxes) if (name !== common) top = Math.min(top, (made.at.get(name)?.y ?? 0) - h / 2);
  // What stands beside the common state may reach further down than it.
  const more = here ? Math.max(0, bottom + gap / 2 - (top + plain)) : 0;
  const moved = ({ x, y }: Point): Point => ({ x: x + dx, y: y + plain + more });
  for (const [name, { h }] of boxes) {
    if (name !== common || !here) at.set(name, moved(made.at.get(name) ?? { x: 0, y: 0 }));
    bottom = Math.max(bottom, (at.get(name)?.y ?? 0) + h / 2);
  }
  piece.ways.forEach((way, i) => {
    const { points, label } = made.ways[i] as Arrangement['ways'][number];
    const all = points.map(moved);
    if (more > 0 && here && common !== undefined && way.from !== way.to) {
      const box = boxes.get(common) as B;
      if (way.from === common) all[0] = border(here, box, all[1] ?? here);
      if (way.to === common) all[all.length - 1] = border(here, box, all.at(-2) ?? here);
    }
    drawn.set(way, { points: all, label: label && moved(label) });
  });
  return bottom;
}

/** The corners of a line made round, as the line is drawn: through the middles between its points. */
function rounded(points: readonly Point[]): Point[] {
  return points.flatMap((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    if (!before || !after) return [point];
    const toward = (end: Point): Point => {
      const far = Math.hypot(end.x - point.x, end.y - point.y);
      const t = far === 0 ? 0 : Math.min(CORNER, far / 2) / far;
      return { x: point.x + (end.x - point.x) * t, y: point.y + (end.y - point.y) * t };
    };
    return [toward(before), point, toward(after)];
  });
}

/** What reaches into the band of a height. */
function bandsOf<E extends { top: number; bottom: number }>(all: readonly E[]): (y: number) => readonly E[] {
  const bands = new Map<number, E[]>();
  for (const one of all) {
    for (let band = Math.floor(one.top / BAND); band <= Math.floor(one.bottom / BAND); band += 1) {
      const there = bands.get(band);
      if (there) there.push(one);
      else bands.set(band, [one]);
    }
  }
  return y => bands.get(Math.floor(y / BAND)) ?? [];
}

/** Ways on lanes beside all states, one for each state that they lead to: forth on the right, back on the left. */
function routeAside(boxes: ReadonlyMap<string, Sized>, ways: readonly Way[], rank: ReadonlyMap<string, number>, at: ReadonlyMap<string, Point>, drawn: Map<Way, Arrangement['ways'][number]>, gap: number): void {
  if (ways.length === 0) return;
  const all = [...boxes].map(([name, { w, h }]) => { const { x, y } = at.get(name) as Point; return { left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2, y }; });
  const edges = new Map([...boxes.keys()].map((name, i) => [name, all[i] as (typeof all)[number]]));
  const atHeight = bandsOf(all);
  const back = (way: Way): boolean => (rank.get(way.to) ?? 0) <= (rank.get(way.from) ?? 0);
  const outer = { left: Infinity, right: -Infinity };
  const reach = (x: number): void => { outer.left = Math.min(outer.left, x); outer.right = Math.max(outer.right, x); };
  for (const box of all) { reach(box.left); reach(box.right); }
  for (const { points } of drawn.values()) for (const { x } of points) reach(x);
  for (const way of ways) reach((edges.get(way.from)?.right ?? 0) + (labelled(way) ? labelWidth(way) : 0));
  const lanes = { left: new Map<string, number>(), right: new Map<string, number>() };
  const left = new Map<string, number>(); // of a state, how many have left it so
  for (const way of ways) {
    const side = back(way) ? 'left' : 'right';
    const out = side === 'left' ? -1 : 1;
    const lane = lanes[side].get(way.to) ?? lanes[side].size;
    lanes[side].set(way.to, lane);
    const x = outer[side] + out * LANE * (lane + 1.5);
    const [from, to] = [edges.get(way.from), edges.get(way.to)];
    if (!from || !to) continue;
    const free = (box: typeof from, y: number): boolean => !atHeight(y).some(one => one !== box && one.top <= y && y <= one.bottom && (out > 0 ? one.right > box.right : one.left < box.left));
    const n = left.get(way.from) ?? 0;
    left.set(way.from, n + 1);
    // From its side where nothing is in the way, else from below; to the other likewise, from above.
    const y = Math.min(from.bottom - 4, from.y + 10 * n);
    const [exit, entry] = [from[side] - out * 20, to[side] - out * 20];
    const leaves: Point[] = free(from, y) ? [{ x: from[side], y }] : [{ x: exit, y: from.bottom }, { x: exit, y: from.bottom + gap / 3 }];
    const enters: Point[] = free(to, to.y) ? [{ x: to[side], y: to.y }] : [{ x: entry, y: to.top - gap / 3 }, { x: entry, y: to.top }];
    const [start, end] = [leaves.at(-1) as Point, enters[0] as Point];
    const label = labelled(way) ? { x: start.x + out * (8 + labelWidth(way) / 2), y: start.y } : undefined;
    drawn.set(way, { points: rounded([...leaves, { x, y: start.y }, { x, y: end.y }, ...enters]), label });
  }
}
