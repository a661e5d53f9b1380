import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ExecutionRow, ExecutionsAnswer, ExecutionSummary, GraphAnswer, MachinesAnswer, MapRunSummary, StatesAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { executionHref, hrefOf, mapRunHref } from '../../model/address';
import { machineArn, parseArn } from '../../model/arn';
import { count, duration, moment, plural, rate, share } from '../../model/format';
import { ratioText } from '../../model/ratio';
import { numbersOf } from '../../model/state_lines';
import { StatusMark } from '../../widgets/icon';
import { Panel, Segments } from '../../widgets/panel';
import { go, setState, useAddress } from '../../widgets/place';
import { usePreferences } from '../../widgets/preferences';
import { Empty, Shown } from '../../widgets/states';
import { useTitle } from '../../widgets/title';
import { StateTable } from './states';

/** Numbers of states, parents and children apart, of now and before; or two Map Runs, number beside number. */
export function Compare(): JSX.Element {
  const { query } = useAddress();
  useTitle('Compare');
  const a = query.get('a') ?? '';
  return a ? <Runs a={a} b={query.get('b') ?? ''} /> : <Machines />;
}

const RANGES = [['hour', 'Last hour', 3_600], ['day', '24 h', 86_400], ['week', '7 days', 604_800], ['', 'All', 0]] as const;
type Range = (typeof RANGES)[number][0];

function Machines(): JSX.Element {
  const { query } = useAddress();
  const asked = useAnswer<MachinesAnswer>('machines', { limit: 500 });
  const all = (asked.data?.rows ?? []).filter(row => row.executions > 0).sort((x, y) => (y.last?.start ?? 0) - (x.last?.start ?? 0));
  const machine = all.find(row => row.name === query.get('machine')) ?? all[0];
  return (
    <main>
      <div class="phead">
        <h1>Compare</h1>
        {machine ? <label class="field pick"><span class="sr">State machine</span><select value={machine.name} onChange={event => setState({ machine: event.currentTarget.value }, true)}>{all.map(row => <option key={row.arn} value={row.name}>{row.name}</option>)}</select></label> : null}
      </div>
      <Shown asked={asked} what="The state machines">
        {() => machine ? <><Measured key={machine.arn} machine={machine.name} /><Pick machine={machine.arn} /></> : <Empty>Nothing has run here yet: there is nothing to compare.</Empty>}
      </Shown>
    </main>
  );
}

/** The states of a machine over a stretch of time, and the one before it. */
function Measured({ machine }: { machine: string }): JSX.Element {
  const { query } = useAddress();
  const [now] = useState(() => Date.now() * 1000);
  const [range, , seconds] = RANGES.find(([id]) => id === query.get('range')) ?? RANGES[3];
  const from = seconds ? now - seconds * 1e6 : undefined;
  const against = from !== undefined && query.get('against') === 'before';
  const asked = useAnswer<StatesAnswer>('metrics/states', { machine, from });
  const before = useAnswer<StatesAnswer>(against ? 'metrics/states' : undefined, { machine, from: (from ?? 0) - seconds * 1e6, to: from });
  const tools = (
    <>
      {from === undefined ? null : <Segments label="Against" options={[['', 'Alone'], ['before', 'Against the time before']] as const} value={against ? 'before' : ''} onChange={value => setState({ against: value || undefined })} />}
      <Segments label="Started in" options={RANGES.map(([id, title]): [Range, string] => [id, title])} value={range} onChange={value => setState({ range: value || undefined })} />
    </>
  );
  return (
    <Panel title="States" sub="executions and children of Map Runs apart: over both together a percentile says nothing" tools={tools}>
      <Shown asked={asked} what="The numbers">
        {({ rows }) => rows.length === 0 ? <Empty>Nothing started then. <button type="button" class="btn small" onClick={() => setState({ range: undefined })}>All times</button></Empty>
          : <div class={asked.old ? 'aged' : ''}><StateTable now={rows} before={against ? before.data?.rows ?? [] : undefined} was="before" /></div>}
      </Shown>
    </Panel>
  );
}

/** Two runs to be compared: the first is chosen here, the second on the page that this leads to. */
function Pick({ machine }: { machine: string }): JSX.Element {
  return (
    <Panel title="Two Map Runs" sub="choose the first of the newest executions" class="ruled">
      <Newest machine={machine} except="" label={undefined} chosen="" choose={arn => go(hrefOf({ page: 'compare' }, { a: arn }))} none="No execution of it has a Map Run yet." />
    </Panel>
  );
}

function Runs({ a, b }: { a: string; b: string }): JSX.Element {
  const first = useAnswer<MapRunSummary>('maprun/summary', { arn: a }, 5_000);
  const second = useAnswer<MapRunSummary>(b ? 'maprun/summary' : undefined, { arn: b }, 5_000);
  return (
    <main>
      <div class="phead"><h1><span class="crumb"><a href={hrefOf({ page: 'compare' })}>Compare</a> / </span>{first.data ? first.data.state || first.data.label : 'two Map Runs'}</h1></div>
      <Shown asked={first} what="The Map Run">
        {run => (
          <>
            <Panel title="With" sub="another execution of the same state machine">
              <Newest machine={machineArn(run.executionArn)} except={run.executionArn} label={run.label} chosen={b} choose={arn => setState({ b: arn }, true)} begin={arn => setState({ b: arn })} none="There is no other execution with children yet." />
            </Panel>
            {b ? <Shown asked={second} what="The other Map Run">{other => <><Numbers a={run} b={other} /><Graphs a={run} b={other} /></>}</Shown> : null}
          </>
        )}
      </Shown>
    </main>
  );
}

/** The states of both executions, their own and those of their children. */
function Graphs({ a, b }: { a: MapRunSummary; b: MapRunSummary }): JSX.Element {
  const first = useAnswer<GraphAnswer>('exec/graph', { arn: a.executionArn });
  const second = useAnswer<GraphAnswer>('exec/graph', { arn: b.executionArn });
  const name = parseArn(a.executionArn)?.name ?? 'the first';
  return (
    <Panel title="States" sub={`of ${parseArn(b.executionArn)?.name}, against ${name}`} class="ruled">
      <Shown asked={second} what="The states">{graph => <StateTable now={numbersOf(graph)} before={first.data ? numbersOf(first.data) : []} was="first" />}</Shown>
    </Panel>
  );
}

/** The newest executions of a state machine that have a Map Run (of this label), to choose one of. */
function Newest({ machine, except, label, chosen, choose, begin, none }: { machine: string; except: string; label: string | undefined; chosen: string; choose: (arn: string) => void; begin?: (arn: string) => void; none: string }): JSX.Element {
  const { zone } = usePreferences();
  const asked = useAnswer<ExecutionsAnswer>('executions', { machine, limit: 50 });
  const others = (asked.data?.rows ?? []).filter(row => row.progress && row.arn !== except);
  return (
    <Shown asked={asked} what="The executions" lines={3}>
      {() => others.length === 0 ? <p class="pad t2">{none}</p> : (
        <div class="flush scroll-x"><table class="grid"><tbody>
          {others.slice(0, 12).map(row => <Other key={row.arn} row={row} started={moment(row.start, Date.now() * 1000, zone)} label={label} chosen={chosen} choose={choose} begin={chosen === '' && row === others[0] ? begin : undefined} />)}
        </tbody></table></div>
      )}
    </Shown>
  );
}

function Other({ row, started, label, chosen, choose, begin }: { row: ExecutionRow; started: string; label: string | undefined; chosen: string; choose: (arn: string) => void; begin: ((arn: string) => void) | undefined }): JSX.Element | null {
  const asked = useAnswer<ExecutionSummary>('exec/summary', { arn: row.arn });
  const run = asked.data?.mapRuns.find(one => label === undefined || one.label === label);
  // The newest is what one compares with, until another is chosen.
  useEffect(() => { if (begin && run) begin(run.arn); }, [run?.arn]);
  if (asked.data && !run) return null;
  return (
    <tr aria-selected={run && run.arn === chosen ? 'true' : undefined}>
      <td><button type="button" class="link accent" disabled={!run} onClick={() => { if (run) choose(run.arn); }}>{row.name}</button></td>
      <td><StatusMark status={row.status} /></td><td class="t2">{started}</td><td class="num t2">{run ? plural(run.counts.total, 'child', 'children') : ''}</td>
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
