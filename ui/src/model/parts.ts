// The parts of a Map Run that was redriven: each has the children that began in it last.

import type { MapRunSummary, SpanRow } from '../api/types';

/** µs since the start of the Map Run; without `to` it is the last. */
export interface RunPart { from: number; to?: number }

/** The part that a row of the waterfall stands for; undefined of a Map Run that was never redriven. */
export function partOf({ s, first = s, until, redrive }: Pick<SpanRow, 's' | 'first' | 'until' | 'redrive'>): RunPart | undefined {
  if (until === undefined && !redrive) return undefined;
  return { from: redrive ? s - first : 0, ...(until === undefined ? {} : { to: until - first }) };
}

/** The conditions that choose its children. */
export const filterOf = ({ from, to }: RunPart): string[] => [to === undefined ? `start:>=${from}us` : `start:${from}us..${to - 1}us`];

export interface ChildCounts { total: number; failed: number; succeeded: number; aborted: number; running: number; pending: number; /** That began in a later part, whatever became of them here. */ later: number }

/** How its children stand. `chosen`: those that have ended and are its own; `later`: how many have ended that are of later parts. */
export function childCounts(run: MapRunSummary, chosen: MapRunSummary, part: RunPart | undefined, later: number): ChildCounts {
  const c = run.executionCounts;
  if (!part) return { total: c.total, failed: c.failed + c.timedOut, succeeded: c.succeeded, aborted: c.aborted, running: c.running, pending: c.pending, later: 0 };
  const last = part.to === undefined;
  const [running, pending] = last ? [c.running, c.pending + c.pendingRedrive] : [0, 0];
  return {
    total: chosen.n + running + pending, failed: chosen.failed, succeeded: chosen.n - chosen.failed - chosen.aborted, aborted: chosen.aborted, running, pending,
    later: last ? 0 : later + c.running,
  };
}
