import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Counts, MapRunSummary } from '../../api/types';
import { mapRunHref } from '../../model/address';
import { aboveText } from '../../model/filter';
import { count, duration, moment, plural, rate, share } from '../../model/format';
import type { Look } from '../../model/status';
import { Icon, StatusGlyph } from '../../widgets/icon';
import { Segments } from '../../widgets/panel';
import { usePreferences } from '../../widgets/preferences';
import type { RunView } from './maprun';
import { openChild } from './open_child';

function Figure({ name, children, sub }: { name: string; children: ComponentChildren; sub?: ComponentChildren }): JSX.Element {
  return <div class="fig"><dt>{name}</dt><dd>{children}{sub ? <small>{sub}</small> : null}</dd></div>;
}

const doneOf = (c: Counts): number => c.succeeded + c.failed + c.timedOut + c.aborted;

/** How far the run is: key figures, one bar, counts. */
export function Progress({ view }: { view: RunView }): JSX.Element {
  const { run } = view;
  const [of, setOf] = useState<'items' | 'executions'>('items');
  const counts = of === 'items' ? run.itemCounts : run.executionCounts;
  const running = run.stop === undefined;
  const whole = running ? counts.total : doneOf(counts);
  const children = run.executionCounts.total === run.itemCounts.total;
  return (
    <section class="summary" aria-label="Progress">
      <div class="figs">
        <dl class="bare">
        <Figure name="Finished" sub={`${running ? `${count(doneOf(counts))} of ` : ''}${of === 'items' ? plural(whole, 'item') : plural(whole, 'child', 'children')}${run.reading ? ', still reading' : ''}`}>{share(doneOf(counts), counts.total)}</Figure>
        {running ? <Figure name="Finishing" sub="/s over 1 min">{rate(run.rate1m)}</Figure> : <Figure name="Rate" sub="/s over all">{rate((doneOf(counts) / Math.max(1, run.end)) * 1e6)}</Figure>}
        {running ? <Left run={run} /> : <Figure name="At once" sub={run.maxConcurrency > 0 ? `of ${count(run.maxConcurrency)} allowed` : 'no limit set'}>{count(run.lanes)}</Figure>}
        <Failed run={run} />
        </dl>
        <dl class="set">
          {([['p50', run.p50], ['p95', run.p95], ['p99', run.p99], ['Longest', run.max]] as const).map(([name, value], i) => (
            <div key={name} class="fig"><dt>{name}</dt><dd>{run.n > 0 ? i > 0 ? <a class="quiet" title={`Children that took ${i === 3 ? 'longest' : 'longer'}`} href={mapRunHref(run.mapRunArn, [i === 3 ? `dur:>=${value}us` : aboveText('dur', value)])}>{duration(value)}</a> : duration(value) : '–'}</dd></div>
          ))}
        </dl>
      </div>
      <Bar counts={counts} />
      <Tail run={run} />
      <CountsLine run={run} counts={counts} toggle={children ? null : <Segments label="Count" options={[['items', 'Items'], ['executions', 'Child executions']] as const} value={of} onChange={setOf} />} />
    </section>
  );
}

/** All but a few have ended, and one of those takes far longer than others did. */
function Tail({ run }: { run: MapRunSummary }): JSX.Element | null {
  const c = run.executionCounts;
  const left = c.total - doneOf(c);
  const oldest = run.oldestRunning;
  const took = oldest ? run.end - oldest.start : 0;
  if (run.stop !== undefined || run.reading || !oldest || left === 0 || left >= c.total * 0.001 || run.p99 === 0 || took < run.p99 * 10) return null;
  return (
    <div class="note warn tail-note"><Icon name="alert" /><div class="grow">{left === 1 ? 'The last child is' : `The last ${count(left)} children are`} at work; the oldest, <button type="button" class="link accent" onClick={() => void openChild(run.mapRunArn, oldest.idx)}>#{count(oldest.idx)}</button>, for {duration(took)}, {Math.floor(took / run.p99)} times p99.</div></div>
  );
}

function Left({ run }: { run: MapRunSummary }): JSX.Element {
  const { zone } = usePreferences();
  if (!run.eta) return <Figure name="Left" sub={run.reading ? 'the items are still being read' : 'nothing has finished for a minute'}>–</Figure>;
  const now = run.start + run.end;
  const spread = Math.max(0, (run.eta.hi - run.eta.lo) / 2);
  return <Figure name="Left" sub={`± ${duration(spread)}, ends about ${moment(run.eta.at, now, zone)}`}>{duration(Math.max(0, run.eta.at - now))}</Figure>;
}

/** The share that failed, against what is tolerated. */
function Failed({ run }: { run: MapRunSummary }): JSX.Element {
  const c = run.itemCounts;
  const failed = c.failed + c.timedOut;
  const byCount = run.toleratedFailureCount > 0;
  const limit = byCount ? run.toleratedFailureCount : run.toleratedFailurePercentage;
  const value = byCount ? failed : c.total ? (failed / c.total) * 100 : 0;
  const name = limit > 0 ? `Failed, of ${byCount ? count(limit) : `${limit} %`} tolerated` : 'Failed, none is tolerated';
  const filled = limit > 0 ? Math.min(1, value / limit) : failed > 0 ? 1 : 0;
  return (
    <div class="fig">
      <dt>{name}</dt>
      <dd class="with-gauge">
        {failed > 0 ? <a class="quiet" href={mapRunHref(run.mapRunArn, ['status:failed,timed_out'])}>{byCount ? count(failed) : share(failed, c.total)}</a> : byCount ? '0' : share(0, Math.max(1, c.total))}
        {limit > 0 && limit < 100 ? <span class={`gauge ${filled >= 0.8 ? 'near' : ''}`} role="meter" aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(value, limit)} aria-label="Failed against what is tolerated"><i style={{ width: `${filled * 100}%` }} /><b style={{ left: '80%' }} /><b class="end" /></span> : null}
      </dd>
    </div>
  );
}

function Bar({ counts }: { counts: Counts }): JSX.Element {
  const parts = [['f-ok', counts.succeeded, 0], ['f-fail', counts.failed, 3], ['f-timeout', counts.timedOut, 3], ['f-abort', counts.aborted, 3], ['f-run', counts.running, 6]] as const;
  const label = `${share(counts.succeeded, counts.total)} succeeded, ${share(counts.failed + counts.timedOut, counts.total)} failed, ${share(counts.running, counts.total)} running, ${share(counts.pending, counts.total)} pending`;
  return <div class="bar tall" role="img" aria-label={label}>{parts.map(([kind, n, least]) => (n > 0 ? <i key={kind} class={kind} style={{ width: `${(n / counts.total) * 100}%`, minWidth: `${least}px` }} /> : null))}</div>;
}

function CountsLine({ run, counts, toggle }: { run: MapRunSummary; counts: Counts; toggle: ComponentChildren }): JSX.Element {
  const lines: readonly (readonly [Look, number, string, string])[] = [
    ['ok', counts.succeeded, 'succeeded', 'status:succeeded'], ['fail', counts.failed, 'failed', 'status:failed'], ['timeout', counts.timedOut, 'timed out', 'status:timed_out'],
    ['run', counts.running, 'running', ''], ['idle', counts.pending, 'pending', ''], ['idle', counts.pendingRedrive, 'waiting for redrive', ''], ['abort', counts.aborted, 'aborted', 'status:aborted'],
  ];
  return (
    <div class="counts">
      {lines.filter(([look, n]) => n > 0 || look === 'ok' || look === 'fail').map(([look, n, word, filter]) => {
        const text = <><StatusGlyph status="" look={look} title={word} /><b>{count(n)}</b> {word}</>;
        return n > 0 && filter ? <a key={word} class="quiet st plain" href={mapRunHref(run.mapRunArn, [filter])}>{text}</a> : <span key={word} class={`st plain ${n > 0 ? '' : 'none'}`}>{text}</span>;
      })}
      {counts.failuresNotRedrivable > 0 ? <span class="t3">{count(counts.failuresNotRedrivable)} cannot be redriven</span> : null}
      {counts.resultsWritten > 0 ? <span class="t3">{plural(counts.resultsWritten, 'result')} written</span> : null}
      {run.retries > 0 ? <a class="quiet t3" href={mapRunHref(run.mapRunArn, ['retry:>0'])}>{plural(run.retries, 'retry', 'retries')}</a> : null}
      {run.detail.kept < run.detail.total ? <span class="t3" title="Counts, percentiles and pictures come from all children">full traces of {count(run.detail.kept)}</span> : null}
      {toggle}
    </div>
  );
}
