// States in rows, each below those that lead to it: rows by the longest way, their order by the middle of what they are joined to, and
// places that are as near to that middle as their neighbours let them be.

import { labelled, labelWidth, type Arrangement } from './arrange';
import { backWays, border, byEnd, type Point, type Sized } from './chains';
import type { Way } from './definition';

const LABEL_HEIGHT = 16;
const ROUNDS = 12;

/** A state, or the place in a row where a way passes by. */
interface Node { w: number; h: number; row: number; order: number; x: number; y: number; real: boolean; up: Link[]; down: Link[] }
/** Straight ways past rows matter more than states right below each other. */
interface Link { to: Node; weight: number }
/** A way downwards: which nodes it goes through. */
interface Course { way: Way; nodes: Node[]; back: boolean }

export function layered(boxes: ReadonlyMap<string, Sized>, ways: readonly Way[], gap: { beside: number; below: number }): Arrangement {
  const names = [...boxes.keys()];
  const back = backWays(names, byEnd(ways, 'from'));
  const nodes = new Map(names.map(name => [name, nodeOf(boxes.get(name) as Sized, true)]));
  const forward = ways.filter(way => way.from !== way.to).map(way => (back.has(way) ? { way, from: way.to, to: way.from } : { way, from: way.from, to: way.to }));
  rank(nodes, forward);
  const rows: Node[][] = [];
  const put = (node: Node): void => { (rows[node.row] ??= []).push(node); };
  for (const node of nodes.values()) put(node);
  const courses = new Map(forward.map(({ way, from, to }): [Way, Course] => [way, courseOf(way, nodes.get(from) as Node, nodes.get(to) as Node, back.has(way), put)]));
  for (let row = 0; row < rows.length; row++) rows[row] ??= [];
  order(rows);
  const apart = (a: Node, b: Node): number => (a.w + b.w) / 2 + (a.real && b.real ? gap.beside : gap.beside * 0.7);
  spread(rows, apart);
  stack(rows, gap.below / 2);
  return { at: new Map(names.map(name => { const { x, y } = nodes.get(name) as Node; return [name, { x, y }]; })), ways: ways.map(way => drawn(courses.get(way), nodes.get(way.from) as Node)) };
}

const nodeOf = ({ w, h }: Sized, real: boolean): Node => ({ w, h, row: 0, order: 0, x: 0, y: 0, real, up: [], down: [] });

/** States stand in every second row: what is said of a way stands between. */
function rank(nodes: ReadonlyMap<string, Node>, ways: readonly { from: string; to: string }[]): void {
  const out = new Map<Node, Node[]>([...nodes.values()].map(node => [node, []]));
  const into = new Map<Node, Node[]>([...nodes.values()].map(node => [node, []]));
  for (const { from, to } of ways) {
    const [a, b] = [nodes.get(from) as Node, nodes.get(to) as Node];
    out.get(a)?.push(b);
    into.get(b)?.push(a);
  }
  const waits = new Map([...into].map(([node, all]) => [node, all.length]));
  const sorted: Node[] = [...nodes.values()].filter(node => waits.get(node) === 0);
  for (let i = 0; i < sorted.length; i++) {
    const node = sorted[i] as Node;
    for (const next of out.get(node) ?? []) {
      next.row = Math.max(next.row, node.row + 2);
      waits.set(next, (waits.get(next) ?? 0) - 1);
      if (waits.get(next) === 0) sorted.push(next);
    }
  }
  // What more ways leave than enter stands as low as it may: its ways are shorter so.
  for (const node of sorted.reverse()) {
    const [after, before] = [out.get(node) ?? [], into.get(node) ?? []];
    if (after.length > before.length) node.row = Math.max(node.row, Math.min(...after.map(next => next.row)) - 2);
  }
}

function courseOf(way: Way, from: Node, to: Node, back: boolean, put: (node: Node) => void): Course {
  const nodes = [from];
  const far = to.row - from.row;
  const middle = from.row + (far <= 4 ? 1 : 2 * Math.floor(far / 4) + 1); // near the state that it leaves
  for (let row = from.row + 1; row < to.row; row++) {
    const text = labelled(way) && row === middle;
    const node = { ...nodeOf({ w: text ? labelWidth(way) : 0, h: text ? LABEL_HEIGHT : 0 }, false), row };
    put(node);
    nodes.push(node);
  }
  nodes.push(to);
  nodes.forEach((node, i) => {
    const next = nodes[i + 1];
    if (!next) return;
    const weight = node.real && next.real ? 1 : node.real || next.real ? 2 : 8;
    node.down.push({ to: next, weight });
    next.up.push({ to: node, weight });
  });
  return { way, nodes, back };
}

function order(rows: Node[][]): void {
  const number = (row: Node[]): void => row.forEach((node, i) => { node.order = i; });
  rows.forEach(number);
  let best = rows.map(row => [...row]);
  let least = crossings(rows);
  for (let round = 0; round < ROUNDS && least > 0; round++) {
    const down = round % 2 === 0;
    for (let i = 1; i < rows.length; i++) {
      const row = rows[down ? i : rows.length - 1 - i] as Node[];
      const middle = new Map(row.map(node => [node, mean(down ? node.up : node.down, other => other.order) ?? node.order]));
      row.sort((a, b) => (middle.get(a) as number) - (middle.get(b) as number) || a.order - b.order);
      number(row);
    }
    const now = crossings(rows);
    if (now < least) [least, best] = [now, rows.map(row => [...row])];
  }
  best.forEach((row, i) => { rows[i] = row; number(row); });
}

function crossings(rows: readonly Node[][]): number {
  let sum = 0;
  for (const row of rows) {
    const ends = row.flatMap(node => node.down.map(({ to }) => to.order).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i++) for (let j = i + 1; j < ends.length; j++) if ((ends[i] as number) > (ends[j] as number)) sum += 1;
  }
  return sum;
}

function mean(links: readonly Link[], of: (node: Node) => number): number | undefined {
  const weight = links.reduce((sum, link) => sum + link.weight, 0);
  return weight ? links.reduce((sum, link) => sum + of(link.to) * link.weight, 0) / weight : undefined;
}

/** Each row in turn, down and up, to where what it is joined to stands. */
function spread(rows: readonly Node[][], apart: (a: Node, b: Node) => number): void {
  for (const row of rows) settle(row, row.map(() => 0), apart);
  for (let round = 0; round < ROUNDS; round++) {
    const last = round >= ROUNDS - 2;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[round % 2 === 0 ? i : rows.length - 1 - i] as Node[];
      const links = (node: Node): Link[] => (last ? [...node.up, ...node.down] : round % 2 === 0 ? node.up : node.down);
      settle(row, row.map(node => mean(links(node).length > 0 ? links(node) : [...node.up, ...node.down], other => other.x) ?? node.x), apart);
    }
  }
}

/** The places nearest to those wanted (least squares) that are far enough apart: who would overlap moves together. */
function settle(row: readonly Node[], wanted: readonly number[], apart: (a: Node, b: Node) => number): void {
  const shift: number[] = []; // of each node from the first, when all touch
  row.forEach((node, i) => { shift[i] = i === 0 ? 0 : (shift[i - 1] as number) + apart(row[i - 1] as Node, node); });
  const blocks: { sum: number; weight: number; n: number }[] = [];
  row.forEach((node, i) => {
    const weight = 1 + [...node.up, ...node.down].reduce((sum, link) => sum + link.weight, 0);
    let block = { sum: ((wanted[i] ?? 0) - (shift[i] as number)) * weight, weight, n: 1 };
    for (let before = blocks.at(-1); before && before.sum / before.weight > block.sum / block.weight; before = blocks.at(-1)) {
      block = { sum: before.sum + block.sum, weight: before.weight + block.weight, n: before.n + block.n };
      blocks.pop();
    }
    blocks.push(block);
  });
  let i = 0;
  for (const { sum, weight, n } of blocks) for (const end = i + n; i < end; i++) (row[i] as Node).x = sum / weight + (shift[i] as number);
}

function stack(rows: readonly Node[][], gap: number): void {
  let top = 0;
  for (const row of rows) {
    const height = Math.max(0, ...row.map(node => node.h));
    for (const node of row) node.y = top + height / 2;
    top += height + gap;
  }
}

function drawn(course: Course | undefined, self: Node): Arrangement['ways'][number] {
  if (!course) {
    // A way back to the state that it leaves.
    const [x, y] = [self.x + self.w / 2, self.y];
    const points = [{ x, y: y - self.h / 4 }, { x: x + 14, y: y - self.h / 4 }, { x: x + 14, y: y + self.h / 4 }, { x, y: y + self.h / 4 }];
    return { points, label: undefined };
  }
  const { way, nodes, back } = course;
  const inner: Point[] = nodes.slice(1, -1).map(({ x, y }) => ({ x, y }));
  const [from, to] = [nodes[0] as Node, nodes.at(-1) as Node];
  const points = [border(from, from, inner[0] ?? to), ...inner, border(to, to, inner.at(-1) ?? from)];
  const said = nodes.find(node => !node.real && node.w > 0);
  return { points: back ? points.reverse() : points, label: labelled(way) && said ? { x: said.x, y: said.y } : undefined };
}
