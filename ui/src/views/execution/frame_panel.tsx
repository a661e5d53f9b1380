import type { JSX } from 'preact';
import type { ChildrenAnswer, FlameNode } from '../../api/types';
import { snapshot } from '../../api/snapshot';
import { useAnswer } from '../../api/use';
import { executionHref, mapRunHref } from '../../model/address';
import { binsOf, pathTo } from '../../model/flame';
import { count, duration, share, shortDuration } from '../../model/format';
import { Canvas, type Pen } from '../../widgets/canvas';
import { Icon } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { nameOf } from './frames';

/** A share of the time of children that is worth a sentence. */
const WAITS_FROM = 0.25;

interface Props { nodes: readonly FlameNode[]; at: number; /** Whose children these are; undefined: of one execution. */ mapRun: string | undefined; choose: (at: number) => void }

/** A frame of the flame graph in numbers: how long its calls took, the longest of them, and its share of what is above it. */
export function FramePanel({ nodes, at, mapRun, choose }: Props): JSX.Element {
  const node = nodes[at] as FlameNode;
  const whole = nodes[0]?.sum ?? 0;
  const above = nodes[node.parent];
  const path = pathTo(nodes, at);
  return (
    <Panel title={nameOf(node)} sub={above ? `in ${nameOf(above)}` : mapRun ? 'all children together' : undefined} class="frame-panel">
      <dl class="figs frame-figs">
        <div class="fig"><dt>Time</dt><dd>{duration(node.sum)}<small>{share(node.sum, whole)} of all</small></dd></div>
        <div class="fig"><dt>Calls</dt><dd>{count(node.n)}</dd></div>
        <div class="fig"><dt>Failed</dt><dd>{count(node.failed)}</dd></div>
      </dl>
      <section class="sec">
        <h4>Duration of a call</h4>
        {node.n > 1 ? <Histogram node={node} /> : null}
        <dl class="quartet">{([['p50', node.p50], ['p95', node.p95], ['p99', node.p99], ['longest', node.max]] as const).map(([name, us]) => <div key={name}><dt>{name}</dt><dd>{duration(us)}</dd></div>)}</dl>
      </section>
      {mapRun && node.longest.length > 0 ? <section class="sec"><h4>Longest calls</h4>{node.longest.map(one => <Call key={one.idx} mapRun={mapRun} idx={one.idx} us={one.d} most={node.longest[0]?.d ?? 1} />)}</section> : null}
      <section class="sec">
        <h4>Share of each level</h4>
        {path.map((one, i) => {
          const level = nodes[one] as FlameNode;
          return <div key={one} class="level"><span class="cut" style={{ paddingLeft: `${i * 10}px` }}>{one === at ? <b>{nameOf(level)}</b> : <button type="button" class="link" onClick={() => choose(one)}>{nameOf(level)}</button>}</span><span class="num t2">{duration(level.sum)}</span><span class="num t2">{share(level.sum, whole)}</span></div>;
        })}
      </section>
      {mapRun ? <Waits nodes={nodes} whole={whole} mapRun={mapRun} /> : null}
    </Panel>
  );
}

function Call({ mapRun, idx, us, most }: { mapRun: string; idx: number; us: number; most: number }): JSX.Element {
  // A file of one run has the answers that it was made with.
  const asked = useAnswer<ChildrenAnswer>(snapshot ? undefined : 'maprun/children', { arn: mapRun, f: `index:${idx}`, limit: 1 });
  const child = asked.data?.rows[0];
  return (
    <div class="call">
      <a href={child ? executionHref(child.arn) : mapRunHref(mapRun, [`index:${idx}`])}>#{count(idx)}</a>
      <span class="mono cut cut-front t2" title={child?.key}><bdi>{child?.key ?? ''}</bdi></span>
      <span class="split-bar"><i class="k-fn" style={{ width: `${(us / Math.max(1, most)) * 100}%` }} /></span>
      <span class="num">{duration(us)}</span>
    </div>
  );
}

/** Where most of the time is waited, a faster function is no help. */
function Waits({ nodes, whole, mapRun }: { nodes: readonly FlameNode[]; whole: number; mapRun: string }): JSX.Element | null {
  const queued = nodes.reduce((sum, node) => (node.kind === 'queue' ? sum + node.sum : sum), 0);
  if (whole === 0 || queued / whole < WAITS_FROM) return null;
  return <div class="sec"><div class="note"><Icon name="info" /><div>Children waited for a free process of their function for {share(queued, whole)} of their time. More processes at once help there, or a lower limit of the <a href={mapRunHref(mapRun)}>Map Run</a>.</div></div></div>;
}

const HIGH = 104;

function Histogram({ node }: { node: FlameNode }): JSX.Element {
  const { lo, hi, counts } = binsOf(node);
  const marks = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10].filter(us => us >= lo && us <= hi);
  const label = `Durations of ${count(node.n)} calls: half took up to ${duration(node.p50)}, 95 % up to ${duration(node.p95)}, the longest ${duration(node.max)}`;
  return <Canvas height={HIGH} label={label} deps={[node]} draw={pen => drawBins(pen, node, lo, hi, counts, marks)} />;
}

function drawBins(pen: Pen, node: FlameNode, lo: number, hi: number, counts: readonly number[], marks: readonly number[]): void {
  const { c, w, h } = pen;
  const base = h - 16;
  const x = (us: number): number => (Math.log2(Math.max(lo, us) / lo) / Math.log2(hi / lo)) * w;
  const most = Math.max(...counts, 1);
  const wide = w / counts.length;
  counts.forEach((n, i) => { if (n > 0) pen.fill('k-fn', Math.round(i * wide), base - Math.max(2, (n / most) * (base - 18)), Math.max(1, Math.round((i + 1) * wide) - Math.round(i * wide) - 1), Math.max(2, (n / most) * (base - 18))); });
  pen.horizontal('axis', base);
  c.fillStyle = pen.token('text-3');
  for (const us of marks) {
    const at = x(us);
    c.textAlign = at < 20 ? 'left' : at > w - 24 ? 'right' : 'center';
    c.fillText(shortDuration(us), at, h - 6);
  }
  let free = -1;
  for (const [us, name] of [[node.p50, 'p50'], [node.p95, 'p95'], [node.p99, 'p99']] as const) {
    const at = Math.min(w - 1, x(us));
    c.setLineDash([2, 2]);
    c.strokeStyle = pen.token('text-2');
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(Math.round(at) + 0.5, 14);
    c.lineTo(Math.round(at) + 0.5, base);
    c.stroke();
    c.setLineDash([]);
    const half = c.measureText(name).width / 2;
    const middle = Math.max(half, Math.min(w - half, at));
    if (middle - half < free) continue;
    free = middle + half + 6;
    c.fillStyle = pen.token('text-2');
    c.textAlign = 'center';
    c.fillText(name, middle, 7);
  }
  c.textAlign = 'left';
}
