import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Heatmap, Strip } from '../../api/types';
import { useAnswer } from '../../api/use';
import { rangeOf, rangeText } from '../../model/filter';
import { count, duration, moment, offset, rate, shortDuration } from '../../model/format';
import { axisOf, bandOf, cellAt, cellsOn, valueAt, type Axis, type Cell } from '../../model/heatmap';
import { markText, markTitle } from '../../model/marks';
import { tickStep } from '../../model/ticks';
import { Icon } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { setState } from '../../widgets/place';
import { usePreferences } from '../../widgets/preferences';
import { Failure, Skeleton } from '../../widgets/states';
import type { RunView } from './maprun';
import { openChild } from './open_child';
import { TimeTable } from './time_table';
import { AxisTrack, FinishedTrack, HeatTrack, PercentileTrack, RunningTrack, type Tracks } from './tracks';

const BUCKETS = 240;

/** Tracks over one time axis: durations, how many ran, how many finished, percentiles. A drag filters every panel. */
export function OverTime({ view }: { view: RunView }): JSX.Element {
  const { run, filters, every } = view;
  const { zone } = usePreferences();
  const [table, setTable] = useState(false);
  const arn = run.mapRunArn;
  const on = filters.length > 0;
  // Few children fill few cells: they are drawn larger.
  const cells = run.n > 20_000 ? { w: 192, h: 48 } : run.n > 2_000 ? { w: 144, h: 40 } : { w: 96, h: 28 };
  const heat = useAnswer<Heatmap>('maprun/heatmap', { arn, ...cells }, every);
  const strip = useAnswer<Strip>('maprun/strip', { arn, w: BUCKETS }, every);
  const heatChosen = useAnswer<Heatmap>(on ? 'maprun/heatmap' : undefined, { arn, ...cells, f: filters }, every);
  const stripChosen = useAnswer<Strip>(on ? 'maprun/strip' : undefined, { arn, w: BUCKETS, f: filters }, every);
  const tracks: Tracks | undefined = heat.data && strip.data ? {
    run, heat: heat.data, strip: strip.data, heatChosen: on ? heatChosen.data : undefined, stripChosen: on ? stripChosen.data : undefined,
    on, range: rangeOf(filters, 'end') ?? rangeOf(filters, 'start'), band: rangeOf(filters, 'dur'),
  } : undefined;
  const failure = heat.error ? heat : strip.error ? strip : undefined;
  return (
    <Panel title="Over time" sub={`since ${moment(run.start, run.start + run.end, zone)} · ${table ? 'a row filters every panel' : 'drag to filter every panel'}`}
      tools={<button type="button" class="btn plain small" aria-pressed={table} onClick={() => setTable(!table)}><Icon name="table" />{table ? 'Picture' : 'Table'}</button>}>
      {failure ? <div class="pad"><Failure asked={failure} what="The picture" /></div> : null}
      {!tracks ? (failure ? null : <Skeleton lines={13} />) : table ? <TimeTable strip={tracks.stripChosen ?? tracks.strip} view={view} /> : <Picture tracks={tracks} view={view} />}
    </Panel>
  );
}

interface Drag { x0: number; x1: number; y0: number; y1: number; heat: boolean }

function Picture({ tracks, view }: { tracks: Tracks; view: RunView }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<{ x: number; y: number; w: number; heat: boolean } | undefined>();
  const [drag, setDrag] = useState<Drag | undefined>();
  const shown = tracks.heatChosen ?? tracks.heat;
  const axis = axisOf(tracks.heat);
  const cells = useMemo(() => cellsOn(shown, axis), [shown, tracks.heat]);
  const { t0, t1 } = tracks.strip;
  const timeAt = (x: number): number => t0 + x * (t1 - t0);

  /** Where a pointer is: shares of the plot, and whether over the heat map. */
  const placeOf = (event: PointerEvent): { x: number; y: number; w: number; heat: boolean } | undefined => {
    const plot = box.current?.querySelector('.heat canvas')?.getBoundingClientRect();
    if (!plot) return undefined;
    const x = (event.clientX - plot.left) / plot.width;
    if (x < -0.002) return undefined;
    const y = 1 - (event.clientY - plot.top) / plot.height;
    return { x: Math.max(0, Math.min(1, x)), y, w: plot.width, heat: y >= 0 && y <= 1 };
  };
  const down = (event: PointerEvent): void => {
    const at = placeOf(event);
    if (!at || event.button !== 0) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    setDrag({ x0: at.x, x1: at.x, y0: at.y, y1: at.y, heat: at.heat });
  };
  const move = (event: PointerEvent): void => {
    const at = placeOf(event);
    setHover(at);
    if (drag && at) setDrag({ ...drag, x1: at.x, y1: Math.max(0, Math.min(1, at.y)) });
  };
  const up = (): void => {
    if (!drag) return;
    setDrag(undefined);
    const wide = Math.abs(drag.x1 - drag.x0) * (hover?.w ?? 600) > 4;
    const high = drag.heat && Math.abs(drag.y1 - drag.y0) > 0.12;
    if (!wide && !high) {
      const cell = drag.heat ? cellAt(cells, shown, drag.x0, drag.y0) : undefined;
      if (cell) void openChild(view.run.mapRunArn, cell.example);
      return;
    }
    let filters = view.filters.filter(one => !(wide && /^(end|start):/.test(one)) && !(high && one.startsWith('dur:')));
    if (wide) filters = [...filters, rangeText('end', round(timeAt(Math.min(drag.x0, drag.x1)), t1 - t0), round(timeAt(Math.max(drag.x0, drag.x1)), t1 - t0))];
    if (high) filters = [...filters, rangeText('dur', Math.round(valueAt(axis, Math.min(drag.y0, drag.y1))), Math.round(valueAt(axis, Math.max(drag.y0, drag.y1))))];
    setState({ f: filters }, true);
  };
  const cell = hover?.heat ? cellAt(cells, shown, hover.x, hover.y) : undefined;
  return (
    <div class={`tracks ${drag ? 'dragging' : ''}`} ref={box} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={() => setDrag(undefined)} onPointerLeave={() => { if (!drag) setHover(undefined); }}>
      <AxisTrack tracks={tracks} />
      <HeatTrack tracks={tracks} />
      <RunningTrack tracks={tracks} />
      <FinishedTrack tracks={tracks} />
      <PercentileTrack tracks={tracks} />
      <Marks tracks={tracks} />
      <div class="over">
        {drag ? <div class="brush" style={{ left: `${Math.min(drag.x0, drag.x1) * 100}%`, width: `${Math.abs(drag.x1 - drag.x0) * 100}%` }} /> : null}
        {hover ? <div class="cursor" style={{ left: `${hover.x * 100}%` }} /> : null}
        {hover ? <Tip tracks={tracks} cell={cell} rows={{ ...axis, h: shown.h }} at={timeAt(hover.x)} x={hover.x} /> : null}
      </div>
    </div>
  );
}

/** Changes of the limits, on the time axis. */
function Marks({ tracks }: { tracks: Tracks }): JSX.Element | null {
  const { run, strip } = tracks;
  const within = (t: number): boolean => t >= strip.t0 && t <= strip.t1;
  const shown = run.marks.filter(mark => within(mark.t));
  const redriven = run.redriven === undefined ? undefined : run.redriven - run.start;
  const again = redriven !== undefined && within(redriven) ? (redriven - strip.t0) / (strip.t1 - strip.t0) : undefined;
  if (shown.length === 0 && again === undefined) return null;
  return (
    <ol class="over marks" aria-label="Changes of the limits, redrives">
      {shown.map(mark => {
        const at = (mark.t - strip.t0) / (strip.t1 - strip.t0);
        return <li key={`${mark.t}${mark.kind}`} class={at > 0.6 ? 'left' : ''} style={{ left: `${at * 100}%` }} title={markTitle(mark)}><span>{markText(mark)}</span></li>;
      })}
      {again === undefined ? null : <li class={again > 0.6 ? 'left' : ''} style={{ left: `${again * 100}%` }}><span>{run.redrives === 1 ? 'redriven' : `redrive ${run.redrives}`}</span></li>}
    </ol>
  );
}

/** To a precision that one sees in the picture. */
function round(us: number, range: number): number {
  const unit = tickStep(range, 2_000);
  return Math.max(0, Math.round(us / unit) * unit);
}

function Tip({ tracks, cell, rows, at, x }: { tracks: Tracks; cell: Cell | undefined; rows: Axis & { h: number }; at: number; x: number }): JSX.Element {
  const { strip } = tracks;
  const source = tracks.stripChosen ?? strip;
  const i = Math.max(0, Math.min(strip.w - 1, Math.floor(((at - strip.t0) / (strip.t1 - strip.t0)) * strip.w)));
  const bucket = (strip.t1 - strip.t0) / strip.w;
  const band = cell ? bandOf(rows, cell.y) : undefined;
  const step = Math.min(1e6, bucket);
  return (
    <div class="tip" style={x > 0.6 ? { right: `calc(${(1 - x) * 100}% + 10px)` } : { left: `calc(${x * 100}% + 10px)` }}>
      <div class="h">{offset(at, step)}{band ? ` · ${shortDuration(Number(band[0].toPrecision(2)))} to ${shortDuration(Number(band[1].toPrecision(2)))}` : ''}</div>
      <dl>
        {cell ? <><dt>children</dt><dd>{count(cell.count)}</dd><dt>failed</dt><dd>{count(cell.failed)}</dd></> : (
          <><dt>running</dt><dd>{count(Math.round(source.conc[i] ?? 0))}</dd><dt>finished</dt><dd>{rate(((source.ends[i] ?? 0) / bucket) * 1e6)} /s</dd>{source.err[i] ? <><dt>failed</dt><dd>{count(source.err[i] ?? 0)}</dd></> : null}{source.ends[i] ? <><dt>p95</dt><dd>{duration(source.p95[i] ?? 0)}</dd></> : null}</>
        )}
      </dl>
      <div class="foot">{cell ? `Click opens #${count(cell.example)}${cell.failed ? ', failed' : ''}` : 'Drag to filter'}</div>
    </div>
  );
}
