import type { JSX } from 'preact';
import { snapshot } from '../../api/snapshot';
import type { ExecutionSummary } from '../../api/types';
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
import { Flame } from './flame';
import { States } from './states';
import { Stop } from './stop';
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
          <Tabs label="Views" current={viewOf(query.get('view'))} tabs={VIEWS.map(([id, title]) => ({ id, title, href: executionHref(arn, id === 'waterfall' ? {} : { view: id }) }))} />
          <Body summary={summary} view={viewOf(query.get('view'))} />
        </>
      )}
    </Shown>
  );
}

const VIEWS = [['waterfall', 'Graph and waterfall'], ['flame', 'Flame'], ['states', 'States'], ['events', 'Events'], ['io', 'Input and output'], ['definition', 'Definition']] as const;
type View = (typeof VIEWS)[number][0];
const viewOf = (text: string | null): View => VIEWS.find(([id]) => id === text)?.[0] ?? 'waterfall';

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
  return (
    <>
      <div class="phead" style={{ paddingBottom: '2px' }}>
        <h1>
          <span class="crumb"><a href={hrefOf({ page: 'executions' }, { machine: machineArn(summary.arn) })}>{machine}</a> / {summary.mapRun ? <><a href={mapRunHref(summary.mapRun)}>Map Run</a> / </> : null}</span>
          {summary.name}
        </h1>
        <StatusMark status={summary.status} word={<>{statusWord(summary)} <span class="t2">{duration((summary.stop ?? now) - summary.start)}</span></>} />
        {running && summary.here ? <span class="acts"><Stop summary={summary} /></span> : null}
        {!running && !snapshot ? <span class="act"><a class="btn plain" title="With this input, on the state machine as it is drawn in the editor" href={hrefOf({ page: 'machine', arn: machineArn(summary.arn) }, { edit: '1', replay: summary.arn })}>Replay on an edited machine</a></span> : null}
      </div>
      <div class="meta head-meta">
        <span title={fullMoment(summary.start, zone)}>Started <b>{moment(summary.start, now, zone)}</b></span>
        {children > 0 ? <span>Children <b>{only ? <a class="quiet" href={mapRunHref(only.arn)}>{count(children)}</a> : count(children)}</b></span> : null}
        {failed > 0 ? <span>Failed <b class="fail">{only ? <a class="quiet" href={mapRunHref(only.arn, ['status:failed,timed_out'])}>{count(failed)}</a> : count(failed)}</b></span> : null}
        <Copy text={summary.arn} what="the ARN">{cutMiddle(summary.arn, 46)}</Copy>
        <span class="pair-inline">Trace <Copy text={summary.trace.w3c} what="the trace id">{cutMiddle(summary.trace.w3c, 19)}</Copy></span>
      </div>
      {summary.error ? <div class="pad-edge"><div class="note fail"><Icon name="alert" /><div class="breaks"><b>{summary.error}</b>{summary.cause ? <><br />{causeText(summary.cause)}</> : null}</div></div></div> : null}
    </>
  );
}

const statusWord = ({ status }: ExecutionSummary): string =>
  ({ RUNNING: 'Running', SUCCEEDED: 'Succeeded in', FAILED: 'Failed after', TIMED_OUT: 'Timed out after', ABORTED: 'Aborted after', PENDING_REDRIVE: 'Waiting for redrive' })[status];
