import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { snapshot } from '../../api/snapshot';
import type { GroupRow, SpanRow, TreeAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { count, duration, offset, shortDuration } from '../../model/format';
import { isFailure, type Look } from '../../model/status';
import { placeIn, shifted, stretch, ticksOn, type Scale, type Stretch } from '../../model/scale';
import { ticks } from '../../model/ticks';
import { partOf } from '../../model/parts';
import { bars, kindText, nameOf, nest, type TreeNode } from '../../model/tree';
import { Icon, StatusGlyph } from '../../widgets/icon';
import { Failure } from '../../widgets/states';
import { MapRunGroup } from './map_run_group';

/** A row by its execution and span. */
export interface Chosen { arn: string; id: string }
export interface TreeProps { arn: string; scale: Scale; depth: number; live: boolean; chosen: Chosen; choose: (next: Chosen) => void; /** Shows this part of the time alone, where rows are on the time of the execution. */ zoomTo?: ((from: number, to: number) => void) | undefined }

/** Whether a tick's label ends before the axis does, or before what stands next; the tick itself is drawn all the same. */
const hasRoom = (share: number, next = 1): boolean => share < next - 0.08;

export function Axis({ scale, title = 'Span' }: { scale: Scale; title?: string }): JSX.Element {
  const { step, at } = ticksOn(scale, 6);
  const cuts = scale.cuts ?? [];
  const marks = cuts.map(cut => ({ cut, place: placeIn(scale, cut.from), end: placeIn(scale, cut.to) }));
  const places = [...at.map(tick => tick.place), ...marks.map(mark => mark.place), 1];
  const text = (us: number): string => (us === 0 ? '0' : step >= 1e6 && scale.to > 100e6 ? offset(us, step) : shortDuration(us));
  return (
    <div class="row axis" aria-hidden="true">
      <div class="n">{title}</div>
      <div class="t">
        {at.map(({ us, place }) => <span key={us} style={{ left: `${place * 100}%` }}>{hasRoom(place, Math.min(...places.filter(other => other > place), 1)) ? text(us) : ''}</span>)}
        {marks.map(({ cut, place, end }) => <b key={cut.from} class="fold" style={{ left: `${place * 100}%`, width: `${(end - place) * 100}%` }} title={`${duration(cut.to - cut.from)} in which nothing was at work`}>{shortDuration(Number((cut.to - cut.from).toPrecision(2)))}</b>)}
      </div>
      <div class="d">Duration</div>
    </div>
  );
}

/** A ruler of its own, for a group of children from their own start. */
export function Ruler({ text, scale, depth }: { text: string; scale: Scale; depth: number }): JSX.Element {
  const marks = ticks(scale.from, scale.to, 5);
  return (
    <div class="row head" style={{ '--d': depth }}>
      <div class="n"><b>{text}</b></div>
      <div class="t">{marks.at.map(tick => <span key={tick} style={{ left: `${(tick / scale.to) * 100}%` }}>{tick === 0 ? '0' : hasRoom(tick / scale.to) ? shortDuration(tick) : ''}</span>)}</div>
      <div class="d" />
    </div>
  );
}

export function Nodes({ nodes, ...props }: { nodes: TreeNode[] } & TreeProps): JSX.Element {
  return <>{nodes.map(node => (node.row.row === 'group' ? <Group key={node.row.id} row={node.row} {...props} /> : <SpanNode key={node.row.id} node={node} row={node.row} {...props} />))}</>;
}

/** Whether a redrive of a Map Run stands for children of its own. A file has no answers about some of the children. */
const hasOwn = (row: SpanRow): boolean => !snapshot && row.kind === 'map_run' && row.redrive !== undefined && row.resource?.includes(':mapRun:') === true;

function SpanNode({ node, row, ...props }: { node: TreeNode; row: SpanRow } & TreeProps): JSX.Element {
  const isRun = row.kind === 'map_run' && row.resource?.includes(':mapRun:') === true;
  const [open, setOpen] = useState<boolean | undefined>(undefined);
  const expandable = row.kids > 0 || row.nested !== undefined || hasOwn(row);
  const shown = open ?? (row.open || hasOwn(row));
  const { arn, scale, depth, live, chosen, choose } = props;
  // The Map state above says when it ran: its children are told at once.
  if (isRun && row.resource && !row.redrive) return <MapRunGroup {...props} mapRun={row.resource} from={row.s} part={snapshot ? undefined : partOf(row)} />;
  return (
    <>
      <Line
        depth={depth} caret={expandable ? shown : undefined} onFold={() => setOpen(!shown)} failed={isFailure(row.status) && !row.caught}
        glyph={<StatusGlyph status={row.status} {...lookOfRow(row)} />} name={nameOf(row)} kind={kindText(row)} title={`${row.name} ${row.error ?? ''}`}
        stretches={bars(row, scale)} scale={scale} duration={row.status === 'RUNNING' && !live ? '–' : duration(row.d)}
        selected={chosen.id === row.id && chosen.arn === arn} dataName={row.name} {...(row.kind === 'execution' ? {} : { us: row.d })} onSelect={() => choose({ arn, id: row.id })} onZoom={props.zoomTo && (() => props.zoomTo?.(row.s, row.s + row.d))}
      />
      {shown ? <Inner node={node} row={row} {...props} /> : null}
    </>
  );
}

function Inner({ node, row, ...props }: { node: TreeNode; row: SpanRow } & TreeProps): JSX.Element {
  const below = { ...props, depth: props.depth + 1 };
  return (
    <>
      {row.open ? <Nodes nodes={node.kids} {...below} /> : row.kids > 0 ? <Asked question={{ arn: props.arn, parent: row.id }} {...below} /> : null}
      {hasOwn(row) ? <MapRunGroup {...below} mapRun={row.resource ?? ''} from={row.first ?? row.s} part={partOf(row)} /> : null}
      {row.nested ? <Nested nested={row.nested} at={row.s} {...below} /> : null}
    </>
  );
}

/** Rows that come when they are asked for; more of them a page at a time. */
export function Asked({ question, ...props }: { question: Record<string, string> } & TreeProps): JSX.Element {
  const [pages, setPages] = useState(1);
  return <>{Array.from({ length: pages }, (_, i) => <Page key={i} question={question} after={i * 200} last={i === pages - 1} onMore={() => setPages(pages + 1)} {...props} />)}</>;
}

function Page({ question, after, last, onMore, ...props }: { question: Record<string, string>; after: number; last: boolean; onMore: () => void } & TreeProps): JSX.Element {
  const asked = useAnswer<TreeAnswer>('exec/tree', { ...question, after: after || undefined }, props.live ? 1_000 : 0);
  if (!asked.data) return asked.error ? <Failure asked={asked} what="What is below" /> : <div class="row" />;
  const left = asked.data.total - (asked.data.next ?? asked.data.total);
  return (
    <>
      <Nodes nodes={nest(asked.data.rows)} {...props} />
      {last && left > 0 ? <div class="row" style={{ '--d': props.depth }}><div class="n"><button type="button" class="btn small" onClick={onMore}>{count(Math.min(200, left))} more of {count(left)}</button></div></div> : null}
    </>
  );
}

/** An execution that a task started: its own spans, on the time of the one that started it. */
function Nested({ nested, at, ...props }: { nested: string; at: number } & TreeProps): JSX.Element {
  const asked = useAnswer<TreeAnswer>('exec/tree', { arn: nested }, props.live ? 1_000 : 0);
  if (!asked.data) return asked.error ? <div class="row" style={{ '--d': props.depth }}><div class="n t3">not in this store</div></div> : <div class="row" />;
  const scale = shifted(props.scale, at);
  const { zoomTo } = props;
  return <Nodes nodes={nest(asked.data.rows)} {...props} arn={nested} scale={scale} zoomTo={zoomTo && ((from, to) => zoomTo(from + at, to + at))} />;
}

/** Siblings that are alike. */
function Group({ row, ...props }: { row: GroupRow } & TreeProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const { scale, depth } = props;
  return (
    <>
      <Line
        depth={depth} caret={open} onFold={() => setOpen(!open)} failed={row.failed > 0}
        glyph={<StatusGlyph status={row.failed ? 'FAILED' : row.running ? 'RUNNING' : row.aborted ? 'ABORTED' : 'SUCCEEDED'} title={row.failed ? `${row.failed} failed` : row.running ? `${row.running} running` : row.aborted ? `${row.aborted} aborted` : 'all succeeded'} />}
        name={`${count(row.n)} ${row.kind === 'iteration' ? 'iterations' : row.name}`}
        kind={[row.failed ? `${count(row.failed)} failed` : '', row.running ? `${count(row.running)} running` : '', row.aborted ? `${count(row.aborted)} aborted` : '', `p95 ${duration(row.p95)}`].filter(Boolean).join(', ')}
        title={row.name} stretches={list(stretch(row.s, row.d, scale, 'k-group'))} scale={scale}
        duration={`p50 ${duration(row.p50)}`} selected={false} onSelect={() => setOpen(!open)}
      />
      {open ? <Asked question={{ arn: props.arn, parent: row.parent, group: row.group }} {...props} depth={depth + 1} /> : null}
    </>
  );
}

const lookOfRow = (row: SpanRow): { look?: Look; title?: string } => {
  if (row.caught) return { look: 'warn', title: `Caught ${row.error ?? 'an error'}` };
  if (row.kind === 'queue' || row.kind === 'cold_start' || row.kind === 'retry_wait') return { look: 'idle', title: '' };
  return {};
};

export const list = (one: Stretch | undefined): Stretch[] => (one ? [one] : []);
const tickShare = (scale: Scale): number => (scale.cuts ? 2 : ticks(scale.from, scale.to, 6).step / Math.max(1, scale.to - scale.from));
/** Where the grid of a scale begins, as a share of its step: a part of the time begins between two ticks. */
const tickStart = (scale: Scale): number => { const { step } = ticks(scale.from, scale.to, 6); return (Math.ceil(scale.from / step) * step - scale.from) / Math.max(1, scale.to - scale.from); };

export interface LineProps {
  depth: number; caret: boolean | undefined; onFold: () => void; failed: boolean; glyph: ComponentChildren; name: ComponentChildren; kind: ComponentChildren; title: string;
  stretches: Stretch[]; scale: Scale; duration: string; selected: boolean; onSelect: () => void; onZoom?: (() => void) | undefined; dataName?: string;
  /** In place of bars. */
  picture?: ComponentChildren;
  /** How long it took, for who looks for the slowest. */
  us?: number;
}

export function Line(props: LineProps): JSX.Element {
  const { depth, caret, onFold, failed, glyph, name, kind, title, stretches, scale, selected, onSelect } = props;
  return (
    <div class="row" role="treeitem" tabIndex={0} aria-level={depth + 1} aria-selected={selected} data-failed={failed ? '1' : undefined} data-name={props.dataName} data-us={props.us} style={{ '--d': Math.min(depth, 12) }} title={title} onClick={onSelect} onDblClick={props.onZoom}>
      <div class="n">
        {caret === undefined ? <span class="caret" /> : <button type="button" class="caret" tabIndex={-1} aria-expanded={caret} aria-label={caret ? 'Close' : 'Open'} onClick={event => { event.stopPropagation(); onFold(); }}><Icon name={caret ? 'down' : 'right'} /></button>}
        {glyph}<span class="nm cut">{name}</span><span class="kind">{kind}</span>
      </div>
      <div class="t" style={{ '--tick': `${tickShare(scale) * 100}%`, ...(scale.from > 0 && !scale.cuts ? { '--tick-at': `${tickStart(scale) * 100}%` } : {}) }}>
        {props.picture}
        {stretches.map((one, i) => <i key={i} class={one.kind} style={{ left: `${one.left * 100}%`, width: `${one.width * 100}%` }} />)}
        {scale.cuts?.map(cut => <b key={cut.from} class="fold" style={{ left: `${placeIn(scale, cut.from) * 100}%`, width: `${(placeIn(scale, cut.to) - placeIn(scale, cut.from)) * 100}%` }} />)}
        {stretches.some(one => one.cut) ? <b class="brk" title="goes on" /> : null}
      </div>
      <div class="d">{props.duration}</div>
    </div>
  );
}
