import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ChildrenAnswer, ChildRow, ErrorGroup, ErrorsAnswer, GraphAnswer, GraphNode, MapRunSummary, Strip, TreeAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { mapRunHref } from '../../model/address';
import { count, duration, plural, steady } from '../../model/format';
import { isFailure } from '../../model/status';
import { medianNear } from '../../model/strip';
import { childCounts, filterOf, type ChildCounts, type RunPart } from '../../model/parts';
import { placeIn, stretch, type Scale } from '../../model/scale';
import { nest, splitBars } from '../../model/tree';
import { aboveText } from '../../model/filter';
import { Canvas } from '../../widgets/canvas';
import { Icon, StatusGlyph } from '../../widgets/icon';
import { InSight } from '../../widgets/in_sight';
import { GroupLanes } from './group_lanes';
import { lookOf } from './states';
import { Line, list, Nodes, Ruler, type TreeProps } from './tree';

/** How often the children of a running Map Run are counted anew. */
export const MAP_RUN_EVERY_MS = 1_500;
type Props = TreeProps & { mapRun: string; from: number; /** Of one that was redriven, the children of this part alone. */ part?: RunPart | undefined };

/** The children of a Map Run as one row, and below it some of them: the slowest, one of each error, a typical one. */
export function MapRunGroup({ mapRun, from, part, ...props }: Props): JSX.Element {
  const every = props.live ? MAP_RUN_EVERY_MS : 0;
  const asked = useAnswer<MapRunSummary>('maprun/summary', { arn: mapRun }, every);
  const f = part ? filterOf(part) : [];
  const own = useAnswer<MapRunSummary>(part && 'maprun/summary', { arn: mapRun, f }, every);
  const after = useAnswer<MapRunSummary>(part?.to === undefined ? undefined : 'maprun/summary', { arn: mapRun, f: filterOf({ from: part?.to ?? 0 }) }, every);
  const strip = useAnswer<Strip>('maprun/strip', { arn: mapRun, w: 200 }, every);
  const graph = useAnswer<GraphAnswer>('exec/graph', { arn: props.arn }, props.live ? 2_000 : 0).data?.mapRuns.find(one => one.arn === mapRun);
  const [open, setOpen] = useState(true);
  const run = asked.data;
  const chosen = part ? own.data : run;
  if (!run || !chosen) return <div class="row group" />;
  const counts = childCounts(run, chosen, part, after.data?.n ?? 0);
  return (
    <>
      <GroupRow run={chosen} counts={counts} f={f} strip={clipped(strip.data, part)} from={from} scale={props.scale} depth={props.depth} open={open} onFold={() => setOpen(!open)} />
      {open && !part && graph && graph.nodes.length > 1 ? <States graph={graph} from={from} {...props} /> : null}
      {open && !part && run.lanes > 1 ? <InSight><GroupLanes run={run} from={from} every={every} scale={props.scale} depth={props.depth + 1} zoomTo={props.zoomTo} /></InSight> : null}
      {open && chosen.n > 0 ? <InSight><Examples run={chosen} f={f} every={every} {...props} /></InSight> : null}
    </>
  );
}

/** What of it is in a part: nothing at work outside of that. */
function clipped(strip: Strip | undefined, part: RunPart | undefined): Strip | undefined {
  if (!strip || !part) return strip;
  const bucket = (strip.t1 - strip.t0) / strip.w;
  const to = part.to ?? Infinity;
  const within = (values: number[]): number[] => values.map((value, i) => (strip.t0 + (i + 1) * bucket > part.from && strip.t0 + i * bucket < to ? value : 0));
  return { ...strip, conc: within(strip.conc), ends: within(strip.ends), err: within(strip.err) };
}

function GroupRow({ run, counts, f, strip, from, scale, depth, open, onFold }: { run: MapRunSummary; counts: ChildCounts; f: string[]; strip: Strip | undefined; from: number; scale: Scale; depth: number; open: boolean; onFold: () => void }): JSX.Element {
  const c = counts;
  const peak = Math.max(run.lanes, c.running);
  const arn = run.mapRunArn;
  return (
    <div class="row group" role="treeitem" tabIndex={0} aria-level={depth + 1} aria-expanded={open} style={{ '--d': depth }}>
      <div class="n">
        <button type="button" class="caret" tabIndex={-1} aria-expanded={open} aria-label={open ? 'Close' : 'Open'} onClick={onFold}><Icon name={open ? 'down' : 'right'} /></button>
        <div class="lines">
          <div><b>{plural(c.total, 'child', 'children')}</b> <a class="small" href={mapRunHref(arn)}>Open Map Run</a></div>
          <div class="t2">
            {c.failed ? <><a class="fail" href={mapRunHref(arn, [...f, 'status:failed,timed_out'])}>{count(c.failed)} failed</a>, </> : null}
            <a class="quiet" href={mapRunHref(arn, [...f, 'status:succeeded'])}>{count(c.succeeded)} ok</a>
            {c.running ? `, ${count(c.running)} running` : ''}{c.pending ? `, ${count(c.pending)} pending` : ''}{c.aborted ? `, ${count(c.aborted)} aborted` : ''}{c.later ? `, ${count(c.later)} ran in a later redrive` : ''}
          </div>
          {run.n > 0 ? <div class="t2">p50 {duration(run.p50)} · <a class="quiet" href={mapRunHref(arn, [...f, aboveText('dur', run.p95)])}>p95 {duration(run.p95)}</a> · max {duration(run.max)}</div> : null}
        </div>
      </div>
      <div class="t">{strip ? <GroupStrip strip={strip} typical={Math.max(1, steady(run.p50))} from={from} scale={scale} /> : null}</div>
      <div class="d"><div>{count(peak)}{c.later ? '+' : ''}</div><div class="t3 micro">at once</div></div>
    </div>
  );
}

/** The states inside, each over all children: when it was at work, and its percentiles. */
function States({ graph, from, depth, scale }: { graph: GraphAnswer['mapRuns'][number]; from: number } & TreeProps): JSX.Element {
  const some = graph.read < graph.started ? `, in ${count(graph.read)} of them` : '';
  return (
    <>
      {graph.nodes.map(node => (
        <Line key={node.name} depth={depth + 1} caret={undefined} glyph={<StatusGlyph status="" look={lookOf(node)} title={lookOf(node)} />} name={node.name} kind={`${node.type} × ${count(node.entered)}${some}`}
          title={`p50 ${duration(node.p50)}, p95 ${duration(node.p95)}, longest ${duration(node.max)}`} 
          stretches={node.conc ? [] : list(stretch(from + node.s, node.e - node.s, scale, 'k-group'))} picture={node.conc ? <AtWork node={node} conc={node.conc} from={from} scale={scale} /> : undefined} onFold={() => {}} failed={false} selected={false} onSelect={() => {}} scale={scale} duration={`p95 ${duration(node.p95)}`} />
      ))}
    </>
  );
}

/** When a state was at work, and how many of it. */
function AtWork({ node, conc, from, scale }: { node: GraphNode; conc: readonly number[]; from: number; scale: Scale }): JSX.Element {
  const most = Math.max(...conc, 1e-9);
  return (
    <Canvas height={22} label={`${node.name} at work over time`} deps={[node, scale, from]} draw={pen => {
      const x = (part: number): number => placeIn(scale, from + node.s + ((node.e - node.s) * part) / conc.length) * pen.w;
      conc.forEach((n, i) => {
        const left = Math.floor(x(i));
        const high = n > 0 ? Math.max(1.5, (n / most) * 14) : 0;
        pen.fill(node.function ? 'k-fn' : 'k-state', left, 18 - high, Math.max(1, Math.ceil(x(i + 1)) - left), high);
      });
    }} />
  );
}

/** What took as long as usual is quiet. */
const slowToken = (times: number): string => (times > 2.5 ? 'seq-6' : times > 1.5 ? 'seq-4' : 'seq-1');

/** How many ran: an area, darker where they were slow, and the share that failed in it. */
function GroupStrip({ strip, typical, from, scale }: { strip: Strip; typical: number; from: number; scale: Scale }): JSX.Element {
  const slow = useMemo(() => medianNear(strip), [strip]);
  return (
    <Canvas height={60} label="Children at work over time" deps={[strip, typical, scale, from]} draw={pen => {
      const { w, h } = pen;
      const x = (us: number): number => placeIn(scale, us + from) * w;
      const peak = Math.max(...strip.conc, 1e-9);
      const bucket = (strip.t1 - strip.t0) / strip.w;
      const base = h - 4;
      for (let i = 0; i < strip.w; i++) {
        const left = Math.floor(x(strip.t0 + i * bucket));
        const width = Math.max(1, Math.ceil(x(strip.t0 + (i + 1) * bucket)) - left);
        const conc = strip.conc[i] ?? 0;
        const high = conc > 0 ? Math.max(1, (conc / peak) * (h - 16)) : 0;
        pen.fill(slowToken((slow[i] ?? 0) / typical), left, base - high, width, high);
        const ends = strip.ends[i] ?? 0;
        // Of those at work, so that a single one of many is no wall.
        const bad = ends > 0 ? (strip.err[i] ?? 0) / Math.max(ends, conc) : 0;
        if (bad > 0) pen.fill('fail-fill', left, base - Math.max(2, bad * high), width, Math.max(2, bad * high));
      }
      pen.horizontal('axis', base);
    }} />
  );
}

function Examples({ run, f, every, ...props }: { run: MapRunSummary; f: string[]; every: number } & TreeProps): JSX.Element {
  const arn = run.mapRunArn;
  const slowest = useAnswer<ChildrenAnswer>('maprun/children', { arn, f, sort: 'dur:desc', limit: 5 }, every);
  const errors = useAnswer<ErrorsAnswer>(run.failed > 0 ? 'maprun/errors' : undefined, { arn, f }, every);
  const typical = useAnswer<ChildrenAnswer>(run.n > 5 ? 'maprun/children' : undefined, { arn, f: [...f, 'status:succeeded', `dur:>=${steady(run.p50)}us`], sort: 'dur:asc', limit: 1 }, 0);
  const depth = props.depth + 1;
  const slow = slowest.data?.rows ?? [];
  const most = slow[0]?.d ?? 1;
  const groups = (errors.data?.groups ?? []).slice(0, 5);
  const one = typical.data?.rows[0];
  return (
    <>
      {slow.length > 0 ? <Ruler text={run.n > slow.length ? `Slowest ${slow.length}` : 'All children, slowest first'} scale={{ from: 0, to: most * 1.02 }} depth={depth} /> : null}
      {slow.map(child => <Child key={child.idx} child={child} {...props} depth={depth} scale={{ from: 0, to: most * 1.02 }} />)}
      {groups.length > 0 && run.n > slow.length ? <OneOfEach mapRun={arn} groups={groups} {...props} depth={depth} /> : null}
      {one && run.n > slow.length ? (
        <>
          <Ruler text="Typical, nearest to p50" scale={{ from: 0, to: one.d * 1.05 }} depth={depth} />
          <Child child={one} {...props} depth={depth} scale={{ from: 0, to: one.d * 1.05 }} />
        </>
      ) : null}
    </>
  );
}

function OneOfEach({ mapRun, groups, depth, ...props }: { mapRun: string; groups: ErrorGroup[] } & TreeProps): JSX.Element {
  const [longest, setLongest] = useState<Record<number, number>>({});
  const values = Object.values(longest);
  // A single long one leaves the scale, so that the others can be read.
  const sorted = [...values].sort((a, b) => a - b);
  const typical = sorted[Math.floor((sorted.length - 1) / 2)] ?? 1;
  const most = Math.min(sorted.at(-1) ?? 1, Math.max(typical * 4, 1));
  return (
    <>
      <Ruler text="One of each error" scale={{ from: 0, to: most * 1.05 }} depth={depth} />
      {groups.map(group => <ErrorExample key={group.id} mapRun={mapRun} group={group} {...props} depth={depth} scale={{ from: 0, to: most * 1.05 }} onLength={d => { if (longest[group.id] !== d) setLongest(now => ({ ...now, [group.id]: d })); }} />)}
    </>
  );
}

function ErrorExample({ mapRun, group, onLength, ...props }: { mapRun: string; group: ErrorGroup; onLength: (d: number) => void } & TreeProps): JSX.Element | null {
  const asked = useAnswer<ChildrenAnswer>('maprun/children', { arn: mapRun, f: `index:${group.ex[0] ?? 0}`, limit: 1 }, 0);
  const child = asked.data?.rows[0];
  if (!child) return <div class="row" />;
  queueMicrotask(() => onLength(child.d));
  return <Child child={child} {...props} note={`${group.error ?? 'error'} × ${count(group.n)}`} />;
}

/** A child from its own start; open, its states and calls. */
function Child({ child, note, ...props }: { child: ChildRow; note?: string } & TreeProps): JSX.Element {
  const [open, setOpen] = useState(false);
  // What was aborted after a retry has failed until then.
  const failed = child.status === 'FAILED' || (child.status === 'ABORTED' && child.retries > 0) ? 'bad' : child.status === 'TIMED_OUT' ? 'bad to' : '';
  const { depth, scale, chosen, choose } = props;
  return (
    <>
      <Line
        depth={depth} caret={open} onFold={() => setOpen(!open)} failed={isFailure(child.status)} glyph={<StatusGlyph status={child.status} />}
        name={`#${count(child.idx)}`} kind={note ?? (child.key ? cutFront(child.key) : '')} title={child.key ?? child.name}
        stretches={splitBars({ wait: child.wait, cold: child.cold, run: child.run, retryWait: child.retryWait, other: child.other }, failed, scale)} scale={scale}
        duration={duration(child.d)} us={child.d} selected={chosen.arn === child.arn && chosen.id === 'child'} onSelect={() => choose({ arn: child.arn, id: 'child' })}
      />
      {open ? <ChildTree {...props} arn={child.arn} depth={depth + 1} zoomTo={undefined} /> : null}
    </>
  );
}

function ChildTree(props: TreeProps): JSX.Element {
  const asked = useAnswer<TreeAnswer>('exec/tree', { arn: props.arn }, 0);
  if (!asked.data) return <div class="row" />;
  const [root, ...redrives] = nest(asked.data.rows);
  return <Nodes nodes={[...(root?.kids ?? []), ...redrives]} {...props} />;
}

const cutFront = (key: string): string => (key.length <= 28 ? key : `…${key.slice(-27)}`);
