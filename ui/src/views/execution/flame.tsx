import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ExecutionSummary, FlameAnswer, FlameNode, SpanKind } from '../../api/types';
import { useAnswer } from '../../api/use';
import { framesOf, pathTo } from '../../model/flame';
import { count, duration, share } from '../../model/format';
import { Panel, Segments } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { Empty, Shown } from '../../widgets/states';

/** What the time went into: of this execution, or of all children of a Map Run together. */
export function Flame({ summary }: { summary: ExecutionSummary }): JSX.Element {
  const { query } = useAddress();
  const sources: [string, string][] = [[summary.arn, 'This execution'], ...summary.mapRuns.map((run): [string, string] => [run.arn, `Children of ${run.state || run.label}`])];
  // Of an execution with a Map Run most of the time is in the children.
  const wanted = query.get('of') ?? sources[1]?.[0] ?? summary.arn;
  const source = sources.find(([arn]) => arn === wanted) ?? sources[0];
  const [arn = summary.arn, title = ''] = source ?? [];
  const asked = useAnswer<FlameAnswer>('exec/flame', { arn }, summary.stop === undefined ? 2_000 : 0);
  const sampled = asked.data && asked.data.read < asked.data.of ? `a sample: ${count(asked.data.read)} of ${count(asked.data.of)} finished children` : asked.data && arn !== summary.arn ? `${count(asked.data.of)} finished children` : undefined;
  return (
    <main>
      <Panel title={title} sub={sampled} tools={sources.length > 1 ? <Segments label="Of what" options={sources} value={arn} onChange={of => setState({ of })} /> : null}>
        <Shown asked={asked} what="The flame graph">
          {answer => answer.nodes.length === 0 ? <Empty>No child has finished yet.</Empty> : <Icicle key={arn} nodes={answer.nodes} more={answer.all - answer.nodes.length} />}
        </Shown>
      </Panel>
    </main>
  );
}

const LOOKS: Partial<Record<SpanKind, string>> = { queue: 'f-queue', cold_start: 'f-cold', lambda: 'f-fn', inner: 'f-call', retry_wait: 'f-retry' };
const NAMES: Partial<Record<SpanKind, string>> = { queue: 'queued', cold_start: 'cold start', lambda: 'function', retry_wait: 'wait before retry', map_run: 'Map Run' };
const nameOf = (node: FlameNode): string => (node.kind === 'lambda' ? `function ${node.name}` : (NAMES[node.kind] ?? node.name));

function Icicle({ nodes, more }: { nodes: FlameNode[]; more: number }): JSX.Element {
  const [root, setRoot] = useState(0);
  const [at, setAt] = useState(0);
  const frames = useMemo(() => framesOf(nodes, root), [nodes, root]);
  const path = pathTo(nodes, root);
  const depth = Math.max(...frames.map(frame => frame.depth)) + 1;
  const whole = nodes[root];
  const shown = nodes[at] ?? whole;
  return (
    <>
      <nav class="flame-path" aria-label="Way to here">
        {path.map((node, i) => <span key={node}>{i > 0 ? <span class="t3"> › </span> : null}{i < path.length - 1 ? <button type="button" class="link" onClick={() => setRoot(node)}>{nameOf(nodes[node] as FlameNode)}</button> : <b>{nameOf(nodes[node] as FlameNode)}</b>}</span>)}
      </nav>
      <div class="flame" role="tree" aria-label="Time by what it went into" style={{ height: `${depth * 24}px` }} onKeyDown={event => { if (event.key === 'Escape' && root !== 0) { event.stopPropagation(); setRoot(nodes[root]?.parent ?? 0); } }}>
        {frames.filter(frame => frame.width > 0.0008).map(frame => {
          const { node } = frame;
          const name = nameOf(node);
          return (
            <button key={frame.at} type="button" role="treeitem" aria-level={frame.depth + 1} class={`frame ${LOOKS[node.kind] ?? 'f-state'} ${node.failed === node.n ? 'f-bad' : ''}`}
              style={{ left: `${frame.left * 100}%`, width: `${frame.width * 100}%`, top: `${frame.depth * 24}px` }} title={`${name}: ${duration(node.sum)} together, ${count(node.n)} times, p50 ${duration(node.p50)}, p95 ${duration(node.p95)}${node.failed ? `, ${count(node.failed)} failed` : ''}`}
              onClick={() => setRoot(frame.at)} onMouseEnter={() => setAt(frame.at)} onFocus={() => setAt(frame.at)}>
              <span class="cut">{name}</span><span class="t2 frame-d">{duration(node.sum)}</span>
            </button>
          );
        })}
      </div>
      {shown && whole ? (
        <dl class="figs flame-figs">
          {([['Frame', nameOf(shown)], ['Together', duration(shown.sum)], ['Share', share(shown.sum, whole.sum)], ['Times', count(shown.n)], ['Failed', count(shown.failed)], ['p50', duration(shown.p50)], ['p95', duration(shown.p95)], ['Longest', duration(shown.max)]] as const)
            .map(([name, value]) => <div key={name} class="fig"><dt>{name}</dt><dd class="small-fig">{value}</dd></div>)}
        </dl>
      ) : null}
      <div class="keys legend">{([['f-state', 'state'], ['f-fn', 'function'], ['f-call', 'inside functions'], ['f-queue', 'queued'], ['f-cold', 'cold start'], ['f-retry', 'retry wait'], ['key-bad', 'all failed']] as const).map(([kind, text]) => <span key={kind} class="key"><i class={`frame-key ${kind}`} />{text}</span>)}{more > 0 ? <span class="key">{count(more)} short ones are left out</span> : null}</div>
    </>
  );
}
