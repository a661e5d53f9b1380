import type { JSX } from 'preact';
import type { ErrorGroup, ErrorsAnswer, MapRunSummary } from '../../api/types';
import { useAnswer } from '../../api/use';
import { causeText } from '../../model/errors';
import { mapRunHref } from '../../model/address';
import { rangeText } from '../../model/filter';
import { count, offset, plural, share } from '../../model/format';
import { Canvas } from '../../widgets/canvas';
import { Icon, StatusGlyph } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { Skeleton } from '../../widgets/states';
import { useState } from 'preact/hooks';
import type { RunView } from './maprun';
import { openChild } from './open_child';

const SHOWN = 5;

/** Failures that are alike; a click chooses one. */
export function ErrorGroups({ view }: { view: RunView }): JSX.Element {
  const { run, filters, errors, add } = view;
  const [all, setAll] = useState(false);
  const on = filters.length > 0;
  const asked = useAnswer<ErrorsAnswer>(on ? 'maprun/errors' : undefined, { arn: run.mapRunArn, f: filters }, view.every);
  const chosen = new Map((asked.data?.groups ?? []).map(group => [group.id, group.n]));
  const groups = errors?.groups ?? [];
  const failed = run.executionCounts.failed + run.executionCounts.timedOut;
  const heads = groups.length > 0 ? <span class="heads micro t3"><span>{on ? 'selected' : ''}</span><span>run</span><span class="end" /></span> : null;
  return (
    <Panel title="Error groups" sub={failed > 0 ? `${count(failed)} failed` : undefined} tools={heads}>
      <div class="body list">
        {errors === undefined && failed > 0 ? <Skeleton lines={Math.min(SHOWN, failed)} /> : groups.length === 0 ? <p class="t2 pad-y">{run.n === 0 ? 'No child has finished yet.' : 'No child failed.'}</p> : null}
        {groups.slice(0, all ? groups.length : SHOWN).map(group => <Group key={group.id} group={group} run={run} chosen={on ? (chosen.get(group.id) ?? 0) : undefined} add={add} />)}
        {groups.length > SHOWN && !all ? <button type="button" class="btn plain small" onClick={() => setAll(true)}>All {plural(groups.length, 'group')}</button> : null}
        {errors?.other ? <p class="small t3">{count(errors.other)} more failed in rarer ways.</p> : null}
      </div>
    </Panel>
  );
}

function Group({ group, run, chosen, add }: { group: ErrorGroup; run: MapRunSummary; chosen: number | undefined; add: (filter: string) => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const timeout = group.error === 'States.Timeout';
  const cause = [causeText(group.cause), group.state].filter(Boolean).join(' · ');
  return (
    <>
      <div class="err-row">
        <button type="button" class="err" onClick={() => add(`err:${group.id}`)} title={`Only these: ${group.error ?? ''}: ${causeText(group.cause)}`}>
          <StatusGlyph status={timeout ? 'TIMED_OUT' : 'FAILED'} />
          <span class="who"><span class="cut">{group.error || 'no name'}</span><span class="cut small t3">{cause}</span></span>
          <Spark values={group.spark} token={timeout ? 'timeout-fill' : 'fail-fill'} />
          <span class="num">{chosen === undefined ? '' : count(chosen)}</span>
          <span class={`num ${chosen === undefined ? '' : 't3'}`}>{count(group.n)}</span>
        </button>
        <button type="button" class="btn plain small icon" aria-expanded={open} aria-label={`Examples of ${group.error || 'this error'}`} title="Examples, first and last" onClick={() => setOpen(!open)}><Icon name={open ? 'down' : 'right'} /></button>
      </div>
      {open ? <Examples group={group} run={run} /> : null}
    </>
  );
}

/** When they failed, how many of those that ended then, and some of them. */
function Examples({ group, run }: { group: ErrorGroup; run: MapRunSummary }): JSX.Element {
  const range = rangeText('end', group.first, Math.max(group.last, group.first + 1));
  const then = useAnswer<MapRunSummary>('maprun/summary', { arn: run.mapRunArn, f: range }).data;
  return (
    <p class="err-more small t2">
      {group.n === 1 ? <>At {offset(group.first, 1_000)}</> : <>From {offset(group.first, 1_000)} to {offset(group.last, 1_000)}</>}
      {then && then.n > 0 && group.n > 1 ? <>, {share(group.n, then.n)} of <a class="quiet" href={mapRunHref(run.mapRunArn, [range])}>what ended then</a></> : null}.
      {' '}{group.ex.length === 1 ? 'Example' : 'Examples'} {group.ex.map((idx, i) => <>{i > 0 ? ', ' : ''}<button key={idx} type="button" class="link accent" onClick={() => void openChild(run.mapRunArn, idx)}>#{count(idx)}</button></>)}
    </p>
  );
}

/** When, in small: bars of 2 px. */
export function Spark({ values, token }: { values: number[]; token: string }): JSX.Element {
  const most = Math.max(...values, 1);
  return (
    <Canvas height={22} label="When they failed" deps={[values]} draw={pen => {
      const { w, h } = pen;
      pen.fill('ghost', 0, h - 1, w, 1);
      const step = w / values.length;
      values.forEach((value, i) => {
        if (value <= 0) return;
        const high = Math.max(1.5, (value / most) * (h - 2));
        pen.fill(token, Math.round(i * step), h - high, Math.max(2, Math.floor(step) - 1), high);
      });
    }} />
  );
}
