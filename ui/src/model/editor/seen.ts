// Of a drawing, what lies in a part of it.

import type { Bounds, FlatBox, FlatLine, Plane, Point } from './geometry';

const LABEL = 160; // that a label may be long

const meets = (a: Bounds, b: Bounds, beside = 0): boolean => a.left - beside < b.right && a.right + beside > b.left && a.top < b.bottom && a.bottom > b.top;
const boxMeets = ({ x, y, w, h }: FlatBox, seen: Bounds): boolean => meets({ left: x, top: y, right: x + w, bottom: y + h }, seen);

/** Where a line is at a height. */
function crossing(points: readonly Point[], y: number): number {
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    if ((a.y - y) * (b.y - y) <= 0 && a.y !== b.y) return Math.round(a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y));
  }
  return Infinity;
}

const BEYOND = 24; // what is seen a line is drawn on, so that nobody sees where it is cut

/** The points from where the line comes into view straight up or down; all of them where it does not. */
function without(points: Point[], top: number, bottom: number): Point[] {
  const side = ({ y }: Point): number => (y < top ? -1 : y > bottom ? 1 : 0);
  const [first] = points;
  const out = first ? side(first) : 0;
  const at = out === 0 ? -1 : points.findIndex(point => side(point) !== out);
  const [a, b] = [points[at - 1], points[at]];
  return a && b && a.x === b.x ? [{ x: a.x, y: out < 0 ? top : bottom }, ...points.slice(at)] : points;
}

/** The line without what lies far from `seen`: each picture of a dashed one costs all its dashes, also those that are in no place of it. */
function cut(line: FlatLine, seen: Bounds): FlatLine {
  const [top, bottom] = [seen.top - BEYOND, seen.bottom + BEYOND];
  if (line.bounds.top >= top && line.bounds.bottom <= bottom) return line;
  const behind = without(line.points, top, bottom);
  const points = without([...behind].reverse(), top, bottom).reverse();
  return { ...line, points, ...(points.at(-1) === line.points.at(-1) ? {} : { goesOn: true }) };
}

/** The boxes and lines that are in `seen`, all without it; of a `whole` drawing all boxes. Of lines that only pass through at the same place (a
 * hundred catchers that lead to one state share a lane) one is enough. */
export function drawnOf(plane: Plane, seen: Bounds | undefined, whole = false): Pick<Plane, 'boxes' | 'lines'> {
  if (!seen) return plane;
  const passing = new Set<string>();
  const lines = plane.lines.filter((line: FlatLine) => {
    if (!meets(line.bounds, seen, line.label ? LABEL : 0)) return false;
    const inside = ({ y }: Point): boolean => y >= seen.top && y <= seen.bottom;
    const [first, last] = [line.points[0], line.points.at(-1)];
    if (!first || !last || inside(first) || inside(last) || (line.label && inside(line.label))) return true;
    const where = `${line.way.kind === 'catch'} ${crossing(line.points, seen.top)} ${crossing(line.points, seen.bottom)}`;
    if (passing.has(where)) return false;
    passing.add(where);
    return true;
  });
  return { boxes: whole ? plane.boxes : plane.boxes.filter(box => boxMeets(box, seen)), lines: lines.map(line => cut(line, seen)) };
}

/** The part to draw where `visible` is seen: `drawn` as long as it holds that and is not far larger, else as much again on each side. */
export function partAround(visible: Bounds, drawn: Bounds): Bounds {
  const [w, h] = [visible.right - visible.left, visible.bottom - visible.top];
  const holds = drawn.left <= visible.left && drawn.right >= visible.right && drawn.top <= visible.top && drawn.bottom >= visible.bottom;
  if (holds && drawn.right - drawn.left < 5 * w && drawn.bottom - drawn.top < 5 * h) return drawn;
  return { left: visible.left - w / 2, right: visible.right + w / 2, top: visible.top - h / 2, bottom: visible.bottom + h / 2 };
}
