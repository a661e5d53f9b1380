// What the tracks draw. With a filter everything is drawn twice: all of it as a ghost, what is chosen in colour.

import type { JSX } from 'preact';
import { limitSteps } from '../../model/marks';
import { useMemo } from 'preact/hooks';
import type { Heatmap, MapRunSummary, Strip } from '../../api/types';
import { count, duration, offset, rate, shortDuration } from '../../model/format';
import { axisOf, cellsOn, hasGap, intensity, placeOn, tint, type Cell } from '../../model/heatmap';
import { durationMarks, roundUp, ticks } from '../../model/ticks';
import { Canvas, type Pen, type Rgb } from '../../widgets/canvas';

export interface Tracks {
  run: MapRunSummary; heat: Heatmap; strip: Strip; heatChosen: Heatmap | undefined; stripChosen: Strip | undefined;
  /** A filter holds. */
  on: boolean;
  range: { from: number; to: number } | undefined;
  band: { from: number; to: number } | undefined;
}

const tickRoom = (w: number): number => Math.max(2, Math.floor(w / 74));
const placeIn = (tracks: Tracks, pen: Pen) => (us: number): number => ((us - tracks.strip.t0) / (tracks.strip.t1 - tracks.strip.t0)) * pen.w;

function grid(tracks: Tracks, pen: Pen): void {
  const x = placeIn(tracks, pen);
  const { t0, t1 } = tracks.strip;
  for (const tick of ticks(t0, t1, tickRoom(pen.w)).at) if (tick > t0) pen.vertical('grid', x(tick));
}

/** The edges of the chosen time. */
function edges(tracks: Tracks, pen: Pen): void {
  if (!tracks.range) return;
  const x = placeIn(tracks, pen);
  pen.vertical('accent', Math.min(pen.w - 1, x(tracks.range.from)));
  if (Number.isFinite(tracks.range.to)) pen.vertical('accent', Math.min(pen.w - 1, x(tracks.range.to)));
}

export function AxisTrack({ tracks }: { tracks: Tracks }): JSX.Element {
  const { strip, range, run } = tracks;
  return (
    <div class="track axis">
      <div class="name" />
      <Canvas height={22} label="Time since the start of the Map Run" deps={[strip, range]} draw={pen => {
        const { c, w, h } = pen;
        const x = placeIn(tracks, pen);
        const marks = ticks(strip.t0, strip.t1, tickRoom(w));
        const from = range ? x(range.from) : 0;
        const to = range ? x(Math.min(range.to, strip.t1)) : 0;
        const text = range ? `${offset(range.from, marks.step / 10)} – ${offset(Math.min(range.to, strip.t1), marks.step / 10)}` : '';
        const half = range ? Math.max(to - from, c.measureText(text).width + 12) / 2 : 0;
        const mid = Math.max(half, Math.min(w - half, (from + to) / 2));
        const end = `${run.stop === undefined ? 'now ' : ''}${offset(strip.t1, marks.step / 10)}`;
        const room = c.measureText(end).width + 24;
        c.fillStyle = pen.token('text-3');
        for (const tick of marks.at) {
          const at = x(tick);
          if (at > w - room || (range && Math.abs(at - mid) < half + 16)) continue;
          c.textAlign = at < 10 ? 'left' : 'center';
          c.fillText(offset(tick, marks.step), at, 12);
        }
        if (!range || mid + half < w - room) {
          c.textAlign = 'right';
          c.fillStyle = pen.token('text-2');
          c.fillText(end, w, 12);
        }
        if (range) {
          c.fillStyle = pen.token('select');
          c.beginPath();
          c.roundRect(mid - half, 3, half * 2, h - 3, [2, 2, 0, 0]);
          c.fill();
          c.fillStyle = pen.token('text');
          c.textAlign = 'center';
          c.fillText(text, mid, 13);
        }
        c.textAlign = 'left';
      }} />
    </div>
  );
}

export function HeatTrack({ tracks }: { tracks: Tracks }): JSX.Element {
  const { heat, heatChosen, on, range, band } = tracks;
  const axis = axisOf(heat);
  const all = useMemo(() => cellsOn(heat, axis), [heat]);
  const chosen = useMemo(() => (heatChosen ? cellsOn(heatChosen, axis) : undefined), [heat, heatChosen]);
  const most = all.reduce((max, cell) => Math.max(max, cell.count), 1);
  const text = `${count(all.reduce((sum, cell) => sum + cell.count, 0))} children by when they ended and how long they took, from ${duration(heat.lo)} to ${duration(heat.hi)}; the table beside it says the same in numbers.`;
  return (
    <div class="track heat">
      <div class="name">
        <b>Duration</b>children per cell
        <div class="scale" /><div class="scale-ends"><span>1</span>{most > 20 ? <span>{count(Math.round(Math.sqrt(most)))}</span> : null}{most > 1 ? <span>{count(most)}</span> : null}</div>
        {tracks.run.failed > 0 ? <div class="v one"><i class="swatch fail" />over 2 % failed</div> : null}
      </div>
      <div class="plot">
        <Canvas height={190} label="Durations over time" describedBy="heat-text" deps={[heat, heatChosen, on, range, band]} draw={pen => {
          const y = (us: number): number => pen.h - placeOn(axis, us) * pen.h;
          grid(tracks, pen);
          for (const mark of durationMarks(axis.lo, axis.hi, 5)) pen.horizontal('grid', y(mark));
          drawCells(pen, heat, all, most, on);
          if (heatChosen && chosen) drawCells(pen, heatChosen, chosen, most, false);
          edges(tracks, pen);
          if (band) for (const at of [band.from, band.to]) if (at > axis.lo && at < axis.hi) pen.horizontal('accent', y(at));
          for (const mark of durationMarks(axis.lo, axis.hi, 5)) {
            const at = y(mark) - 7;
            if (at > 4 && at < pen.h - 4) pen.label(shortDuration(mark), 4, at);
          }
        }} />
        <p class="sr" id="heat-text">{text}</p>
      </div>
    </div>
  );
}

function drawCells(pen: Pen, map: Heatmap, cells: readonly Cell[], most: number, ghost: boolean): void {
  const { c, w, h } = pen;
  const ramp = Array.from({ length: 9 }, (_, i) => pen.rgb(`seq-${i}`));
  const surface = pen.rgb('surface');
  const grey = pen.rgb('abort-fill');
  const fail = pen.rgb('fail-fill');
  const rows = Array.from({ length: map.h + 1 }, (_, y) => Math.round(h - (y / map.h) * h));
  for (const { x, y, count: n, failed } of cells) {
    const strength = intensity(n, most);
    const share = tint(n, failed);
    let color = ghost ? blend(surface, grey, 0.08 + 0.5 * strength) : along(ramp, 0.1 + 0.9 * strength);
    if (share > 0) color = blend(color, fail, ghost ? share * 0.4 : share);
    const gap = !ghost && share > 0 && hasGap(n, failed) ? 1 : 0;
    const left = Math.round((x / map.w) * w);
    const right = Math.round(((x + 1) / map.w) * w);
    const top = rows[y + 1] ?? 0;
    const bottom = rows[y] ?? h;
    c.fillStyle = `rgb(${color.map(Math.round).join(' ')})`;
    c.fillRect(left, top, Math.max(1, right - left - gap), Math.max(1, bottom - top - gap));
  }
}

const blend = (a: Rgb, b: Rgb, t: number): Rgb => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
function along(ramp: readonly Rgb[], t: number): Rgb {
  const at = Math.max(0, Math.min(1, t)) * (ramp.length - 1);
  const i = Math.min(ramp.length - 2, Math.floor(at));
  return blend(ramp[i] ?? [0, 0, 0], ramp[i + 1] ?? [0, 0, 0], at - i);
}

/** Values of buckets as an area with a line on top. */
function area(pen: Pen, values: readonly number[], most: number, fill: string, line?: string): void {
  const { c, w, h } = pen;
  const step = w / values.length;
  const y = (value: number): number => h - (value / most) * (h - 8);
  const trace = (): void => values.forEach((value, i) => {
    c.lineTo(Math.round(i * step), y(value));
    c.lineTo(Math.round((i + 1) * step), y(value));
  });
  c.beginPath();
  c.moveTo(0, h);
  trace();
  c.lineTo(w, h);
  c.closePath();
  c.fillStyle = pen.token(fill);
  c.fill();
  if (!line) return;
  c.beginPath();
  trace();
  c.strokeStyle = pen.token(line);
  c.lineWidth = 1.25;
  c.stroke();
}

/** So that single events are a curve and not a comb: the mean of `n` buckets on each side. */
function smooth(values: readonly number[], n: number): number[] {
  return values.map((_, i) => {
    const near = values.slice(Math.max(0, i - n), i + n + 1);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}

export function RunningTrack({ tracks }: { tracks: Tracks }): JSX.Element {
  const { strip, stripChosen, on, run, range } = tracks;
  const limit = run.maxConcurrency;
  const most = Math.max(...strip.conc, 1);
  const now = run.stop === undefined ? run.executionCounts.running : Math.round(most);
  const limits = limitSteps(limit, run.marks).map(([, one]) => one).filter(one => one <= most * 4);
  const top = Math.max(most, ...limits);
  return (
    <div class="track">
      <div class="name"><b>Running</b><div class="v">{run.stop !== undefined ? `at most ${count(now)}${limit > 0 ? ` of ${count(limit)}` : ' at once'}`
        : <>{limit > 0 ? `of ${count(limit)} allowed` : 'at once'} <span>{count(now)}</span></>}</div></div>
      <Canvas height={48} label={`Children at work over time: at most ${count(Math.round(most))}`} deps={[strip, stripChosen, on, range]} draw={pen => {
        grid(tracks, pen);
        area(pen, strip.conc, top, on ? 'ghost' : 'k-fn-soft', on ? 'axis' : 'k-fn');
        if (stripChosen) area(pen, stripChosen.conc, top, 'k-fn-soft', 'k-fn');
        drawLimit(pen, tracks, top);
        edges(tracks, pen);
        pen.label(count(Math.round(top)), 4, 10);
      }} />
    </div>
  );
}

/** How many were allowed at once; where that is far above the picture, nothing. */
function drawLimit(pen: Pen, tracks: Tracks, top: number): void {
  const x = placeIn(tracks, pen);
  const steps = limitSteps(tracks.run.maxConcurrency, tracks.run.marks);
  const { c } = pen;
  c.strokeStyle = pen.token('text-2');
  c.lineWidth = 1;
  c.setLineDash([3, 3]);
  c.beginPath();
  let before: number | undefined;
  steps.forEach(([since, limit], i) => {
    if (limit <= 0 || limit > top) {
      before = undefined;
      return;
    }
    const y = Math.round(pen.h - (limit / top) * (pen.h - 8)) + 0.5;
    const from = Math.max(0, x(since));
    if (before === undefined) c.moveTo(from, y);
    else c.lineTo(from, y);
    c.lineTo(Math.min(pen.w, x(steps[i + 1]?.[0] ?? Infinity)), y);
    before = y;
  });
  c.stroke();
  c.setLineDash([]);
}

export function FinishedTrack({ tracks }: { tracks: Tracks }): JSX.Element {
  const { strip, stripChosen, on, range, run } = tracks;
  const perSecond = 1e6 / ((strip.t1 - strip.t0) / strip.w);
  const ends = smooth(strip.ends.map(value => value * perSecond), 1);
  const most = roundUp(Math.max(...ends, 0.001));
  const bad = smooth(strip.err.map(value => value * perSecond), 1);
  const value = run.stop === undefined ? rate(run.rate1m) : rate((run.n / Math.max(1, run.end)) * 1e6);
  return (
    <div class="track">
      <div class="name"><b>Finished</b><div class="v">per second <span>{value}</span></div></div>
      <Canvas height={48} label={`Children finished per second over time: at most ${rate(Math.max(...ends))}`} deps={[strip, stripChosen, on, range]} draw={pen => {
        grid(tracks, pen);
        area(pen, ends, most, on ? 'ghost' : 'ok-fill');
        if (!on) area(pen, bad, most, 'fail-fill');
        if (stripChosen) {
          area(pen, smooth(stripChosen.ends.map(one => one * perSecond), 1), most, 'ok-fill');
          area(pen, smooth(stripChosen.err.map(one => one * perSecond), 1), most, 'fail-fill');
        }
        edges(tracks, pen);
        pen.label(rate(most), 4, 10);
      }} />
    </div>
  );
}

export function PercentileTrack({ tracks }: { tracks: Tracks }): JSX.Element {
  const { strip, stripChosen, on, range, run } = tracks;
  const lines = [['max', 'longest', 'seq-7', run.max], ['p95', 'p95', 'seq-5', run.p95], ['p50', 'p50', 'seq-3', run.p50]] as const;
  return (
    <div class="track">
      <div class="name">{lines.map(([, word, token, value]) => <div key={word} class="v"><i style={{ background: `var(--${token})` }} />{word} <span>{run.n > 0 ? duration(value) : '–'}</span></div>)}</div>
      <Canvas height={58} label="Median, 95th percentile and longest duration over time" deps={[strip, stripChosen, on, range]} draw={pen => {
        const known = strip.p50.filter(value => value > 0);
        const axis = { lo: Math.max(1, Math.min(...known, 1e12) / 1.3), hi: Math.max(...strip.max, 2) * 1.3 };
        const y = (us: number): number => pen.h - 3 - placeOn(axis, us) * (pen.h - 6);
        const marks = durationMarks(axis.lo, axis.hi, 2);
        for (const mark of marks) pen.horizontal('grid', y(mark));
        grid(tracks, pen);
        for (const [name, , token] of lines) {
          curve(pen, strip[name], strip.ends, y, on ? 'axis' : token);
          if (stripChosen) curve(pen, stripChosen[name], stripChosen.ends, y, token);
        }
        edges(tracks, pen);
        for (const mark of marks) pen.label(shortDuration(mark), 4, Math.max(7, Math.min(pen.h - 7, y(mark) - 6)));
      }} />
    </div>
  );
}

/** A bucket in which fewer ended has no percentile worth a line. */
const LINE_FROM = 5;

/** A line through the buckets in which enough ended to say something; where few did, a dot each. */
function curve(pen: Pen, values: readonly number[], ends: readonly number[], y: (us: number) => number, token: string): void {
  const { c, w } = pen;
  const step = w / values.length;
  c.beginPath();
  c.fillStyle = pen.token(token);
  let before = -10;
  values.forEach((value, i) => {
    if (value <= 0) return;
    const at = (i + 0.5) * step;
    if ((ends[i] ?? 0) < LINE_FROM) return c.fillRect(at - 1.25, y(value) - 1.25, 2.5, 2.5);
    // A pause is no straight line.
    if (i - before > 6) c.moveTo(at - 3, y(value));
    c.lineTo(at, y(value));
    before = i;
  });
  c.strokeStyle = pen.token(token);
  c.lineWidth = 1.5;
  c.lineJoin = 'round';
  c.stroke();
}
