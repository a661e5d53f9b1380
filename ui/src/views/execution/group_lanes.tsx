import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LanesAnswer, MapRunSummary } from '../../api/types';
import { useAnswer } from '../../api/use';
import { mapRunHref } from '../../model/address';
import { count, plural, steady } from '../../model/format';
import { lanesIn, placedAt, rangeParameter, type Placed, type View } from '../../model/lanes';
import { placeIn, timeAt, type Scale } from '../../model/scale';
import { Canvas } from '../../widgets/canvas';
import { paintLanes } from '../maprun/lane_picture';
import { ChildTip, useAt } from '../maprun/lane_parts';
import { openChild } from '../maprun/open_child';

const HIGH_MAX = 148;
const LANE = 14;

interface Props { run: MapRunSummary; from: number; every: number; scale: Scale; depth: number; zoomTo: ((from: number, to: number) => void) | undefined }

/** A part of the time that holds this one, and its neighbours too: while one drags, the question stays the same. */
function around(t0: number, t1: number, end: number): { t0: number; t1: number } {
  const unit = 2 ** Math.ceil(Math.log2(Math.max(2, t1 - t0) / 2));
  return { t0: Math.floor(t0 / unit) * unit, t1: Math.max(1, Math.min(end, Math.ceil(t1 / unit) * unit)) };
}

/** Every child of a Map Run in the lane it ran in, on the time of the waterfall. */
export function GroupLanes({ run, from, every, scale, depth, zoomTo }: Props): JSX.Element {
  const typical = Math.max(1, steady(run.p50));
  // The part of the run that the waterfall shows.
  const [t0, t1] = [Math.max(0, Math.floor(scale.from - from)), Math.max(1, Math.min(run.end, Math.ceil(scale.to - from)))];
  const inSight = t0 < t1 && scale.to > from;
  const some = inSight && (t0 > 0 || t1 < run.end);
  const part = some ? around(t0, t1, run.end) : {};
  const asked = useAnswer<LanesAnswer>(inSight ? 'maprun/lanes' : undefined, { arn: run.mapRunArn, typical, w: 320, h: 36, lim: 1_500, ...part }, every);
  const answer = asked.data;
  const lanes = lanesIn(run.lanes, answer?.running);
  const height = Math.min(HIGH_MAX, Math.max(40, lanes * LANE));
  const [at, setAt] = useState<{ x: number; y: number; w: number } | undefined>();
  const view: View = { t0, t1, l0: 0, l1: lanes };
  const t = at && timeAt(scale, at.x) - from;
  const found: Placed | undefined = at && t !== undefined && answer?.exact ? placedAt(answer, t, Math.floor(at.y * lanes), ((scale.to - scale.from) / at.w) * 2) : undefined;
  const stands = useAt(run.mapRunArn, [], answer, view, at && t !== undefined && t >= t0 && t <= t1 ? { ...at, x: (t - t0) / (t1 - t0) } : undefined);
  const move = (event: PointerEvent): void => {
    const frame = (event.currentTarget as HTMLElement).getBoundingClientRect();
    setAt({ x: Math.max(0, Math.min(1, (event.clientX - frame.left) / frame.width)), y: Math.max(0, Math.min(0.999, (event.clientY - frame.top - 4) / height)), w: frame.width });
  };
  const open = (): void => {
    const idx = found?.idx ?? stands;
    if (idx !== undefined) void openChild(run.mapRunArn, idx);
    else if (t !== undefined && answer && !answer.exact) zoomTo?.(from + Math.max(t0, t - (t1 - t0) / 5), from + Math.min(t1, t + (t1 - t0) / 5));
  };
  const all = some ? mapRunHref(run.mapRunArn, [], { t: rangeParameter(t0, t1) }) : mapRunHref(run.mapRunArn);
  return (
    <div class="row lanes" role="treeitem" tabIndex={0} aria-level={depth + 1} style={{ '--d': depth }}>
      <div class="n"><div class="lane-keys"><div><b>Lanes</b> <a class="small" href={all}>Zoom in them</a></div><div class="t3 small">{plural(lanes, 'lane')}, every child as it ran; the stronger the colour, the longer</div></div></div>
      <div class="t" onPointerMove={move} onPointerLeave={() => setAt(undefined)} onClick={open}>
        <Canvas height={height} label={`${count(answer?.total ?? run.n)} children in ${count(lanes)} lanes`} deps={[answer, scale, from, height, typical]} draw={pen => {
          if (answer) paintLanes(pen, answer, { top: 0, l0: 0, l1: lanes, x: us => placeIn(scale, us + from) * pen.w, color: 'duration', typical });
        }} />
        {at && (found || stands !== undefined) ? <ChildTip of={found} stands={stands} x={at.x} top={4 + at.y * height * 0.6} /> : null}
      </div>
      <div class="d" />
    </div>
  );
}
