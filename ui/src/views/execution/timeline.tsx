import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ExecutionSummary, TreeAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { nest } from '../../model/tree';
import { Icon } from '../../widgets/icon';
import { useKeys } from '../../widgets/keys';
import { Panel } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { Shown } from '../../widgets/states';
import { Legend } from './legend';
import { Graph } from './graph';
import { SpanPanel } from './span_panel';
import { Axis, Nodes, type Chosen } from './tree';

/** The waterfall, and beside it what a chosen row is. */
export function Timeline({ summary }: { summary: ExecutionSummary }): JSX.Element {
  const { query } = useAddress();
  const live = summary.stop === undefined;
  const asked = useAnswer<TreeAnswer>('exec/tree', { arn: summary.arn }, live ? 1_000 : 5_000);
  const sel = query.get('sel') ?? '';
  const of = query.get('of') ?? summary.arn;
  const chosen: Chosen = { id: sel, arn: of };
  const choose = (next: Chosen): void => setState({ sel: next.id || undefined, of: next.arn === summary.arn ? undefined : next.arn });
  const [wf, setWf] = useState<HTMLDivElement | null>(null);
  useKeys({
    f: () => nextFailed(wf),
    Escape: () => (sel ? choose({ id: '', arn: summary.arn }) : false),
  });
  const [marked, setMarked] = useState('');
  const toState = (name: string): void => {
    setMarked(name);
    const row = rowsOf(wf).find(one => one.dataset.name === name);
    row?.scrollIntoView({ block: 'center' });
    row?.click();
  };
  const root = asked.data?.rows[0];
  return (
    <main class={`sheet view with-graph ${sel ? 'with-panel' : ''}`}>
      <Graph summary={summary} chosen={marked} onChoose={toState} />
      <Panel title="Waterfall" sub={asked.data?.note ? undefined : 'choose a row to see what went in and out'} class="wf-panel"
        tools={<button type="button" class="btn plain small" onClick={() => nextFailed(wf)}>Next failed <kbd>f</kbd></button>}>
        {asked.data?.note ? <div class="pad"><div class="note"><Icon name="info" /><div>{asked.data.note}</div></div></div> : null}
        <Shown asked={asked} what="The waterfall">
          {tree => {
            const scale = { from: 0, to: Math.max(1, tree.end) };
            return (
              <div class="wf" role="tree" aria-label="Spans" ref={setWf} onKeyDown={moveInTree}>
                <Axis scale={scale} />
                <Nodes nodes={nest(tree.rows)} arn={summary.arn} scale={scale} depth={0} live={live} chosen={chosen} choose={choose} />
              </div>
            );
          }}
        </Shown>
        <Legend />
      </Panel>
      {sel ? <SpanPanel arn={of} id={sel} summary={summary} onClose={() => choose({ id: '', arn: summary.arn })} key={of + sel} /> : null}
      {!sel && root ? <p class="sr">Choose a row to see its input, output and what it called.</p> : null}
    </main>
  );
}

function rowsOf(tree: Element | null): HTMLElement[] {
  return tree ? [...tree.querySelectorAll<HTMLElement>('[role="treeitem"]')] : [];
}

function nextFailed(tree: HTMLElement | null): void | boolean {
  const rows = rowsOf(tree);
  const failed = rows.filter(row => row.dataset.failed);
  if (failed.length === 0) return false;
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = failed.find(row => rows.indexOf(row) > at) ?? failed[0];
  next?.focus();
  next?.click();
}

/** Arrow keys in the tree: rows, and left and right to close and open one. */
function moveInTree(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const rows = rowsOf(event.currentTarget);
  const at = rows.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const row = rows[at];
  const fold = row?.querySelector<HTMLElement>('.caret[aria-expanded]');
  const open = fold?.getAttribute('aria-expanded') === 'true';
  const act: Record<string, () => void> = {
    ArrowDown: () => rows[at + 1]?.focus(),
    ArrowUp: () => rows[at - 1]?.focus(),
    ArrowRight: () => (fold && !open ? fold.click() : rows[at + 1]?.focus()),
    ArrowLeft: () => (fold && open ? fold.click() : rows.slice(0, at).reverse().find(other => Number(other.ariaLevel) < Number(row?.ariaLevel))?.focus()),
    Enter: () => row?.click(),
    Home: () => rows[0]?.focus(),
    End: () => rows.at(-1)?.focus(),
  };
  const action = act[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}
