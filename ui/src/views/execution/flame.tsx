import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ExecutionSummary, FlameAnswer, FlameNode, GraphAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { framesOf, pathTo, WEIGHTS, weighed, type Frame, type Weight } from '../../model/flame';
import { count, duration, share, shortDuration } from '../../model/format';
import { workOf } from '../../model/idle';
import { ticks } from '../../model/ticks';
import { Icon } from '../../widgets/icon';
import { Panel, Segments } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { Empty, Shown } from '../../widgets/states';
import { FlameTable } from './flame_table';
import { FramePanel } from './frame_panel';
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
  // The frame that is shown whole, and the one that is told of beside the picture.
  const [at, setAt] = useState<Look>({ arn, root: 0, chosen: 0 });
  const look = at.arn === arn ? at : { arn, root: 0, chosen: 0 };
  const nodes = asked.data?.nodes ?? [];
  return (
    <main class="sheet view flame-view">
      <div class="left">
        <Panel title={title} sub={sampled} tools={sources.length > 1 ? <Segments label="Of what" options={sources} value={arn} onChange={of => setState({ of })} /> : null}>
          <Shown asked={asked} what="The flame graph">
            {answer => answer.nodes.length === 0 ? <Empty>No child has finished yet.</Empty> : <Icicle key={arn} summary={summary} nodes={answer.nodes} more={answer.all - answer.nodes.length} look={look} setLook={next => setAt({ ...look, ...next })} />}
          </Shown>
        </Panel>
        {arn === summary.arn ? null : <OneChild key={`one ${arn}`} mapRun={arn} />}
      </div>
      {nodes[look.chosen] ? <FramePanel nodes={nodes} at={look.chosen} mapRun={arn === summary.arn ? undefined : arn} choose={chosen => setAt({ ...look, chosen })} /> : null}
    </main>
  );
}

interface Look { arn: string; root: number; chosen: number }
const ROW = 24;

interface IcicleProps { summary: ExecutionSummary; nodes: FlameNode[]; more: number; look: Look; setLook: (next: Partial<Look>) => void }

function Icicle({ summary, nodes, more, look, setLook }: IcicleProps): JSX.Element {
  const { query } = useAddress();
  const { root } = look;
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
  const setRoot = (next: number): void => setLook({ root: next, chosen: next });
  // One with nothing in it has nothing to show whole.
  const inside = useMemo(() => new Set(nodes.map(node => node.parent)), [nodes]);
  const choose = (at: number): void => (inside.has(at) ? setRoot(at) : setLook({ chosen: at }));
  const path = pathTo(nodes, root);
  const depth = Math.max(...frames.map(frame => frame.depth)) + 1;
  const whole = nodes[root];
  const all = weighed(nodes, weight);
  const word = find.trim().toLowerCase();
  const found = (node: FlameNode): boolean => word !== '' && nameOf(node).toLowerCase().includes(word);
  const value = (i: number): string => (weight === 'time' ? duration(work ? (work[i] ?? 0) : (all[i] ?? 0)) : count(all[i] ?? 0));
  const marks = weight === 'time' && !work && whole && whole.sum > 0 ? ticks(0, whole.sum, 10).at.filter(us => us / whole.sum < 0.97) : [];
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
        <>
          {root === 0 ? null : <Overview nodes={nodes} root={root} weights={all} onAll={() => setRoot(0)} />}
          {marks.length > 1 ? <div class="flame-ruler" aria-hidden="true">{marks.map(us => <span key={us} style={{ left: `${(us / (whole?.sum ?? 1)) * 100}%` }}>{us === 0 ? '0' : shortDuration(us)}</span>)}</div> : null}
          <div class="flame" role="tree" aria-label={`${weight === 'time' ? 'Time' : weight === 'count' ? 'Calls' : 'Failures'} by what it went into`} style={{ height: `${depth * ROW + 8}px` }} onKeyDown={event => { if (event.key === 'Escape' && root !== 0) { event.stopPropagation(); setRoot(nodes[root]?.parent ?? 0); } }}>
            {marks.map(us => <i key={us} class="tick" style={{ left: `${(us / (whole?.sum ?? 1)) * 100}%` }} />)}
            {frames.filter(frame => frame.width > 0.0008).map(frame => {
              const { node } = frame;
              const name = nameOf(node);
              const idle = work !== undefined && work[frame.at] === 0 && node.sum > 0;
              return (
                <button key={frame.at} type="button" role="treeitem" aria-level={frame.depth + 1} aria-selected={look.chosen === frame.at} class={`frame ${idle ? 'f-fold' : LOOKS[node.kind] ?? 'f-state'} ${node.failed === node.n ? 'f-bad' : ''} ${look.chosen === frame.at && frame.at !== root ? 'f-chosen' : ''} ${found(node) ? 'f-found' : ''} ${word && !found(node) ? 'f-quiet' : ''} ${inside.has(frame.at) ? '' : 'leaf'}`}
                  style={{ left: `${frame.left * 100}%`, width: `${frame.width * 100}%`, top: `${frame.depth * ROW}px` }} title={`${name}: ${duration(node.sum)} together${idle ? ', folded' : ''}, ${count(node.n)} times, p50 ${duration(node.p50)}, p95 ${duration(node.p95)}, longest ${duration(node.max)}${node.failed ? `, ${count(node.failed)} failed` : ''}`}
                  onClick={() => choose(frame.at)} onFocus={() => setLook({ chosen: frame.at })}>
                  {idle ? null : <><span class="cut">{name}</span><span class="t2 frame-d">{value(frame.at)}{all[0] ? ` ${share(all[frame.at] ?? 0, all[0])}` : ''}</span></>}
                </button>
              );
            })}
          </div>
        </>
      )}
      <div class="keys legend">{([['f-state', 'state'], ['f-fn', 'function'], ['f-call', 'inside functions'], ['k-queue', 'queued'], ['k-cold', 'cold start'], ['k-retry', 'retry wait'], ['key-bad', 'all failed'], ...(work ? [['f-fold', 'idle, folded']] as const : [])] as const).map(([kind, text]) => <span key={kind} class="key"><i class={`frame-key ${kind}`} />{text}</span>)}{more > 0 ? <span class="key">{count(more)} short ones are left out</span> : null}</div>
    </>
  );
}

/** All of it small, and which part of it is shown below. */
function Overview({ nodes, root, weights, onAll }: { nodes: FlameNode[]; root: number; weights: readonly number[]; onAll: () => void }): JSX.Element {
  const frames = useMemo(() => framesOf(nodes, 0, weights), [nodes, weights]);
  const levels = Math.min(8, Math.max(...frames.map(frame => frame.depth)) + 1);
  const here: Frame | undefined = frames.find(frame => frame.at === root);
  return (
    <button type="button" class="flame-small" style={{ height: `${levels * 7 + 2}px` }} aria-label="Show all of it" onClick={onAll}>
      {frames.filter(frame => frame.depth < levels && frame.width > 0.001).map(frame => <i key={frame.at} class={SMALL[frame.node.kind] ?? 'k-state'} style={{ left: `${frame.left * 100}%`, width: `${frame.width * 100}%`, top: `${frame.depth * 7 + 1}px` }} />)}
      {here ? <b style={{ left: `${here.left * 100}%`, width: `${here.width * 100}%`, top: `${Math.min(levels - 1, here.depth) * 7 - 1}px` }} /> : null}
    </button>
  );
}
const SMALL: Partial<Record<FlameNode['kind'], string>> = { queue: 'k-queue', cold_start: 'k-cold', lambda: 'k-fn', inner: 'k-call', retry_wait: 'k-retry' };

/** The names of the states that only wait, of the execution and its children; undefined until they are known. */
function useWaits(summary: ExecutionSummary | undefined): ReadonlySet<string> | undefined {
  const graph = useAnswer<GraphAnswer>(summary && 'exec/graph', { arn: summary?.arn ?? '' }).data;
  return useMemo(() => graph && new Set([...graph.nodes, ...graph.mapRuns.flatMap(run => run.nodes)].filter(node => node.type === 'Wait').map(node => node.name)), [graph]);
}
