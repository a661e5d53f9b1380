// The drawing in one plane: boxes, lines and bodies with places of their own, and where a dragged state would go.

import type { Box, Layout } from '../layout';
import { HEAD } from '../layout';
import type { ChartNode, ChartWay } from './chart';
import { keyOf, within } from './machine';
import type { Path } from './json_text';

export interface Point { x: number; y: number }
export interface FlatBox { node: ChartNode; key: string; x: number; y: number; w: number; h: number; /** Height of what stands for the state itself. */ head: number; container: boolean }
export interface FlatLine { way: ChartWay; points: Point[]; label: Point | undefined; inside: boolean; /** Within which it lies, without its label. */ bounds: Bounds; /** Its end is not among the points. */ goesOn?: boolean }
export interface Bounds { left: number; top: number; right: number; bottom: number }
/** Where states can be put: in the middle of a line, or in place of a box that is no state yet. */
export interface Target { slot: Path; key: string; scope: Path; /** Of the scope. */ within: string; x: number; y: number; box: FlatBox | undefined }
export interface Body { path: Path; /** Of the path. */ key: string; x: number; y: number; w: number; h: number }
export interface Plane { w: number; h: number; boxes: FlatBox[]; lines: FlatLine[]; targets: Target[]; bodies: Body[] }

export function flat(layout: Layout): Plane {
  const plane: Plane = { w: layout.w, h: layout.h, boxes: [], lines: [], targets: [], bodies: [] };
  place(layout, 0, 0, { path: [], key: keyOf([]) }, plane, false);
  return plane;
}

function boundsOf(points: readonly Point[]): Bounds {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    bounds.left = Math.min(bounds.left, x);
    bounds.right = Math.max(bounds.right, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}

function place(layout: Layout, x0: number, y0: number, scope: Pick<Body, 'path' | 'key'>, plane: Plane, inside: boolean): void {
  const [left, top] = [x0 + layout.x, y0 + layout.y];
  const marks = new Map<string, FlatBox>();
  for (const box of layout.boxes) {
    const node = box.node as ChartNode;
    const one: FlatBox = { node, key: node.key, x: left + box.x, y: top + box.y, w: box.w, h: box.h, head: box.inner.length > 0 ? HEAD : box.h, container: box.inner.length > 0 };
    plane.boxes.push(one);
    if (node.slot) marks.set(keyOf(node.slot), one);
    inner(box, left, top, plane);
  }
  for (const line of layout.lines) {
    const way = line.way as ChartWay;
    const points = line.points.map(point => ({ x: left + point.x, y: top + point.y }));
    const label = line.label && { x: left + line.label.x, y: top + line.label.y };
    plane.lines.push({ way, points, label, inside, bounds: boundsOf(points) });
    const box = marks.get(way.key);
    const at = box ? { x: box.x + box.w / 2, y: box.y + box.h / 2 } : spot(points, label);
    plane.targets.push({ slot: way.slot, key: way.key, scope: scope.path, within: scope.key, ...at, box });
  }
}

function inner(box: Box, left: number, top: number, plane: Plane): void {
  const node = box.node as ChartNode;
  const bodies = node.scopes.map((scope, i) => ({ scope, layout: box.inner[i] }));
  for (const { scope, layout } of bodies) {
    const path = (scope.states[0] as ChartNode | undefined)?.scope;
    if (!layout || !path) continue;
    const [x, y] = [left + box.x, top + box.y];
    const body = { path, key: keyOf(path), x: x + layout.x - 10, y: y + HEAD, w: layout.w + 20, h: box.h - HEAD };
    plane.bodies.push(body);
    place(layout, x, y, body, plane, true);
  }
}

/** Where on a line a state is put: about its middle; past its label where it has one. The line is drawn through the middles of its pieces. */
function spot(points: readonly Point[], label: Point | undefined): Point {
  const [first, last] = [points[0] ?? { x: 0, y: 0 }, points.at(-1) ?? { x: 0, y: 0 }];
  const place = middling(points, label);
  return Math.hypot(place.x - last.x, place.y - last.y) >= CLEAR ? place : label ? between(first, label, 0.5) : clearOf(points);
}
/** A place is that far from the end of its line, or it hides the arrow; in front of the label is more room then. */
const CLEAR = 17;
/** The last place on a line that is clear of its arrow; of one that is too short its middle. */
function clearOf(points: readonly Point[]): Point {
  const pieces = points.slice(1).map((to, i) => { const from = points[i] as Point; return { from, to, length: Math.hypot(to.x - from.x, to.y - from.y) }; });
  const whole = pieces.reduce((sum, one) => sum + one.length, 0);
  let left = Math.min(CLEAR, whole / 2);
  for (const { from, to, length } of pieces.reverse()) {
    if (left <= length) return between(to, from, length === 0 ? 0 : left / length);
    left -= length;
  }
  return points[0] ?? { x: 0, y: 0 };
}
const between = (a: Point, b: Point, t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });

function middling(points: readonly Point[], label: Point | undefined): Point {
  const [first, last] = [points[0] ?? { x: 0, y: 0 }, points.at(-1) ?? { x: 0, y: 0 }];
  const straight = points.every(point => Math.abs((point.x - first.x) * (last.y - first.y) - (point.y - first.y) * (last.x - first.x)) < Math.hypot(last.x - first.x, last.y - first.y));
  if (straight) return between(label ?? first, last, label ? 0.62 : 0.5);
  const behind = points.at(-2) as Point;
  const places = [...points.slice(1, -1).map((point, i) => between(point, points[i + 2] as Point, 0.5)), between(behind, last, 0.62)];
  const free = label ? places.filter(place => Math.hypot(place.x - label.x, place.y - label.y) > 16 && place.y > label.y === last.y > label.y) : places;
  const middle = label ?? between(first, last, 0.5);
  const far = (place: Point): number => Math.hypot(place.x - middle.x, place.y - middle.y);
  return [...free].sort((a, b) => far(a) - far(b))[0] ?? (places.at(-1) as Point);
}

/** Where something that is let go at a place goes: to the nearest way of the innermost body there. */
export function targetAt(plane: Plane, at: Point, moved: readonly Path[]): Target | undefined {
  const holds = (body: Body): boolean => at.x >= body.x && at.x <= body.x + body.w && at.y >= body.y && at.y <= body.y + body.h;
  const free = (target: Target): boolean => !moved.some(path => target.scope.length > path.length && within(target.slot, path));
  const nearest = (scope: string): Target | undefined => {
    let [best, far] = [undefined as Target | undefined, Infinity];
    for (const target of plane.targets) {
      const distance = target.within === scope ? Math.hypot(target.x - at.x, target.y - at.y) : Infinity;
      if (distance < far && free(target)) [best, far] = [target, distance];
    }
    return best;
  };
  const bodies = plane.bodies.filter(holds).sort((a, b) => b.path.length - a.path.length);
  for (const body of bodies) {
    const target = nearest(body.key);
    if (target) return target;
  }
  return nearest(keyOf([]));
}

/** The state next to one in a direction, as the eye would go. */
export function neighbour(plane: Plane, key: string, direction: 'up' | 'down' | 'left' | 'right'): FlatBox | undefined {
  const states = plane.boxes.filter(box => !box.node.mark);
  const from = states.find(box => box.key === key);
  if (!from) return states[0];
  const middleOf = (box: FlatBox): Point => ({ x: box.x + box.w / 2, y: box.y + box.head / 2 });
  const here = middleOf(from);
  const far = (box: FlatBox): number | undefined => {
    const there = middleOf(box);
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const [along, across] = direction === 'up' ? [-dy, dx] : direction === 'down' ? [dy, dx] : direction === 'left' ? [-dx, dy] : [dx, dy];
    return along > 4 ? along + 2 * Math.abs(across) : undefined;
  };
  return states.map(box => [box, far(box)] as const).filter((one): one is [FlatBox, number] => one[1] !== undefined).sort((a, b) => a[1] - b[1])[0]?.[0];
}
