import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Counts, ExecutionSummary, GraphAnswer, GraphEdge, GraphNode, MapRunLine, MapRunSummary } from '../../api/types';
import { passes, useAnswer, useOperation } from '../../api/use';
import { mapRunHref } from '../../model/address';
import { readDefinition, type Scope } from '../../model/definition';
import { duration, shortCount } from '../../model/format';
import type { Box, Layout } from '../../model/layout';
import * as layouts from '../../model/layout';
import { Icon, type IconName } from '../../widgets/icon';
import { fitText, textWidth } from '../../widgets/measure';
import { Panel } from '../../widgets/panel';
import { go } from '../../widgets/place';
import { Skeleton } from '../../widgets/states';
import { MAP_RUN_EVERY_MS } from './map_run_group';

/** How often the visits of states are counted anew while it runs. */
export const GRAPH_EVERY_MS = 2_000;

/** The state graph, and how often each state was entered and how it ended. */
export function Graph({ summary, chosen, onChoose }: { summary: ExecutionSummary; chosen: string; onChoose: (state: string) => void }): JSX.Element | null {
  const live = summary.stop === undefined;
  const asked = useAnswer<GraphAnswer>('exec/graph', { arn: summary.arn }, live ? GRAPH_EVERY_MS : 10_000);
  const scope = useScope(summary.arn);
  const layout = useMemo(() => (scope ? layouts.layOut(scope) : undefined), [scope]);
  const [chosenZoom, setZoom] = useState<number | undefined>();
  const [fit, setFit] = useState(1);
  const zoom = chosenZoom ?? fit;
  if (scope === null) return null;
  const tools = (
    <span class="zoom">
      <button type="button" class="btn plain small icon" aria-label="Zoom out" disabled={zoom <= 0.5} onClick={() => setZoom(zoom / 1.25)}><Icon name="minus" /></button>
      <button type="button" class="btn plain small icon" aria-label="Zoom in" disabled={zoom >= 2} onClick={() => setZoom(zoom * 1.25)}><Icon name="plus" /></button>
      <button type="button" class="btn plain small icon" aria-label="Fit" title="Fit" onClick={() => setZoom(undefined)}><Icon name="fit" /></button>
    </span>
  );
  const sampled = asked.data?.mapRuns.find(run => run.read < run.started);
  return (
    <Panel title="Graph" sub={sampled ? `children: ${shortCount(sampled.read)} of ${shortCount(sampled.started)} read` : live ? 'live' : undefined} tools={tools} class="graph-panel">
      {layout && asked.data ? <Drawing layout={layout} graph={asked.data} summary={summary} zoom={zoom} onFit={setFit} chosen={chosen} onChoose={onChoose} /> : <Skeleton lines={10} />}
      <div class="keys legend">{KEYS.map(([icon, kind, text]) => <span key={text} class="key"><span class={`st ${kind}`}><Icon name={icon} /></span>{text}</span>)}</div>
    </Panel>
  );
}

const NOTHING: Facts = { nodes: new Map(), edges: new Map(), runs: new Map(), plain: true, live: false };

/** The state graph of a definition by itself; null where it is none. */
export function DefinitionGraph({ definition, onChoose }: { definition: string; onChoose: (state: string) => void }): JSX.Element | null {
  const layout = useMemo(() => { const scope = readDefinition(definition); return scope && layouts.layOut(scope); }, [definition]);
  const [chosen, setChosen] = useState('');
  return layout ? <Panel title="Graph" class="graph-panel"><Drawn layout={layout} facts={NOTHING} zoom={1} chosen={chosen} onChoose={state => { setChosen(state); onChoose(state); }} /></Panel> : null;
}

const KEYS: readonly (readonly [IconName, string, string])[] = [['ok', 'ok', 'succeeded'], ['run', 'run', 'running'], ['fail', 'fail', 'failed'], ['warn', 'warn', 'caught'], ['retry', 'warn', 'retried'], ['idle', 'idle', 'not entered']];

/** The definition; null where there is none to be had. */
function useScope(arn: string): Scope | null | undefined {
  const asked = useOperation<{ definition: string }>('DescribeStateMachineForExecution', { executionArn: arn });
  const known = asked.data?.definition;
  const scope = useMemo(() => (known === undefined ? undefined : readDefinition(known) ?? null), [known]);
  return scope === undefined && asked.error && !passes(asked.error) ? null : scope;
}

interface Facts { nodes: Map<string, GraphNode>; edges: Map<string, GraphEdge>; runs: Map<string, MapRunLine>; /** Of no execution. */ plain: boolean; live: boolean }

function Drawing({ layout, graph, summary, zoom, onFit, chosen, onChoose }: { layout: Layout; graph: GraphAnswer; summary: ExecutionSummary; zoom: number; onFit: (zoom: number) => void; chosen: string; onChoose: (state: string) => void }): JSX.Element {
  const facts = useMemo((): Facts => {
    const nodes = new Map(graph.nodes.map(node => [node.name, node]));
    const edges = new Map(graph.edges.map(edge => [`${edge.from}\n${edge.to}`, edge]));
    for (const run of graph.mapRuns) {
      for (const node of run.nodes) if (!nodes.has(node.name)) nodes.set(node.name, node);
      for (const edge of run.edges) if (!edges.has(`${edge.from}\n${edge.to}`)) edges.set(`${edge.from}\n${edge.to}`, edge);
    }
    return { nodes, edges, runs: new Map(summary.mapRuns.map(run => [run.state, run])), plain: false, live: summary.stop === undefined };
  }, [graph, summary.mapRuns, summary.stop]);
  return <Drawn layout={layout} facts={facts} zoom={zoom} onFit={onFit} chosen={chosen} onChoose={onChoose} />;
}

/** How small a graph is drawn to be seen whole, so that its names can still be read. */
const FIT_MIN = 0.6;
const EDGE = 12;

function Drawn({ layout, facts, zoom, onFit, chosen, onChoose }: Omit<ScopeProps, 'inside'> & { zoom: number; onFit?: (zoom: number) => void }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const w = layout.w + 2 * EDGE;
  const h = layout.h + 2 * EDGE;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { paddingLeft, paddingRight } = getComputedStyle(element);
    const room = element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    onFit?.(Math.max(FIT_MIN, Math.min(1, room / w)));
  }, [layout]);
  // What is wider all the same begins where the execution does.
  useEffect(() => {
    const element = box.current;
    const first = layout.boxes.reduce<Box | undefined>((a, b) => (a && a.y <= b.y ? a : b), undefined);
    if (element && first) element.scrollLeft = (first.x + first.w / 2 + EDGE) * zoom - element.clientWidth / 2;
  }, [layout, zoom]);
  return (
    <div class="graph" ref={box} tabIndex={0} role="group" aria-label="State graph">
      <svg width={w * zoom} height={h * zoom} viewBox={`-12 -8 ${w} ${h}`}>
        <defs>{([['', 'text-3'], ['i', 'line-strong'], ['w', 'warn']] as const).map(([id, token]) => <marker key={id} id={`arrow${id}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M1 1 7 4 1 7z" style={{ fill: `var(--${token})` }} /></marker>)}</defs>
        <Scopes layout={layout} facts={facts} inside={false} chosen={chosen} onChoose={onChoose} />
      </svg>
    </div>
  );
}

interface ScopeProps { layout: Layout; facts: Facts; inside: boolean; chosen: string; onChoose: (state: string) => void }

function Scopes({ layout, facts, inside, chosen, onChoose }: ScopeProps): JSX.Element {
  return (
    <g transform={`translate(${layout.x} ${layout.y})`}>
      {layout.lines.map((line, i) => {
        const edge = facts.edges.get(`${line.way.from}\n${line.way.to}`);
        const kind = !edge && !facts.plain ? 'idle' : line.way.kind === 'catch' ? 'caught' : '';
        const marker = kind === 'idle' ? 'arrowi' : kind === 'caught' ? 'arroww' : 'arrow';
        return <path key={i} class={`g-edge ${kind}`} d={layouts.pathOf(line.points)} marker-end={`url(#${marker})`} />;
      })}
      {layout.boxes.map(box => <State key={box.node.name} box={box} facts={facts} chosen={chosen} onChoose={onChoose} />)}
      {layout.lines.map((line, i) => {
        const edge = facts.edges.get(`${line.way.from}\n${line.way.to}`);
        if (!line.label) return edge ? <Again key={i} points={line.points} n={edge.n} inside={inside} /> : null;
        const n = edge && edge.n > 1 ? ` · ${shortCount(edge.n)}` : '';
        const full = line.way.kind === 'catch' ? `caught${n}` : `${line.way.label}${n}`;
        const text = full.length > 20 ? `${line.way.label.slice(0, 18 - n.length)}…${n}` : full;
        const width = textWidth(text, SMALL) + 6;
        return (
          <g key={i}>
            <title>{line.way.label}</title>
            <rect class={`g-bg ${inside ? 'in' : ''}`} x={line.label.x - width / 2} y={line.label.y - 8} width={width} height={15} />
            <text class={`g-lab ${line.way.kind === 'catch' ? 'w' : ''}`} x={line.label.x} y={line.label.y + 3.5} text-anchor="middle">{text}</text>
          </g>
        );
      })}
    </g>
  );
}

/** How often a way back was taken. */
function Again({ points, n, inside }: { points: readonly { x: number; y: number }[]; n: number; inside: boolean }): JSX.Element | null {
  const [first, last, middle] = [points[0], points.at(-1), points[Math.floor(points.length / 2)]];
  if (!first || !last || !middle || last.y > first.y) return null;
  const text = `${shortCount(n)} ×`;
  const width = textWidth(text, SMALL) + 6;
  return <g><rect class={`g-bg ${inside ? 'in' : ''}`} x={middle.x - width / 2} y={middle.y - 8} width={width} height={15} /><text class="g-lab" x={middle.x} y={middle.y + 3.5} text-anchor="middle">{text}</text></g>;
}

function glyphOf(node: GraphNode | undefined, run: Run | undefined): { icon: IconName; kind: string; words: string } {
  if (run) {
    const failed = run.counts.failed + run.counts.timedOut;
    if (run.status === 'RUNNING') return { icon: 'run', kind: 'run', words: 'running' };
    if (run.status !== 'SUCCEEDED') return { icon: 'fail', kind: 'fail', words: 'failed' };
    return failed ? { icon: 'ok', kind: 'ok', words: `succeeded, ${failed} children failed` } : { icon: 'ok', kind: 'ok', words: 'succeeded' };
  }
  if (!node) return { icon: 'idle', kind: 'idle', words: 'not entered' };
  if (node.running) return { icon: 'run', kind: 'run', words: 'running' };
  if (node.failed && node.failed + node.aborted === node.entered) return { icon: 'fail', kind: 'fail', words: 'failed' };
  if (node.aborted === node.entered) return { icon: 'abort', kind: 'idle', words: 'aborted' };
  if (node.caught) return { icon: 'warn', kind: 'warn', words: 'caught' };
  if (node.retries) return { icon: 'retry', kind: 'warn', words: 'retried' };
  if (node.failed) return { icon: 'fail', kind: 'fail', words: `${node.failed} failed` };
  return node.aborted ? { icon: 'abort', kind: 'idle', words: `${node.aborted} aborted` } : { icon: 'ok', kind: 'ok', words: 'succeeded' };
}

type Run = Pick<MapRunLine, 'status' | 'counts'>;
interface Piece { text: string; bad?: boolean }

/** How it went, as much of it as `most` characters hold. */
function countsOf(node: GraphNode, most: number): Piece[] {
  const parts: Piece[] = [];
  let length = 0;
  const add = (text: string, bad = false): void => {
    length += text.length + 2;
    if (length <= most + 2 || parts.length === 0) parts.push({ text: (parts.length ? ', ' : '') + text, bad });
  };
  if (node.failed) add(`${shortCount(node.failed)} failed`, true);
  if (node.running) add(`${shortCount(node.running)} running`);
  if (node.entered > 1) add(`${shortCount(node.ok)} ok`);
  if (node.aborted) add(`${shortCount(node.aborted)} aborted`);
  if (node.caught) add(`${shortCount(node.caught)} caught`);
  if (node.retries) add(`${shortCount(node.retries)} ${node.retries === 1 ? 'retry' : 'retries'}`);
  return parts;
}

function runPieces(c: Counts): Piece[] {
  const failed = c.failed + c.timedOut;
  const done = c.succeeded + failed + c.aborted;
  return [
    { text: done === c.total ? `${shortCount(c.total)} children` : `${shortCount(done)} of ${shortCount(c.total)}` },
    ...(c.running ? [{ text: `, ${shortCount(c.running)} running` }] : []), ...(failed ? [{ text: `, ${shortCount(failed)} failed`, bad: true }] : []),
  ];
}

/** Fonts of a state's name and of what stands below it. */
const NAME = '600 12px';
const SMALL = '11px';

function State({ box, facts, chosen, onChoose }: { box: Box; facts: Facts; chosen: string; onChoose: (state: string) => void }): JSX.Element {
  const { node, x, y, w, h, inner } = box;
  const stats = facts.nodes.get(node.name);
  const line = node.distributed ? facts.runs.get(node.name) : undefined;
  // The answer that the waterfall shows the children of: both say the same at every moment.
  const asked = useAnswer<MapRunSummary>(line && 'maprun/summary', { arn: line?.arn ?? '' }, facts.live ? MAP_RUN_EVERY_MS : 0).data;
  const run: Run | undefined = line && (asked ? { status: asked.status, counts: asked.executionCounts } : line);
  const { icon, kind, words } = facts.plain ? { icon: 'idle' as const, kind: '', words: '' } : glyphOf(stats, run);
  const open = (): void => (line ? go(mapRunHref(line.arn)) : onChoose(node.name));
  const time = stats && stats.entered > 0 && !stats.running && node.type !== 'Choice' ? (stats.entered > 1 ? `p95 ${duration(stats.p95)}` : duration(stats.max)) : '';
  const many = stats && (stats.entered > 1 || stats.failed || stats.aborted || stats.retries || stats.running);
  const left = (node.type === 'Choice' ? 36 : 31) - (facts.plain ? 18 : 0);
  const room = w - left - 8;
  // The time stands beside the name, else below it, else in the title.
  const beside = time !== '' && textWidth(node.name, NAME) + textWidth(time, SMALL) + 8 <= room;
  const name = fitText(node.name, room, NAME);
  const below = !run && !many && !beside && time !== '' && textWidth(`${node.detail} · ${time}`, SMALL) <= room;
  const second: Piece[] = run ? runPieces(run.counts) : many && stats ? countsOf(stats, Math.floor(room / 5.8)) : [{ text: fitText(node.detail, room, SMALL) }];
  const head = inner.length > 0 ? 46 : h;
  return (
    <g transform={`translate(${x} ${y})`}>
      {inner.length > 0 ? <rect class="g-scope" x="0.5" y="0.5" width={w - 1} height={h - 1} rx="6" /> : null}
      <g class={`g-node ${kind} ${chosen === node.name ? 'sel' : ''}`} tabIndex={0} role="button" onClick={open} onKeyDown={event => { if (event.key === 'Enter') open(); }}>
        {node.type === 'Choice' ? <path class="box" d={`M10 .5H${w - 10}L${w - 0.5} ${h / 2}L${w - 10} ${h - 0.5}H10L.5 ${h / 2}z`}><title>{`${node.name} · ${node.detail}${stats ? `\nentered ${stats.entered}, p50 ${duration(stats.p50)}, p95 ${duration(stats.p95)}, longest ${duration(stats.max)}` : ''}`}</title></path> : <rect class="box" x="0.5" y="0.5" width={w - 1} height={head - 1} rx={inner.length > 0 ? 6 : 4}><title>{`${node.name} · ${node.detail}${stats ? `\nentered ${stats.entered}, p50 ${duration(stats.p50)}, p95 ${duration(stats.p95)}, longest ${duration(stats.max)}` : ''}`}</title></rect>}
        {facts.plain ? null : <svg class={`i ${kind}`} x={node.type === 'Choice' ? 14 : 9} y="8" width="16" height="16" viewBox="0 0 16 16" role="img" aria-label={words}><Icon name={icon} /></svg>}
        <text class="nm" x={left} y="20">{name}</text>
        {beside ? <text class="d r" x={w - 9} y="20">{time}</text> : null}
        <text class="d" x={left} y="36">{second.map(piece => <tspan class={piece.bad ? 'bad' : ''}>{piece.text}</tspan>)}{below ? <tspan class="d3"> · {time}</tspan> : null}</text>
      </g>
      {inner.map((one, i) => <Scopes key={i} layout={one} facts={facts} inside chosen={chosen} onChoose={onChoose} />)}
    </g>
  );
}
