import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { GraphAnswer, GraphNode } from '../../api/types';
import { useAnswer } from '../../api/use';
import { mapRunHref } from '../../model/address';
import { count, duration, share } from '../../model/format';
import { StatusGlyph } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { Empty, Shown } from '../../widgets/states';
import type { Look } from '../../model/status';

type By = 'order' | 'entered' | 'failed' | 'retries' | 'p50' | 'p95' | 'p99' | 'max' | 'sum';
const COLUMNS: readonly (readonly [By, string])[] = [['entered', 'Entered'], ['failed', 'Failed'], ['retries', 'Retries'], ['p50', 'p50'], ['p95', 'p95'], ['p99', 'p99'], ['max', 'Longest'], ['sum', 'Together']];

/** One line a state: of the execution, then of the children of each of its Map Runs. */
export function States({ arn, live }: { arn: string; live: boolean }): JSX.Element {
  const asked = useAnswer<GraphAnswer>('exec/graph', { arn }, live ? 2_000 : 10_000);
  return (
    <Shown asked={asked} what="The states">
      {graph => (
        <main>
          <Sheet title="States" nodes={graph.nodes} />
          {graph.mapRuns.map(run => (
            <Sheet key={run.arn} title={`Children of ${run.state}`} href={mapRunHref(run.arn)} nodes={run.nodes}
              sub={subOf(run)} />
          ))}
        </main>
      )}
    </Shown>
  );
}

export const lookOf = (node: GraphNode): Look => (node.running ? 'run' : node.failed ? 'fail' : node.caught ? 'warn' : node.aborted ? 'abort' : node.entered ? 'ok' : 'idle');

/** Which children they are of. */
function subOf({ started, finished, read }: GraphAnswer['mapRuns'][number]): string {
  if (started === 0) return 'none has begun yet';
  const all = started === finished ? `${count(started)} finished children` : `${count(finished)} finished children and ${count(started - finished)} at work`;
  return read < started ? `a sample: ${count(read)} of ${all}` : `all ${all}`;
}

function Sheet({ title, sub, nodes, href }: { title: string; sub?: string; nodes: GraphNode[]; href?: string }): JSX.Element {
  const [by, setBy] = useState<By>('order');
  const rows = by === 'order' ? nodes : [...nodes].sort((a, b) => b[by] - a[by]);
  const from = Math.min(...nodes.map(node => node.s));
  const to = Math.max(...nodes.map(node => node.e), from + 1);
  const total = nodes.reduce((sum, node) => sum + node.sum, 0);
  if (nodes.length === 0) return <Panel title={title} {...(sub ? { sub } : {})}><Empty>No state has been entered yet.</Empty></Panel>;
  return (
    <Panel title={title} {...(sub ? { sub } : {})} tools={href ? <a class="small" href={href}>Open Map Run</a> : null} class="ruled">
      <div class="flush scroll-x">
        <table class="grid states">
          <colgroup><col class="c-state" /><col class="c-type" />{COLUMNS.map(([id]) => <col key={id} class={id === 'entered' || id === 'failed' ? 'c-wide' : ''} />)}<col class="c-share" /><col class="c-when" /></colgroup>
          <thead>
            <tr>
              <th>State</th><th>Type</th>
              {COLUMNS.map(([id, text]) => <th key={id} class="num" aria-sort={by === id ? 'descending' : undefined}><button type="button" class="sort" onClick={() => setBy(by === id ? 'order' : id)}>{text}{by === id ? ' ↓' : ''}</button></th>)}
              <th class="num">Share</th><th class="when">When</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(node => (
              <tr key={node.name}>
                <td><span class="st-name"><StatusGlyph status="" look={lookOf(node)} title={lookOf(node)} /><span class="cut" title={node.name}>{node.name}</span></span></td>
                <td class="t2 cut" title={node.function ?? node.resource ?? ''}>{node.type}{node.function ? ` · ${node.function}` : node.resource ? ` · ${node.resource}` : ''}</td>
                <td class="num">{count(node.entered)}{node.running ? <span class="t3"> {count(node.running)} running</span> : null}</td>
                <td class={`num ${node.failed ? 'fail' : ''}`}>{node.failed ? count(node.failed) : ''}{node.caught ? <span class="warn"> {count(node.caught)} caught</span> : null}{node.aborted ? <span class="t3"> {count(node.aborted)} aborted</span> : null}</td>
                <td class="num">{node.retries ? count(node.retries) : ''}</td>
                <td class="num">{duration(node.p50)}</td><td class="num">{duration(node.p95)}</td><td class="num">{duration(node.p99)}</td><td class="num">{duration(node.max)}</td><td class="num">{duration(node.sum)}</td>
                <td class="num t2">{share(node.sum, total)}</td>
                <td class="when"><span class="bar none"><i class="k-state" style={{ marginLeft: `${Math.min(99, ((node.s - from) / (to - from)) * 100)}%`, width: `${Math.max(1, ((node.e - node.s) / (to - from)) * 100)}%` }} /></span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
