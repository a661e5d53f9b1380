import type { JSX } from 'preact';
import { snapshot } from '../../api/snapshot';
import type { EventsAnswer, ExecutionSummary, GraphAnswer, MachinesAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { executionHref, hrefOf, mapRunHref } from '../../model/address';
import { machineName, machineArn } from '../../model/arn';
import { causeText } from '../../model/errors';
import { count, cutMiddle, duration, fullMoment, moment } from '../../model/format';
import { useNow } from '../../widgets/clock';
import { Copy } from '../../widgets/copy';
import { Icon, StatusMark } from '../../widgets/icon';
import { Tabs } from '../../widgets/panel';
import { useAddress } from '../../widgets/place';
import { usePreferences } from '../../widgets/preferences';
import { Shown } from '../../widgets/states';
import { useTitle } from '../../widgets/title';
import { Definition } from './definition';
import { Events } from './events';
import { ExportHistory } from './export';
import { Flame } from './flame';
import { GRAPH_EVERY_MS } from './graph';
import { Redrive, Redriven } from './redrive';
import { States } from './states';
import { Stop } from './stop';
import { useRow } from './span_panel';
import { Timeline } from './timeline';
import { InputOutput } from './io';

export function Execution({ arn }: { arn: string }): JSX.Element {
  const { query } = useAddress();
  const asked = useAnswer<ExecutionSummary>('exec/summary', { arn }, 1_000);
  useTitle(asked.data?.name, asked.data ? machineName(asked.data.machine) : undefined);
  return (
    <Shown asked={asked} what="The execution">
      {summary => (
        <>
          <Head summary={summary} />
          <Views summary={summary} view={viewOf(query.get('view'))} />
          <Body summary={summary} view={viewOf(query.get('view'))} />
        </>
      )}
    </Shown>
  );
}

const VIEWS = [['waterfall', 'Graph and waterfall'], ['flame', 'Flame'], ['states', 'States'], ['events', 'Events'], ['io', 'Input and output'], ['definition', 'Definition']] as const;
type View = (typeof VIEWS)[number][0];
const viewOf = (text: string | null): View => VIEWS.find(([id]) => id === text)?.[0] ?? 'waterfall';

/** The tabs, and how much is behind those of which one can tell. */
function Views({ summary, view }: { summary: ExecutionSummary; view: View }): JSX.Element {
  const { arn } = summary;
  const live = summary.stop === undefined;
  // Where nothing else shows it, the count alone is not worth more.
  const shown = view === 'waterfall' || view === 'states';
  const graph = useAnswer<GraphAnswer>('exec/graph', { arn }, live && shown ? GRAPH_EVERY_MS : 10_000).data;
  const events = useAnswer<EventsAnswer>('exec/events', { arn, limit: 1 }, live ? 5_000 : 0).data;
  const n: Partial<Record<View, number | undefined>> = { states: graph && graph.nodes.length + graph.mapRuns.reduce((sum, run) => sum + run.nodes.length, 0), events: events?.total };
  return <Tabs label="Views" current={view} tabs={VIEWS.map(([id, title]) => ({ id, title, n: n[id], href: executionHref(arn, id === 'waterfall' ? {} : { view: id }) }))} />;
}

function Body({ summary, view }: { summary: ExecutionSummary; view: View }): JSX.Element {
  const live = summary.stop === undefined;
  switch (view) {
    case 'waterfall': return <Timeline summary={summary} />;
    case 'flame': return <Flame summary={summary} />;
    case 'states': return <States arn={summary.arn} live={live} />;
    case 'events': return <Events arn={summary.arn} start={summary.start} live={live} />;
    case 'io': return <InputOutput summary={summary} />;
    case 'definition': return <Definition arn={summary.arn} />;
  }
}

function Head({ summary }: { summary: ExecutionSummary }): JSX.Element {
  const { zone } = usePreferences();
  const running = summary.stop === undefined;
  const now = useNow(running ? 1_000 : 60_000);
  const machine = machineName(summary.machine);
  const children = summary.mapRuns.reduce((sum, run) => sum + run.counts.total, 0);
  const failed = summary.mapRuns.reduce((sum, run) => sum + run.counts.failed + run.counts.timedOut, 0);
  const only = summary.mapRuns.length === 1 ? summary.mapRuns[0] : undefined;
  const child = useRow(summary);
  return (
    <>
      <div class="phead" style={{ paddingBottom: '2px' }}>
        <h1>
          <span class="crumb"><a href={hrefOf({ page: 'executions' }, { machine: machineArn(summary.arn) })}>{machine}</a> / {summary.mapRun ? <><a href={mapRunHref(summary.mapRun)}>Map Run</a> / </> : null}</span>
          {summary.name}
        </h1>
        <StatusMark status={summary.status} word={<>{statusWord(summary)} <span class="t2">{duration((summary.stop ?? now) - summary.start)}</span></>} />
        <span class="acts">
          {snapshot ? null : <ExportHistory arn={summary.arn} name={summary.name} />}
          {running && summary.here ? <Stop summary={summary} /> : null}
          {!running && summary.here ? <Again summary={summary} /> : null}
        </span>
      </div>
      <div class="meta head-meta">
        <span title={fullMoment(summary.start, zone)}>Started <b>{moment(summary.start, now, zone)}</b></span>
        {child ? <span>Child <b>#{count(child.idx)}</b></span> : null}
        {child?.key ? <span class="pair-inline item-key">Item <Copy text={child.key} what="the item's key">{cutMiddle(child.key, 60)}</Copy></span> : null}
        <Redriven of={summary} now={now} />
        {children > 0 ? <span>Children <b>{only ? <a class="quiet" href={mapRunHref(only.arn)}>{count(children)}</a> : count(children)}</b></span> : null}
        {failed > 0 ? <span>Failed <b class="fail">{only ? <a class="quiet" href={mapRunHref(only.arn, ['status:failed,timed_out'])}>{count(failed)}</a> : count(failed)}</b></span> : null}
        {summary.here && !snapshot ? <a href={hrefOf({ page: 'machine', arn: machineArn(summary.arn) }, { edit: '1' })}>Edit state machine</a> : null}
        <Copy text={summary.arn} what="the ARN">{cutMiddle(summary.arn, 46)}</Copy>
        <span class="pair-inline">Trace <Copy text={summary.trace.w3c} what="the trace id">{cutMiddle(summary.trace.w3c, 19)}</Copy></span>
      </div>
      {summary.error ? <div class="pad-edge"><div class="note fail"><Icon name="alert" /><div class="breaks"><b>{summary.error}</b>{summary.cause ? <><br />{causeText(summary.cause)}</> : null}</div></div></div> : null}
    </>
  );
}

/** What runs it again in some way, where something runs at all. */
function Again({ summary }: { summary: ExecutionSummary }): JSX.Element | null {
  const runs = useAnswer<MachinesAnswer>(snapshot ? undefined : 'machines', { limit: 1 }).data?.runs;
  if (!runs) return null;
  const machine = { page: 'machine', arn: machineArn(summary.arn) } as const;
  return (
    <>
      {summary.status === 'SUCCEEDED' ? null : <Redrive arn={summary.arn} here={summary.here} />}
      {summary.mapRun ? null : <a class="btn" title="Start another with this input, which can be changed first" href={hrefOf(machine, { from: summary.arn })}>New from this</a>}
      <a class="btn" title="With this input, on the state machine as it is drawn in the editor" href={hrefOf(machine, { edit: '1', replay: summary.arn })}>Replay on an edited machine</a>
    </>
  );
}

const statusWord = ({ status }: ExecutionSummary): string =>
  ({ RUNNING: 'Running', SUCCEEDED: 'Succeeded in', FAILED: 'Failed after', TIMED_OUT: 'Timed out after', ABORTED: 'Aborted after', PENDING_REDRIVE: 'Waiting for redrive' })[status];
