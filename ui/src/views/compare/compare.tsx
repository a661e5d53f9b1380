import type { JSX } from 'preact';
import type { ExecutionsAnswer, ExecutionSummary, MapRunSummary } from '../../api/types';
import { useAnswer } from '../../api/use';
import { executionHref, mapRunHref } from '../../model/address';
import { machineArn, parseArn } from '../../model/arn';
import { count, duration, moment, rate, share } from '../../model/format';
import { ratioText } from '../../model/ratio';
import { Panel } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { usePreferences } from '../../widgets/preferences';
import { Empty, Shown } from '../../widgets/states';
import { useTitle } from '../../widgets/title';

/** Two Map Runs of the same state, number beside number. */
export function Compare(): JSX.Element {
  const { query } = useAddress();
  useTitle('Compare');
  const a = query.get('a') ?? '';
  const b = query.get('b') ?? '';
  const first = useAnswer<MapRunSummary>(a ? 'maprun/summary' : undefined, { arn: a }, 5_000);
  const second = useAnswer<MapRunSummary>(b ? 'maprun/summary' : undefined, { arn: b }, 5_000);
  return (
    <main>
      <div class="phead"><h1>Compare{first.data ? ` ${first.data.state || first.data.label}` : ''}</h1></div>
      {!a ? <Empty>Open a Map Run and choose “Compare”.</Empty> : (
        <Shown asked={first} what="The Map Run">
          {run => (
            <>
              <Choice run={run} chosen={b} />
              {b ? <Shown asked={second} what="The other Map Run">{other => <Numbers a={run} b={other} />}</Shown> : null}
            </>
          )}
        </Shown>
      )}
    </main>
  );
}

/** Which other run: one of the newest of the same state machine. */
function Choice({ run, chosen }: { run: MapRunSummary; chosen: string }): JSX.Element {
  const { zone } = usePreferences();
  const asked = useAnswer<ExecutionsAnswer>('executions', { machine: machineArn(run.executionArn), limit: 50 });
  const others = (asked.data?.rows ?? []).filter(row => row.progress && row.arn !== run.executionArn);
  return (
    <Panel title="With" sub="another execution of the same state machine">
      {asked.data && others.length === 0 ? <p class="pad-y t2">There is no other execution with children yet.</p> : (
        <div class="flush scroll-x"><table class="grid"><tbody>
          {others.slice(0, 12).map(row => <Other key={row.arn} arn={row.arn} name={row.name} started={moment(row.start, Date.now() * 1000, zone)} label={run.label} chosen={chosen} />)}
        </tbody></table></div>
      )}
    </Panel>
  );
}

function Other({ arn, name, started, label, chosen }: { arn: string; name: string; started: string; label: string; chosen: string }): JSX.Element | null {
  const asked = useAnswer<ExecutionSummary>('exec/summary', { arn });
  const run = asked.data?.mapRuns.find(one => one.label === label);
  if (asked.data && !run) return null;
  return (
    <tr aria-selected={run?.arn === chosen ? 'true' : undefined}>
      <td><button type="button" class="link" disabled={!run} onClick={() => setState({ b: run?.arn }, true)}>{name}</button></td>
      <td class="t2">{started}</td><td class="num t2">{run ? `${count(run.counts.total)} children` : ''}</td>
    </tr>
  );
}

function Numbers({ a, b }: { a: MapRunSummary; b: MapRunSummary }): JSX.Element {
  const mean = (run: MapRunSummary, value: number): number => (run.n > 0 ? value / run.n : 0);
  const lines: [string, (run: MapRunSummary) => number, (value: number) => string][] = [
    ['Children finished', run => run.n, count],
    ['Failed, share', run => (run.n > 0 ? run.failed / run.n : 0), value => share(value, 1)],
    ['Tried again, retries a child', run => mean(run, run.retries), value => value.toFixed(2)],
    ['Finished per second', run => (run.n / Math.max(1, run.end)) * 1e6, rate],
    ['At once, at most', run => run.lanes, count],
    ['Took in all', run => run.end, duration],
    ['p50', run => run.p50, duration], ['p95', run => run.p95, duration], ['p99', run => run.p99, duration], ['Longest', run => run.max, duration],
    ['Waited for a function, mean', run => mean(run, run.split.queue), duration], ['Cold start, mean', run => mean(run, run.split.cold), duration],
    ['In functions, mean', run => mean(run, run.split.run), duration], ['Between retries, mean', run => mean(run, run.split.retryWait), duration], ['Else, mean', run => mean(run, run.split.other), duration],
  ];
  const name = (run: MapRunSummary): JSX.Element => <><a href={mapRunHref(run.mapRunArn)}>{parseArn(run.executionArn)?.name}</a> <a class="quiet t3 small" href={executionHref(run.executionArn)}>execution</a></>;
  return (
    <Panel title="Numbers" sub="of all children; the last column is the second against the first">
      <div class="flush scroll-x">
        <table class="grid compare">
          <thead><tr><th /><th class="num">{name(a)}</th><th class="num">{name(b)}</th><th class="num">Ratio</th></tr></thead>
          <tbody>{lines.map(([title, value, text]) => <tr key={title}><th scope="row">{title}</th><td class="num">{text(value(a))}</td><td class="num">{text(value(b))}</td><td class="num t2">{ratioText(value(a), value(b))}</td></tr>)}</tbody>
        </table>
      </div>
    </Panel>
  );
}
