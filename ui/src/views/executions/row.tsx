import type { JSX } from 'preact';
import type { ExecutionRow } from '../../api/types';
import { executionHref, hrefOf } from '../../model/address';
import { machineName } from '../../model/arn';
import { age, count, duration, fullMoment, moment, share } from '../../model/format';
import { useNow } from '../../widgets/clock';
import { StatusMark } from '../../widgets/icon';
import { usePreferences } from '../../widgets/preferences';

export function Row({ row, at, selected }: { row: ExecutionRow; at: number; selected: boolean }): JSX.Element {
  const { zone } = usePreferences();
  const running = row.stop === undefined;
  const now = useNow(running ? 1_000 : 10_000);
  const { progress } = row;
  const done = progress ? progress.succeeded + progress.failed + progress.timedOut + progress.aborted : 0;
  const failed = progress ? progress.failed + progress.timedOut : 0;
  const whole = progress !== undefined && done === progress.total && !running;
  const machine = machineName(row.machine);
  const started = moment(row.start, now, zone);
  return (
    <tr data-row={at} aria-selected={selected ? 'true' : undefined}>
      <td class="a"><StatusMark status={row.status} /></td>
      <td class="b cut" title={row.name}><a class="quiet" href={executionHref(row.arn)}>{row.name}</a></td>
      <td class="o3 cut t2" title={machine}><a class="quiet" href={hrefOf({ page: 'machine', arn: row.machine })}>{machine}</a></td>
      <td class="e t2" title={fullMoment(row.start, zone)}><span class="only-card">{machine} · </span>{started} <span class="t3 ago">{age(now - row.start)}</span></td>
      <td class="c num">{duration((row.stop ?? now) - row.start)}</td>
      <td class="f">{progress && !whole && progress.total > 0 ? <Progress of={progress} done={done} failed={failed} /> : null}</td>
      <td class="num o1">{progress ? whole ? count(done) : <>{count(done)} <span class="t3">of {count(progress.total)}{progress.reading ? ' so far' : ''}</span></> : null}</td>
      <td class={`num o2 ${failed ? 'fail' : 't3'}`}>{failed ? count(failed) : null}</td>
      <td class="g cut fail" title={row.error ? `${row.error}${row.cause ? `: ${row.cause}` : ''}` : undefined}>{row.error ? <>{row.error} <span class="t2 small">{row.cause}</span></> : null}</td>
    </tr>
  );
}

function Progress({ of, done, failed }: { of: NonNullable<ExecutionRow['progress']>; done: number; failed: number }): JSX.Element {
  const part = (value: number): string => `${(value / of.total) * 100}%`;
  return (
    <div class="prog" role="img" aria-label={`${share(done, of.total)} finished`}>
      <span class="bar">
        <i class="f-ok" style={{ width: part(of.succeeded) }} />
        {failed ? <i class="f-fail" style={{ width: part(failed), minWidth: '2px' }} /> : null}
        {of.aborted ? <i class="f-abort" style={{ width: part(of.aborted), minWidth: '2px' }} /> : null}
        {of.running ? <i class="f-run" style={{ width: part(of.running), minWidth: '4px' }} /> : null}
      </span>
      <span class="num t2">{share(done, of.total)}</span>
    </div>
  );
}
