// Where the states of a definition stand.

import { arrangeScope, labelWidth, type Kept } from './arrange';
import type { Scope, StateNode, Way } from './definition';
import { layered } from './layered';

export interface Box { node: StateNode; x: number; y: number; w: number; h: number; inner: Layout[] }
export interface Line { way: Way; points: { x: number; y: number }[]; label: { x: number; y: number } | undefined }
/** Boxes within (0, 0) to (w, h), from their upper left corners; inner layouts from the corner of their box. */
export interface Layout { boxes: Box[]; lines: Line[]; w: number; h: number; x: number; y: number }

const CHAR = 7.5; // of 12 px, semi-bold
const LEAST = 148;
const MOST = 236;
const PLAIN = 46;
export const HEAD = 46; // of a box with states in it
const PAD = 14;

export const boxWidth = (node: Pick<StateNode, 'name' | 'detail'>): number =>
  Math.round(Math.max(LEAST, Math.min(MOST, Math.max(node.name.length * CHAR, node.detail.length * 6) + 44)));

/** What one view of the graph wants otherwise. */
export interface Sizes {
  nodesep: number; ranksep: number; pad: number;
  /** The size of a state; of one that holds others its least width. */
  of: (node: StateNode) => { w: number; h: number } | undefined;
  /** Pieces that were laid out before. */
  kept?: Kept;
  /** Scopes that were laid out before: each stays as it is. */
  laid?: WeakMap<Scope, Layout>;
}

const PLAIN_SIZES: Sizes = { nodesep: 26, ranksep: 30, pad: PAD, of: () => undefined };

/** Lays out a scope; the scopes in its states first, from the inside out. */
export function layOut(scope: Scope, sizes: Sizes = PLAIN_SIZES): Layout {
  const before = sizes.laid?.get(scope);
  if (before) return before;
  const layout = laidOut(scope, sizes);
  sizes.laid?.set(scope, layout);
  return layout;
}

function laidOut(scope: Scope, sizes: Sizes): Layout {
  const boxes = new Map<string, Box>();
  for (const node of scope.states) {
    const inner = node.scopes.map(one => layOut(one, sizes));
    const side = placeBeside(inner, sizes.pad);
    const own = sizes.of(node);
    const least = own?.w ?? boxWidth(node);
    const w = inner.length > 0 ? Math.max(least, side.w + 2 * sizes.pad) : least;
    const h = inner.length > 0 ? HEAD + sizes.pad + side.h + sizes.pad : (own?.h ?? PLAIN);
    for (const one of inner) one.x += (w - side.w) / 2;
    boxes.set(node.name, { node, x: 0, y: 0, w, h, inner });
  }
  const known = scope.ways.filter(way => boxes.has(way.from) && boxes.has(way.to));
  const { at, ways } = arrangeScope(boxes, known, sizes.ranksep, (some, between) => layered(some, between, { beside: sizes.nodesep, below: sizes.ranksep }), sizes.kept);
  for (const [name, box] of boxes) {
    const middle = at.get(name) ?? { x: 0, y: 0 };
    box.x = middle.x - box.w / 2;
    box.y = middle.y - box.h / 2;
  }
  const lines = known.map((way, i): Line => ({ way, points: ways[i]?.points ?? [], label: ways[i]?.label }));
  return bounded({ boxes: [...boxes.values()], lines, w: 0, h: 0, x: 0, y: 0 });
}

function placeBeside(inner: Layout[], pad: number): { w: number; h: number } {
  let w = 0;
  for (const one of inner) {
    one.x = w;
    one.y = HEAD + pad;
    w += one.w + 20;
  }
  return { w: Math.max(0, w - 20), h: Math.max(0, ...inner.map(one => one.h)) };
}

/** Moved so that everything lies from (0, 0) on. */
function bounded(layout: Layout): Layout {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const reach = (x: number, y: number, beside = 0): void => {
    left = Math.min(left, x - beside);
    right = Math.max(right, x + beside);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  };
  for (const { x, y, w, h } of layout.boxes) { reach(x, y); reach(x + w, y + h); }
  for (const { way, points, label } of layout.lines) {
    for (const { x, y } of points) reach(x, y);
    if (label) reach(label.x, label.y, labelWidth(way) / 2);
  }
  if (left === Infinity) return layout;
  for (const box of layout.boxes) { box.x -= left; box.y -= top; }
  for (const line of layout.lines) {
    line.points = line.points.map(point => ({ x: point.x - left, y: point.y - top }));
    if (line.label) line.label = { x: line.label.x - left, y: line.label.y - top };
  }
  return { ...layout, w: right - left, h: bottom - top };
}

/** A way through points with its corners rounded. */
export function pathOf(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${r(first.x)} ${r(first.y)}`;
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    if (!next) path += `L${r(point.x)} ${r(point.y)}`;
    else path += `Q${r(point.x)} ${r(point.y)} ${r((point.x + next.x) / 2)} ${r((point.y + next.y) / 2)}`;
  });
  return path;
}
const r = (value: number): number => Math.round(value * 10) / 10;
