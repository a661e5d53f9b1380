// Numbers of states, those of parents and those of children of Map Runs apart: percentiles over both together say nothing about either.

import type { GraphAnswer, StateNumbers } from '../api/types';

/** One state: what is known of it in executions, and in children of Map Runs. */
export interface StateLine { state: string; label: string; parent?: StateNumbers; child?: StateNumbers }

/** A line a state, in the order in which they are told; a name that both sides have is one line. */
export function stateLines(rows: readonly StateNumbers[]): StateLine[] {
  const lines = new Map<string, StateLine>();
  for (const row of rows) {
    if (row.child) continue;
    lines.set(row.state, { state: row.state, label: '', parent: row });
  }
  for (const row of rows) {
    if (!row.child) continue;
    const shared = lines.get(row.state);
    if (shared && !shared.child) { shared.child = row; shared.label = row.mapLabel ?? ''; }
    else lines.set(`${row.mapLabel ?? ''}\n${row.state}`, { state: row.state, label: row.mapLabel ?? '', child: row });
  }
  return [...lines.values()];
}

/** The same of one execution and its children, whose graph tells it. */
export const numbersOf = (graph: GraphAnswer, machine = ''): StateNumbers[] => [
  ...graph.nodes.map(node => ({ ...common(node), machine, child: false })),
  ...graph.mapRuns.flatMap(run => run.nodes.map(node => ({ ...common(node), machine, mapLabel: run.state, child: true }))),
];
const common = (node: GraphAnswer['nodes'][number]): Omit<StateNumbers, 'machine' | 'child'> =>
  ({ state: node.name, n: node.entered, failed: node.failed, p50: node.p50, p95: node.p95, p99: node.p99, max: node.max });

/** Lines of `now` with what `before` says of the same state on the same side. */
export function pairLines(now: readonly StateNumbers[], before: readonly StateNumbers[] | undefined): (StateLine & { was: { parent?: StateNumbers; child?: StateNumbers } })[] {
  const key = (row: StateNumbers): string => `${row.child ? 'c' : 'p'}\n${row.mapLabel ?? ''}\n${row.state}`;
  const then = new Map((before ?? []).map(row => [key(row), row]));
  const was = (row: StateNumbers | undefined): StateNumbers | undefined => (row ? then.get(key(row)) : undefined);
  return stateLines(now).map(line => {
    const [parent, child] = [was(line.parent), was(line.child)];
    return { ...line, was: { ...(parent ? { parent } : {}), ...(child ? { child } : {}) } };
  });
}
