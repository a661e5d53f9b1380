// What bars are drawn on: a stretch of time, some of which may be folded away.

import { ticks } from './ticks';

/** A stretch in which nothing happens: drawn as a mark. µs. */
export interface Cut { from: number; to: number }
/** From `from` µs to `to` µs after the start of an execution; each of `cuts` (in order, apart) takes as much room as `mark` µs. */
export interface Scale { from: number; to: number; cuts?: readonly Cut[]; mark?: number }
/** A stretch of a bar, in shares of the scale, and its class. */
export interface Stretch { left: number; width: number; kind: string; cut: boolean }

/** The room that a mark takes, of all that is shown. */
const MARK_SHARE = 0.035;
/** So many marks at most: the longest stretches are folded. */
const CUTS_MAX = 12;

const lengthOf = ({ from, to, cuts = [], mark = 0 }: Scale): number => Math.max(1, to - from - cuts.reduce((sum, cut) => sum + cut.to - cut.from - mark, 0));

/** Where a time stands: 0 at the left, 1 at the right. */
export function placeIn(scale: Scale, us: number): number {
  const { from, cuts = [], mark = 0 } = scale;
  let at = us - from;
  for (const cut of cuts) {
    const length = cut.to - cut.from;
    if (us >= cut.to) at -= length - mark;
    else if (us > cut.from) at -= (us - cut.from) * (1 - mark / length);
  }
  return at / lengthOf(scale);
}

/** The time at a place. */
export function timeAt(scale: Scale, place: number): number {
  const { cuts = [], mark = 0 } = scale;
  let us = scale.from + place * lengthOf(scale);
  for (const cut of cuts) {
    if (us <= cut.from) break;
    const length = cut.to - cut.from;
    us += us - cut.from >= mark ? length - mark : (us - cut.from) * (length / mark - 1);
  }
  return us;
}

/** A stretch from `s` for `d` µs; nothing when it lies outside the scale. */
export function stretch(s: number, d: number, scale: Scale, kind: string): Stretch | undefined {
  const from = placeIn(scale, s);
  const to = placeIn(scale, s + d);
  if (to < 0 || from > 1) return undefined;
  const left = Math.max(0, from);
  return { left, width: Math.min(1, to) - left, kind, cut: to > 1.0001 };
}

/** The same moments counted from `at` on. */
export const shifted = (scale: Scale, at: number): Scale =>
  ({ ...scale, from: scale.from - at, to: scale.to - at, ...(scale.cuts ? { cuts: scale.cuts.map(cut => ({ from: cut.from - at, to: cut.to - at })) } : {}) });

/** The scale with its long idle stretches folded; the scale itself where there is none. `busy`: [from, to], in any order. */
export function folded(scale: Scale, busy: readonly (readonly [number, number])[]): Scale {
  const gaps: Cut[] = [];
  let at = scale.from;
  let work = 0;
  for (const [from, to] of [...busy].sort((a, b) => a[0] - b[0])) {
    const [s, e] = [Math.max(scale.from, from), Math.min(scale.to, to)];
    if (e <= at || s > scale.to) continue;
    if (s > at) gaps.push({ from: at, to: s });
    work += e - Math.max(s, at);
    at = e;
  }
  if (at < scale.to) gaps.push({ from: at, to: scale.to });
  const range = scale.to - scale.from;
  // Short ones tell how things follow each other, and a mark has to take less room than what it stands for.
  const least = Math.max(range * 0.08, Math.min(range, work) * 0.1);
  const cuts = gaps.filter(gap => gap.to - gap.from > least).sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, CUTS_MAX).sort((a, b) => a.from - b.from);
  if (cuts.length === 0) return scale;
  const left = range - cuts.reduce((sum, cut) => sum + cut.to - cut.from, 0);
  return { from: scale.from, to: scale.to, cuts, mark: Math.max(left, range * 0.001) * MARK_SHARE };
}

/** Round times on the scale, with their places; `step` says how precise they are. What a mark covers has none. */
export function ticksOn(scale: Scale, most: number): { step: number; at: { us: number; place: number }[] } {
  const cuts = scale.cuts ?? [];
  if (cuts.length === 0) {
    const { step, at } = ticks(scale.from, scale.to, most);
    return { step, at: at.map(us => ({ us, place: placeIn(scale, us) })) };
  }
  const { step } = ticks(0, lengthOf(scale), most);
  const at: { us: number; place: number }[] = [];
  let from = scale.from;
  for (const end of [...cuts.map(cut => cut.from), scale.to]) {
    for (let us = Math.ceil(from / step) * step; us <= end; us += step) at.push({ us, place: placeIn(scale, us) });
    from = cuts.find(cut => cut.from === end)?.to ?? end;
  }
  return { step, at };
}
