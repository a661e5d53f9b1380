// Rows of a waterfall: from the depth-first list of the server to a tree, and from spans to bars.

import type { Part, SpanKind, SpanRow, TreeRow } from '../api/types';
import { stretch, type Scale, type Stretch } from './scale';

export interface TreeNode { row: TreeRow; kids: TreeNode[] }

/** Depth-first rows with levels, as a tree. */
export function nest(rows: readonly TreeRow[]): TreeNode[] {
  const roots: TreeNode[] = [];
  const above: TreeNode[] = [];
  for (const row of rows) {
    const node: TreeNode = { row, kids: [] };
    above.length = Math.min(above.length, row.level);
    (above.at(-1)?.kids ?? roots).push(node);
    above.push(node);
  }
  return roots;
}

const PART_KINDS: Partial<Record<SpanKind, string>> = { queue: 'k-queue', cold_start: 'k-cold', lambda: 'k-fn', retry_wait: 'k-retry' };
const CALLS = ['http', 'aws', 'aws.', 'web', 'sql', 'db', 'cache', 'queue', 'rpc', 'dns', 'grpc', 'mongodb', 'redis', 'elasticsearch'];

/** Whether what a function did was a call of something else. */
export const isCall = (row: SpanRow): boolean => row.kind === 'inner' && CALLS.some(type => row.spanType === type || (type.endsWith('.') && row.spanType?.startsWith(type)));

export function kindOf(row: SpanRow): string {
  if (row.kind === 'inner') return isCall(row) ? 'k-call' : 'k-fn';
  if (row.kind === 'state' && row.type === 'Wait') return 'k-retry';
  if (row.kind === 'state' && row.resource?.startsWith('http:')) return 'k-call';
  return PART_KINDS[row.kind] ?? 'k-state';
}

/** The bar of a row: the span itself, and over it what it spent its time on. */
export function bars(row: SpanRow, scale: Scale): Stretch[] {
  const bad = row.status === 'FAILED' && !row.caught ? ' bad' : row.status === 'TIMED_OUT' ? ' bad to' : '';
  const running = row.status === 'RUNNING' ? ' now' : '';
  const own = kindOf(row);
  const whole = stretch(row.s, row.d, scale, row.parts ? `k-state${running}` : `${own}${own === 'k-state' && !running && row.kids === 0 ? bad : own === 'k-state' ? '' : bad}${running}`);
  const out = whole ? [whole] : [];
  for (const part of row.parts ?? []) {
    const one = partStretch(part, scale, bad);
    if (one) out.push(one);
  }
  return out;
}

function partStretch([kind, s, d, failed]: Part, scale: Scale, bad: string): Stretch | undefined {
  const look = kind === 'lambda' && failed ? bad.trim() || 'bad' : (PART_KINDS[kind] ?? 'k-state');
  return stretch(s, d, scale, look);
}

/** The stretches of a child known by its columns only: they stand one after the other in this order. */
export function splitBars(split: { wait: number; cold: number; run: number; retryWait: number; other: number }, failed: string, scale: Scale): Stretch[] {
  const order: [number, string][] = [[split.wait, 'k-queue'], [split.cold, 'k-cold'], [split.run, failed || 'k-fn'], [split.retryWait, 'k-retry'], [split.other, failed && split.run === 0 ? failed : 'k-state']];
  let at = 0;
  const out: Stretch[] = [];
  for (const [d, kind] of order) {
    const one = d > 0 ? stretch(at, d, scale, kind) : undefined;
    if (one) out.push(one);
    at += d;
  }
  return out;
}

/** What a row is called beside its name: the type of a state, the function, the service. */
export function kindText(row: SpanRow): string {
  switch (row.kind) {
    case 'execution': return 'execution';
    case 'child': return 'child';
    case 'state': return row.function ? row.function : row.nested ? 'starts an execution' : row.resource && row.type === 'Task' ? row.resource : (row.type ?? 'state');
    case 'attempt': return row.function ?? row.resource ?? '';
    case 'map_run': return 'Map Run';
    case 'inner': return row.service && row.service !== row.name ? row.service : (row.resource ?? '');
    default: return '';
  }
}

const NAMES: Partial<Record<SpanKind, string>> = { queue: 'queued', cold_start: 'cold start', retry_wait: 'wait before retry', lambda: 'function' };
export const nameOf = (row: SpanRow): string => `${row.redrive ? `redrive ${row.redrive} · ` : ''}${NAMES[row.kind] ?? row.name}`;
