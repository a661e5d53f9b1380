import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ChildrenAnswer, MapRunSummary, TreeAnswer } from '../../api/types';
import { snapshot } from '../../api/snapshot';
import { useAnswer } from '../../api/use';
import { executionHref } from '../../model/address';
import { timedFrames } from '../../model/flame';
import { count, duration, shortDuration } from '../../model/format';
import { isFailure } from '../../model/status';
import { ticks } from '../../model/ticks';
import { isCall } from '../../model/tree';
import { Panel } from '../../widgets/panel';
import { Shown } from '../../widgets/states';
import { LOOKS, nameOf } from './frames';

type Which = 'slowest' | 'p99' | 'p95' | 'typical';

/** One child over its own time: the slowest, a typical one, or one between. */
export function OneChild({ mapRun }: { mapRun: string }): JSX.Element | null {
  const run = useAnswer<MapRunSummary>('maprun/summary', { arn: mapRun }).data;
  const [which, setWhich] = useState<Which>('slowest');
  const from = { slowest: undefined, p99: run?.p99, p95: run?.p95, typical: run?.p50 }[which];
  const asked = useAnswer<ChildrenAnswer>(run && run.n > 0 ? 'maprun/children' : undefined, { arn: mapRun, limit: 1, ...(from === undefined ? { sort: 'dur:desc' } : { f: `dur:>=${from}us`, sort: 'dur:asc' }) });
  if (!run || run.n === 0) return null;
  const child = asked.data?.rows[0];
  const all: readonly (readonly [Which, string, number])[] = [['slowest', 'slowest', run.max], ['p99', 'p99', run.p99], ['p95', 'p95', run.p95], ['typical', 'typical', run.p50]];
  const choices = snapshot ? all.slice(0, 1) : all; // a file has the slowest whole
  return (
    <Panel title="One child" sub={child ? <><a href={executionHref(child.arn)}>#{count(child.idx)}</a> of {count(run.n)}, time from its start</> : undefined} class="ruled one-child"
      tools={<span class="seg" role="group" aria-label="Which child">{choices.map(([id, word, us]) => <button key={id} type="button" aria-pressed={id === which} onClick={() => setWhich(id)}>{word} <span class="t2">{duration(us)}</span></button>)}</span>}>
      {child ? <Spans arn={child.arn} name={`#${count(child.idx)}`} /> : <Shown asked={asked} what="The child" lines={4}>{() => null}</Shown>}
      {which === 'typical' || snapshot ? null : <Typical mapRun={mapRun} run={run} />}
    </Panel>
  );
}

/** The one nearest to the median, to compare with. */
function Typical({ mapRun, run }: { mapRun: string; run: MapRunSummary }): JSX.Element | null {
  const child = useAnswer<ChildrenAnswer>(run.n > 5 ? 'maprun/children' : undefined, { arn: mapRun, limit: 1, f: ['status:succeeded', `dur:>=${run.p50}us`], sort: 'dur:asc' }).data?.rows[0];
  if (!child) return null;
  return (
    <>
      <header class="second"><h3>Typical child</h3><span class="sub"><a href={executionHref(child.arn)}>#{count(child.idx)}</a>, nearest to p50, its own scale</span></header>
      <Spans arn={child.arn} name={`#${count(child.idx)}`} />
    </>
  );
}

function Spans({ arn, name: whole }: { arn: string; name: string }): JSX.Element {
  const asked = useAnswer<TreeAnswer>('exec/tree', { arn, groupMin: 100 });
  return (
    <Shown asked={asked} what="Its spans" lines={4}>
      {tree => {
        const { frames, from, to, depth } = timedFrames(tree.rows);
        const marks = ticks(0, to - from, 8);
        return (
          <>
            <div class="flame-ruler" aria-hidden="true">{marks.at.map(us => us / (to - from) < 0.96 ? <span key={us} style={{ left: `${(us / (to - from)) * 100}%` }}>{us === 0 ? '0' : shortDuration(us)}</span> : null)}</div>
            <div class={`flame ${asked.old ? 'aged' : ''}`} role="group" aria-label="Spans of the child" style={{ height: `${depth * 24 + 8}px` }}>
              {marks.at.map(us => <i key={us} class="tick" style={{ left: `${(us / (to - from)) * 100}%` }} />)}
              {frames.filter(frame => frame.width > 0.0005).map(({ row, left, width }) => {
                const name = row.level === 0 ? whole : row.kind === 'inner' ? row.name : nameOf(row);
                const look = row.kind === 'inner' && !isCall(row) ? 'f-fn' : LOOKS[row.kind] ?? 'f-state';
                return <a key={row.id} class={`frame ${look} ${isFailure(row.status) ? 'f-bad' : ''}`} href={executionHref(arn, { sel: row.id })} style={{ left: `${left * 100}%`, width: `${width * 100}%`, top: `${row.level * 24}px` }} title={`${name}: ${duration(row.d)}${row.error ? `, ${row.error}` : ''}`}><span class="cut">{name}</span><span class="t2 frame-d">{duration(row.d)}</span></a>;
              })}
            </div>
            {tree.note ? <p class="pad t2 small">{tree.note}</p> : null}
          </>
        );
      }}
    </Shown>
  );
}
