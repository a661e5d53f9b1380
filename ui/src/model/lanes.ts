// The plane of a Map Run's children: time to the right, lanes downwards, and the part of it one looks at.

import type { LanesExact, RunningLanes } from '../api/types';
import { statusOf, type Status } from './status';

/** µs from the start of the run, and lanes; ends excluded. */
export interface View { t0: number; t1: number; l0: number; l1: number }

export type Color = 'duration' | 'status' | 'retry' | 'cold';
export const COLORS: readonly (readonly [Color, string])[] = [['duration', 'Duration'], ['status', 'Status'], ['retry', 'Retries'], ['cold', 'Cold start']];

/** Bounds of the five steps: multiples of the median. */
const STEPS = [1, 1.5, 2.5, 5];
export const STEP_TOKENS = ['seq-1', 'seq-2', 'seq-4', 'seq-6', 'seq-8'];

export const durationStep = (us: number, typical: number): number => {
  const at = STEPS.findIndex(bound => us / typical <= bound);
  return at < 0 ? STEPS.length : at;
};

const LEAST_US = 1_000;

/** Zoomed by `factor` (below 1: closer) around a place, shares of the view; never beyond `whole`. */
export function zoom(view: View, whole: View, factor: number, x: number, y: number, lanesToo: boolean): View {
  const span = Math.max(LEAST_US, Math.min(whole.t1 - whole.t0, (view.t1 - view.t0) * factor));
  const lanes = lanesToo ? Math.max(1, Math.min(whole.l1 - whole.l0, Math.round((view.l1 - view.l0) * factor))) : view.l1 - view.l0;
  const t0 = view.t0 + (view.t1 - view.t0 - span) * x;
  const l0 = view.l0 + Math.round((view.l1 - view.l0 - lanes) * y);
  return within({ t0, t1: t0 + span, l0, l1: l0 + lanes }, whole);
}

export function pan(view: View, whole: View, dt: number, dl: number): View {
  return within({ t0: view.t0 + dt, t1: view.t1 + dt, l0: view.l0 + dl, l1: view.l1 + dl }, whole);
}

/** The same size, moved into the whole. */
export function within(view: View, whole: View): View {
  const span = Math.min(view.t1 - view.t0, whole.t1 - whole.t0);
  const lanes = Math.min(view.l1 - view.l0, whole.l1 - whole.l0);
  const t0 = Math.round(Math.max(whole.t0, Math.min(whole.t1 - span, view.t0)));
  const l0 = Math.max(whole.l0, Math.min(whole.l1 - lanes, view.l0));
  return { t0, t1: Math.round(t0 + span), l0, l1: l0 + lanes };
}

export const isWhole = (view: View, whole: View): boolean => view.t0 === whole.t0 && view.t1 === whole.t1 && view.l0 === whole.l0 && view.l1 === whole.l1;

/** "128000000..164000000" and "0..99" in an address. */
export const rangeParameter = (from: number, to: number): string => `${from}..${to}`;
export function parseRangeParameter(text: string | null): [number, number] | undefined {
  const match = /^(\d+)\.\.(\d+)$/.exec(text ?? '');
  return match && Number(match[2]) > Number(match[1]) ? [Number(match[1]), Number(match[2])] : undefined;
}

/** The child drawn at a place; of several the last that is drawn. */
export function childAt(lanes: LanesExact, t: number, lane: number, slack: number): number | undefined {
  for (let i = lanes.idx.length - 1; i >= 0; i--) {
    const s = lanes.s[i] ?? 0;
    if (lanes.lane[i] === lane && t >= s - slack && t <= s + (lanes.d[i] ?? 0) + slack) return i;
  }
  return undefined;
}

/** A child in its lane; of one that runs nobody knows how long it takes. */
export interface Placed { idx: number; s: number; d: number | undefined; lane: number; status: Status }

export function placedAt(lanes: LanesExact, t: number, lane: number, slack: number): Placed | undefined {
  const { running } = lanes;
  const at = running?.lane.findIndex((one, i) => one === lane && t >= (running.s[i] ?? 0) - slack) ?? -1;
  if (running && at >= 0) return { idx: running.idx[at] ?? 0, s: running.s[at] ?? 0, d: undefined, lane, status: 'RUNNING' };
  const i = childAt(lanes, t, lane, slack);
  return i === undefined ? undefined : { idx: lanes.idx[i] ?? 0, s: lanes.s[i] ?? 0, d: lanes.d[i] ?? 0, lane, status: statusOf(lanes.st[i] ?? 1) };
}

/** All that are told one by one, as they started. */
export function placed(lanes: LanesExact): Placed[] {
  const { running } = lanes;
  const rows: Placed[] = lanes.idx.map((idx, i) => ({ idx, s: lanes.s[i] ?? 0, d: lanes.d[i] ?? 0, lane: lanes.lane[i] ?? 0, status: statusOf(lanes.st[i] ?? 1) }));
  running?.idx.forEach((idx, i) => rows.push({ idx, s: running.s[i] ?? 0, d: undefined, lane: running.lane[i] ?? 0, status: 'RUNNING' }));
  return rows.sort((a, b) => a.s - b.s || a.lane - b.lane);
}

/** So many lanes are taken, by who has ended and by who runs. */
export const lanesIn = (ended: number, running: RunningLanes | undefined): number => Math.max(1, ended, ...(running?.lane ?? []).map(lane => lane + 1));
