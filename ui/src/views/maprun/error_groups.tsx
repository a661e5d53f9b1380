import type { JSX } from 'preact';
import type { ErrorGroup, ErrorsAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { causeText } from '../../model/errors';
import { count, plural } from '../../model/format';
import { Canvas } from '../../widgets/canvas';
import { Icon, StatusGlyph } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { Skeleton } from '../../widgets/states';
import { useState } from 'preact/hooks';
import type { RunView } from './maprun';

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
        {groups.slice(0, all ? groups.length : SHOWN).map(group => <Group key={group.id} group={group} chosen={on ? (chosen.get(group.id) ?? 0) : undefined} add={add} />)}
        {groups.length > SHOWN && !all ? <button type="button" class="btn plain small" onClick={() => setAll(true)}>All {plural(groups.length, 'group')}</button> : null}
        {errors?.other ? <p class="small t3">{count(errors.other)} more failed in rarer ways.</p> : null}
      </div>
    </Panel>
  );
}

function Group({ group, chosen, add }: { group: ErrorGroup; chosen: number | undefined; add: (filter: string) => void }): JSX.Element {
  const timeout = group.error === 'States.Timeout';
  const cause = [causeText(group.cause), group.state].filter(Boolean).join(' · ');
  return (
    <button type="button" class="err" onClick={() => add(`err:${group.id}`)} title={`Only these: ${group.error ?? ''}: ${causeText(group.cause)}`}>
      <StatusGlyph status={timeout ? 'TIMED_OUT' : 'FAILED'} />
      <span class="who"><span class="cut">{group.error || 'no name'}</span><span class="cut small t3">{cause}</span></span>
      <Spark values={group.spark} token={timeout ? 'timeout-fill' : 'fail-fill'} />
      <span class="num">{chosen === undefined ? '' : count(chosen)}</span>
      <span class={`num ${chosen === undefined ? '' : 't3'}`}>{count(group.n)}</span>
      <span class="t3 end"><Icon name="right" /></span>
    </button>
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
