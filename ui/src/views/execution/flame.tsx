import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ExecutionSummary, FlameAnswer, FlameNode, GraphAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { framesOf, pathTo, WEIGHTS, weighed, type Weight } from '../../model/flame';
import { count, duration, share } from '../../model/format';
import { workOf } from '../../model/idle';
import { Icon } from '../../widgets/icon';
import { Panel, Segments } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { Empty, Shown } from '../../widgets/states';
import { FlameTable } from './flame_table';
import { LOOKS, nameOf } from './frames';
import { OneChild } from './one_child';

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
          {answer => answer.nodes.length === 0 ? <Empty>No child has finished yet.</Empty> : <Icicle key={arn} summary={summary} nodes={answer.nodes} more={answer.all - answer.nodes.length} />}
        </Shown>
      </Panel>
      {arn === summary.arn ? null : <OneChild key={`one ${arn}`} mapRun={arn} />}
    </main>
  );
}

function Icicle({ summary, nodes, more }: { summary: ExecutionSummary; nodes: FlameNode[]; more: number }): JSX.Element {
  const { query } = useAddress();
  const [root, setRoot] = useState(0);
  const [at, setAt] = useState(0);
  const [find, setFind] = useState('');
  const [table, setTable] = useState(false);
  const weight = (WEIGHTS.find(([id]) => id === query.get('weight'))?.[0] ?? 'time') as Weight;
  const cut = query.get('idle') === 'cut' && weight === 'time';
  const waits = useWaits(cut ? summary : undefined);
  const work = useMemo(() => (cut && waits ? workOf(nodes, state => waits.has(state)) : undefined), [nodes, cut, waits]);
  const frames = useMemo(() => {
    if (!work) return framesOf(nodes, root, weighed(nodes, weight));
    // What only waits stays as a mark of the same small width each.
    const mark = Math.max(work[root] ?? 0, 1) * 0.015;
    return framesOf(nodes, root, work.map((time, i) => (time === 0 && (nodes[i]?.sum ?? 0) > 0 ? mark : time)));
  }, [nodes, root, work, weight]);
  const path = pathTo(nodes, root);
  const depth = Math.max(...frames.map(frame => frame.depth)) + 1;
  const whole = nodes[root];
  const shown = nodes[at] ?? whole;
  const all = weighed(nodes, weight);
  const word = find.trim().toLowerCase();
  const found = (node: FlameNode): boolean => word !== '' && nameOf(node).toLowerCase().includes(word);
  const value = (i: number): string => (weight === 'time' ? duration(work ? (work[i] ?? 0) : (all[i] ?? 0)) : count(all[i] ?? 0));
  return (
    <>
      <div class="flame-tools">
        <nav class="flame-path" aria-label="Way to here">
          {path.map((node, i) => <span key={node}>{i > 0 ? <span class="t3"> › </span> : null}{i < path.length - 1 ? <button type="button" class="link" onClick={() => setRoot(node)}>{nameOf(nodes[node] as FlameNode)}</button> : <b>{nameOf(nodes[node] as FlameNode)}</b>}</span>)}
        </nav>
        {weight === 'time' ? <button type="button" class="btn plain small" aria-pressed={cut} title="Fold what only waits: Wait states and waits before a retry" onClick={() => setState({ idle: cut ? undefined : 'cut' })}>{cut ? 'Show idle' : 'Collapse idle'}</button> : null}
        <Segments label="Width" options={WEIGHTS} value={weight} onChange={next => setState({ weight: next === 'time' ? undefined : next })} />
        <label class="field small-field"><Icon name="search" /><input value={find} aria-label="Find a frame" placeholder="Find a frame" spellcheck={false} autocomplete="off" onInput={event => setFind(event.currentTarget.value)} /></label>
        {word ? <span class="small t2" role="status">{count(nodes.filter(found).length)} found</span> : null}
        <button type="button" class="btn plain small" aria-pressed={table} onClick={() => setTable(!table)}><Icon name="table" />{table ? 'Picture' : 'Table'}</button>
      </div>
      {table ? <FlameTable nodes={nodes} order={frames} whole={whole?.sum ?? 0} /> : all[root] === 0 ? <Empty>Nothing failed here. <button type="button" class="btn small" onClick={() => setState({ weight: undefined })}>Show time</button></Empty> : (
        <div class="flame" role="tree" aria-label={`${weight === 'time' ? 'Time' : weight === 'count' ? 'Calls' : 'Failures'} by what it went into`} style={{ height: `${depth * 24}px` }} onKeyDown={event => { if (event.key === 'Escape' && root !== 0) { event.stopPropagation(); setRoot(nodes[root]?.parent ?? 0); } }}>
          {frames.filter(frame => frame.width > 0.0008).map(frame => {
            const { node } = frame;
            const name = nameOf(node);
            const idle = work !== undefined && work[frame.at] === 0 && node.sum > 0;
            return (
              <button key={frame.at} type="button" role="treeitem" aria-level={frame.depth + 1} class={`frame ${idle ? 'f-fold' : LOOKS[node.kind] ?? 'f-state'} ${node.failed === node.n ? 'f-bad' : ''} ${found(node) ? 'f-found' : ''} ${word && !found(node) ? 'f-quiet' : ''}`}
                style={{ left: `${frame.left * 100}%`, width: `${frame.width * 100}%`, top: `${frame.depth * 24}px` }} title={`${name}: ${duration(node.sum)} together${idle ? ', folded' : ''}, ${count(node.n)} times, p50 ${duration(node.p50)}, p95 ${duration(node.p95)}, longest ${duration(node.max)}${node.failed ? `, ${count(node.failed)} failed` : ''}`}
                onClick={() => setRoot(frame.at)} onMouseEnter={() => setAt(frame.at)} onFocus={() => setAt(frame.at)}>
                {idle ? null : <><span class="cut">{name}</span><span class="t2 frame-d">{value(frame.at)}</span></>}
              </button>
            );
          })}
        </div>
      )}
      {shown && whole ? (
        <dl class="figs flame-figs">
          {([['Frame', nameOf(shown)], ['Together', duration(shown.sum)], ['Share', share(shown.sum, whole.sum)], ['Times', count(shown.n)], ['Failed', count(shown.failed)], ['p50', duration(shown.p50)], ['p95', duration(shown.p95)], ['Longest', duration(shown.max)]] as const)
            .map(([name, text]) => <div key={name} class="fig"><dt>{name}</dt><dd class="small-fig">{text}</dd></div>)}
        </dl>
      ) : null}
      <div class="keys legend">{([['f-state', 'state'], ['f-fn', 'function'], ['f-call', 'inside functions'], ['f-queue', 'queued'], ['f-cold', 'cold start'], ['f-retry', 'retry wait'], ['key-bad', 'all failed'], ...(work ? [['f-fold', 'idle, folded']] as const : [])] as const).map(([kind, text]) => <span key={kind} class="key"><i class={`frame-key ${kind}`} />{text}</span>)}{more > 0 ? <span class="key">{count(more)} short ones are left out</span> : null}</div>
    </>
  );
}

/** The names of the states that only wait, of the execution and its children; undefined until they are known. */
function useWaits(summary: ExecutionSummary | undefined): ReadonlySet<string> | undefined {
  const graph = useAnswer<GraphAnswer>(summary && 'exec/graph', { arn: summary?.arn ?? '' }).data;
  return useMemo(() => graph && new Set([...graph.nodes, ...graph.mapRuns.flatMap(run => run.nodes)].filter(node => node.type === 'Wait').map(node => node.name)), [graph]);
}
