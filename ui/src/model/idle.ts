// When something was at work in a waterfall, and when everything only waited.

import type { FlameNode, SpanKind, TreeRow } from '../api/types';

const WORK: readonly SpanKind[] = ['lambda', 'cold_start', 'queue', 'inner', 'map_run', 'group'];
/** What waits by itself: for a clock, or for somebody outside. */
const waits = (row: { kind: SpanKind; type?: string; resource?: string }): boolean =>
  row.kind === 'retry_wait' || row.type === 'Wait' || row.resource?.endsWith('.waitForTaskToken') === true;

/** [from, to] of what was at work, of depth-first rows. Of a row that is closed, all of it. */
export function busyIn(rows: readonly TreeRow[]): [number, number][] {
  const busy: [number, number][] = [];
  rows.forEach((row, i) => {
    const whole = (): void => { busy.push([row.s, row.s + row.d]); };
    if (row.row === 'group') return whole();
    if (waits(row)) return;
    const parts = row.parts ?? [];
    for (const [kind, s, d] of parts) if (WORK.includes(kind)) busy.push([s, s + d]);
    if (parts.some(([kind]) => kind === 'lambda')) return;
    const below = rows[i + 1];
    const holds = below !== undefined && below.level > row.level;
    if (WORK.includes(row.kind) || !holds) whole();
  });
  return busy;
}

/** The time of each frame that something was at work in: what only waits has none, and what holds others has theirs. */
export function workOf(nodes: readonly FlameNode[], isWait: (state: string) => boolean): number[] {
  const below = nodes.map(() => [] as number[]);
  nodes.forEach((node, i) => below[node.parent]?.push(i));
  const work = new Array<number>(nodes.length).fill(0);
  // A frame stands after what it is part of.
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i] as FlameNode;
    const inside = (below[i] as number[]).reduce((sum, one) => sum + (work[one] ?? 0), 0);
    if (node.kind === 'retry_wait' || (node.kind === 'state' && isWait(node.name))) work[i] = 0;
    else if (node.kind === 'lambda' || node.kind === 'inner' || (below[i] as number[]).length === 0) work[i] = Math.max(node.sum, inside);
    else work[i] = inside;
  }
  return work;
}
