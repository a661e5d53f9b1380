// Children in their lanes: one by one where there is room, else as cells.

import type { LanesAnswer, LanesExact } from '../../api/types';
import { count, duration } from '../../model/format';
import { durationStep, STEP_TOKENS, type Color } from '../../model/lanes';
import { isFailure, statusOf } from '../../model/status';
import type { Pen } from '../../widgets/canvas';
import { bitmap, drawRunning, hatch } from './lane_paint';

/** Where lanes are drawn: from `top` px down, time by `x`. */
export interface LanePlace { top: number; l0: number; l1: number; x: (us: number) => number; color: Color; typical: number }

/** A lane is not higher than this, px. */
const LANE_MAX = 26;
/** From this height on a child says its number and how long it took. */
const LABEL_FROM = 13;

export function paintLanes(pen: Pen, answer: LanesAnswer, place: LanePlace): void {
  const { c, w, h } = pen;
  const { top, l0, l1, x } = place;
  c.save();
  c.beginPath();
  c.rect(0, top, w, h - top);
  c.clip();
  const lane = (h - top) / (l1 - l0);
  const pitch = answer.exact ? Math.min(LANE_MAX, lane) : lane;
  if (answer.exact) drawChildren(pen, answer, place, pitch);
  else {
    c.imageSmoothingEnabled = false;
    c.drawImage(bitmap(pen, answer), x(answer.t0), top + (answer.l0 - l0) * lane, x(answer.t1) - x(answer.t0), (answer.l1 - answer.l0) * lane);
  }
  if (answer.running) drawRunning(pen, answer.running, x, Math.min(w, x(answer.t1)), one => top + (one - l0) * pitch, pitch);
  c.restore();
}

function drawChildren(pen: Pen, lanes: LanesExact, { top, l0, x, color, typical }: LanePlace, pitch: number): void {
  const { c } = pen;
  const bad = hatch(pen, 'surface');
  const dots = hatch(pen, 'k-queue', true);
  const cold = hatch(pen, 'k-cold');
  const gap = pitch > 5 ? 2 : pitch > 3 ? 1 : 0;
  const high = Math.max(1, pitch - gap);
  for (let i = 0; i < lanes.idx.length; i++) {
    const y = top + ((lanes.lane[i] ?? 0) - l0) * pitch;
    if (y > pen.h) continue;
    const start = lanes.s[i] ?? 0;
    const left = x(start);
    const right = Math.max(left + 1, x(start + (lanes.d[i] ?? 0)) - 0.5);
    const status = statusOf(lanes.st[i] ?? 1);
    const failed = isFailure(status);
    const token = status === 'TIMED_OUT' ? 'timeout-fill' : failed ? 'fail-fill' : status === 'ABORTED' ? 'abort-fill' : tokenOf(lanes, i, color, typical);
    pen.fill(token, left, y, right - left, high);
    if (pitch < 5) continue;
    if (failed) { c.fillStyle = bad; c.globalAlpha = 0.35; c.fillRect(left, y, right - left, high); c.globalAlpha = 1; }
    const wait = Math.min(right, x(start + (lanes.wait[i] ?? 0)));
    if (wait - left > 2) { pen.fill('surface', left, y, wait - left, high); c.fillStyle = dots; c.fillRect(left, y, wait - left, high); }
    const warm = Math.min(right, x(start + (lanes.wait[i] ?? 0) + (lanes.cold[i] ?? 0)));
    if (warm - wait > 2) { pen.fill('k-cold-soft', wait, y, warm - wait, high); c.fillStyle = cold; c.fillRect(wait, y, warm - wait, high); }
    // What is left of one that was tried again is the time between its tries.
    const ran = Math.min(right, x(start + (lanes.wait[i] ?? 0) + (lanes.cold[i] ?? 0) + (lanes.run[i] ?? 0)));
    if ((lanes.retries[i] ?? 0) > 0 && right - ran > 4) {
      pen.fill('surface', ran, y, right - ran, high);
      for (let at = ran + 2; at < right - 1; at += 5) pen.fill('k-retry', at, y + high / 2 - 1, 2, 2);
    }
    const from = warm - left > 2 ? warm : left;
    if (pitch >= LABEL_FROM) name(pen, `#${count(lanes.idx[i] ?? 0)}`, duration(lanes.d[i] ?? 0), Math.max(0, from), Math.min(pen.w, (lanes.retries[i] ?? 0) > 0 ? Math.max(from, ran) : right), y + high / 2);
  }
}

/** What a child is, where its bar has room for it: on a plate, since bars have any colour. */
function name(pen: Pen, number: string, took: string, left: number, right: number, y: number): void {
  const { c } = pen;
  const text = `${number}  ${took}`;
  if (c.measureText(text).width <= right - left - 16) pen.label(text, left + 8, y);
}

function tokenOf(lanes: LanesExact, i: number, color: Color, typical: number): string {
  if (color === 'duration') return STEP_TOKENS[durationStep(lanes.d[i] ?? 0, typical)] ?? 'seq-1';
  if (color === 'status') return 'ok-fill';
  const on = color === 'retry' ? (lanes.retries[i] ?? 0) > 0 : (lanes.cold[i] ?? 0) > 0;
  return on ? 'seq-8' : 'seq-1';
}
