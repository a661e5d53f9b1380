// Where the states of a definition stand.

import dagre from '@dagrejs/dagre';
import type { Scope, StateNode, Way } from './definition';

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
  /** What `arrange` gives for these, or what it gave for the same key before. */
  arranged: (key: string, boxes: ReadonlyMap<string, Box>, ways: readonly Way[], arrange: (boxes: ReadonlyMap<string, Box>, ways: readonly Way[]) => Arrangement) => Arrangement;
}
/** Where the middles of the states are, and through which points the ways go. */
export interface Arrangement { at: Map<string, { x: number; y: number }>; ways: { points: { x: number; y: number }[]; label: { x: number; y: number } | undefined }[] }

const PLAIN_SIZES: Sizes = { nodesep: 26, ranksep: 30, pad: PAD, of: () => undefined, arranged: (_, boxes, ways, arrange) => arrange(boxes, ways) };

/** Lays out a scope; the scopes in its states first, from the inside out. */
export function layOut(scope: Scope, sizes: Sizes = PLAIN_SIZES): Layout {
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
  const key = JSON.stringify([[...boxes].map(([name, { w, h }]) => [name, w, h]), known.map(way => [way.from, way.to, way.kind, labelWidth(way)])]);
  const { at, ways } = sizes.arranged(key, boxes, known, (some, between) => arrange(some, between, sizes));
  for (const [name, box] of boxes) {
    const middle = at.get(name) ?? { x: 0, y: 0 };
    box.x = middle.x - box.w / 2;
    box.y = middle.y - box.h / 2;
  }
  const lines = known.map((way, i): Line => ({ way, points: ways[i]?.points ?? [], label: ways[i]?.label }));
  return bounded({ boxes: [...boxes.values()], lines, w: 0, h: 0, x: 0, y: 0 });
}

function arrange(boxes: ReadonlyMap<string, Box>, ways: readonly Way[], sizes: Sizes): Arrangement {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: sizes.nodesep, ranksep: sizes.ranksep, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [name, { w, h }] of boxes) graph.setNode(name, { width: w, height: h });
  ways.forEach((way, i) => {
    const label = way.kind === 'choice' || way.kind === 'default' || way.kind === 'catch';
    graph.setEdge(way.from, way.to, label ? { width: labelWidth(way), height: 16, labelpos: 'c' } : {}, String(i));
  });
  dagre.layout(graph);
  return {
    at: new Map([...boxes.keys()].map(name => { const { x, y } = graph.node(name); return [name, { x, y }]; })),
    ways: ways.map((way, i) => {
      const edge = graph.edge({ v: way.from, w: way.to, name: String(i) }) as { points: { x: number; y: number }[]; x?: number; y?: number };
      return { points: edge.points, label: edge.x !== undefined && edge.y !== undefined ? { x: edge.x, y: edge.y } : undefined };
    }),
  };
}

/** Room for what stands at a way, with a count. */
export const labelWidth = (way: Way): number => (way.kind === 'catch' ? 78 : Math.min(20, way.label.length + 7) * 5.7 + 6);

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
  const xs = [...layout.boxes.flatMap(box => [box.x, box.x + box.w]), ...layout.lines.flatMap(line => [...line.points.map(point => point.x), ...(line.label ? [line.label.x - labelWidth(line.way) / 2, line.label.x + labelWidth(line.way) / 2] : [])])];
  const ys = [...layout.boxes.flatMap(box => [box.y, box.y + box.h]), ...layout.lines.flatMap(line => line.points.map(point => point.y))];
  if (xs.length === 0) return layout;
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  for (const box of layout.boxes) { box.x -= left; box.y -= top; }
  for (const line of layout.lines) {
    line.points = line.points.map(point => ({ x: point.x - left, y: point.y - top }));
    if (line.label) line.label = { x: line.label.x - left, y: line.label.y - top };
  }
  return { ...layout, w: Math.max(...xs) - left, h: Math.max(...ys) - top };
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
