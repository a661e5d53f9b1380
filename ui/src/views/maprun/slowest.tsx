import type { JSX } from 'preact';
import type { ChildrenAnswer, ChildRow } from '../../api/types';
import { useAnswer } from '../../api/use';
import { executionHref, mapRunHref } from '../../model/address';
import { count, duration } from '../../model/format';
import { splitBars } from '../../model/tree';
import { StatusGlyph } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { Shown } from '../../widgets/states';
import type { RunView } from './maprun';

/** The long tail, and what its time went into. */
export function Slowest({ view }: { view: RunView }): JSX.Element {
  const { run, filters } = view;
  const asked = useAnswer<ChildrenAnswer>('maprun/children', { arn: run.mapRunArn, f: filters, sort: 'dur:desc', limit: 10 }, view.every);
  return (
    <Panel title="Slowest" sub={filters.length > 0 ? 'of the selection' : 'of the run'} tools={run.n > 10 ? <a class="small" href={`${mapRunHref(run.mapRunArn, filters)}#children`}>All</a> : null}>
      <div class={`body list ${asked.old ? 'aged' : ''}`}>
        <Shown asked={asked} what="The slowest children" lines={5}>
          {answer => answer.rows.length === 0 ? <p class="t2 pad-y">{run.n === 0 ? 'No child has finished yet.' : 'No child is like that.'}</p> : <>{answer.rows.map(row => <Line key={row.idx} row={row} most={answer.rows[0]?.d ?? 1} />)}</>}
        </Shown>
      </div>
    </Panel>
  );
}

function Line({ row, most }: { row: ChildRow; most: number }): JSX.Element {
  const name = row.key ?? row.item ?? row.name;
  return (
    <div class="tailrow">
      <StatusGlyph status={row.status} />
      <a class="num" href={executionHref(row.arn)}>#{count(row.idx)}</a>
      <span class={`cut mono t2 ${row.key ? 'cut-front' : ''}`} title={name}><bdi>{name}</bdi></span>
      <SplitBar row={row} most={most} />
      <span class="num">{duration(row.d)}</span>
    </div>
  );
}

/** What a child's time went into, on a scale that the list shares. */
export function SplitBar({ row, most }: { row: ChildRow; most: number }): JSX.Element {
  const failed = row.status === 'FAILED' ? 'bad' : row.status === 'TIMED_OUT' ? 'bad to' : '';
  return <span class="bar none split-bar">{splitBars(row, failed, { from: 0, to: most }).map((one, i) => <i key={i} class={one.kind} style={{ width: `${one.width * 100}%`, minWidth: '1px' }} />)}</span>;
}
