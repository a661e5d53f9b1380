import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { snapshot } from '../../api/snapshot';
import type { ErrorsAnswer, MapRunSummary, RedriveAnswer } from '../../api/types';
import { useLive } from '../../api/live';
import { useAnswer } from '../../api/use';
import { executionHref, hrefOf } from '../../model/address';
import { machineArn, parseArn } from '../../model/arn';
import { cutMiddle, duration, plural } from '../../model/format';
import { withFilter } from '../../model/filter';
import { causeText, groupsIn, nameOfGroup } from '../../model/errors';
import { useNow } from '../../widgets/clock';
import { Copy } from '../../widgets/copy';
import { Icon, StatusMark } from '../../widgets/icon';
import { InSight } from '../../widgets/in_sight';
import { useKeys } from '../../widgets/keys';
import { setState, useAddress } from '../../widgets/place';
import { Shown } from '../../widgets/states';
import { useTitle } from '../../widgets/title';
import { Redrive, Redriven } from '../execution/redrive';
import { Children } from './children';
import { Differs } from './differs';
import { ErrorGroups } from './error_groups';
import { useErrorNames } from './error_names';
import { FilterBar } from './filter_bar';
import { Lanes } from './lanes';
import { OverTime } from './over_time';
import { Progress } from './progress';
import { Settings } from './settings';
import { Slowest } from './slowest';

/** What every panel of the page works on. */
export interface RunView {
  run: MapRunSummary;
  /** The children that the filters leave; the run itself where there are none. */
  chosen: MapRunSummary | undefined;
  filters: string[];
  add: (filter: string) => void;
  /** These filters in place of all that hold. */
  choose: (filters: string[]) => void;
  /** ms between questions while it runs. */
  every: number;
  errors: ErrorsAnswer | undefined;
  /** Names of error groups by id. */
  errorNames: ReadonlyMap<string, string>;
}

type LiveCounts = Pick<MapRunSummary, 'itemCounts' | 'executionCounts' | 'reading'>;
const finished = (run: LiveCounts): number => run.executionCounts.total - run.executionCounts.pending - run.executionCounts.pendingRedrive - run.executionCounts.running;
/** Counts only grow: of two tellings the one that is further. */
const newer = (run: MapRunSummary, counts: LiveCounts): MapRunSummary =>
  finished(counts) > finished(run) ? { ...run, itemCounts: counts.itemCounts, executionCounts: counts.executionCounts, ...(counts.reading === undefined ? {} : { reading: counts.reading }) } : run;

export function MapRun({ arn }: { arn: string }): JSX.Element {
  const asked = useAnswer<MapRunSummary>('maprun/summary', { arn }, 1_000);
  useTitle(asked.data?.state, asked.data ? parseArn(asked.data.executionArn)?.name : undefined);
  const counts = useLive<LiveCounts>('counts', asked.data && asked.data.stop === undefined ? `maprun:${arn}` : undefined);
  return <Shown asked={asked} what="The Map Run">{run => <Page run={run.stop === undefined && counts ? newer(run, counts) : run} />}</Shown>;
}

function Page({ run }: { run: MapRunSummary }): JSX.Element {
  const { query } = useAddress();
  const filters = query.getAll('f').flatMap(text => text.split(' ')).filter(Boolean);
  const every = run.stop === undefined ? 2_000 : run.final ? 0 : 10_000;
  const arn = run.mapRunArn;
  const selection = useAnswer<MapRunSummary>(filters.length > 0 ? 'maprun/summary' : undefined, { arn, f: filters }, every);
  const errors = useAnswer<ErrorsAnswer>('maprun/errors', { arn }, every);
  const frequent = useMemo(() => new Map((errors.data?.groups ?? []).map(group => [String(group.id), nameOfGroup(group)])), [errors.data]);
  const names = useErrorNames(arn, frequent, errors.data ? groupsIn(filters) : []);
  const clear = (): void | boolean => (filters.length > 0 ? setState({ f: [] }, true) : false);
  useKeys({ Escape: clear });
  const view: RunView = {
    run, filters, every, errors: errors.data, errorNames: names,
    chosen: filters.length === 0 ? run : selection.old ? undefined : selection.data,
    add: filter => setState({ f: withFilter(filters, filter) }, true),
    choose: chosen => setState({ f: chosen }, true),
  };
  return (
    <>
      <Head run={run} />
      <Progress view={view} />
      <FilterBar view={view} error={selection.error?.message} />
      <main class="sheet main">
        <div class="col col-a"><InSight><OverTime view={view} /></InSight><InSight><Lanes view={view} /></InSight></div>
        <div class="col col-b"><InSight><Differs view={view} /></InSight><InSight><ErrorGroups view={view} /></InSight><InSight><Slowest view={view} /></InSight></div>
      </main>
      <InSight><Children view={view} /></InSight>
    </>
  );
}

/** A Map Run is redriven with its execution, which may have caught the error and gone on; then the reason stands here. */
function RedriveChildren({ run, n }: { run: MapRunSummary; n: number }): JSX.Element | null {
  const plan = useAnswer<RedriveAnswer>(snapshot ? undefined : 'exec/redrive', { arn: run.executionArn }, 10_000).data;
  if (!plan) return null;
  if (plan.status === 'NOT_REDRIVABLE') return <span class="small t2">{plan.reason}</span>;
  return <Redrive arn={run.executionArn} here={run.here} label={`Redrive ${plural(n, 'child', 'children')}`} />;
}

function Head({ run }: { run: MapRunSummary }): JSX.Element {
  const running = run.stop === undefined;
  const now = useNow(running ? 1_000 : 0);
  const parent = parseArn(run.executionArn);
  const { failed, timedOut, aborted, pending } = run.executionCounts;
  const unsuccessful = failed + timedOut + aborted + pending;
  const id = parseArn(run.mapRunArn)?.name ?? run.mapRunArn;
  return (
    <>
      <div class="phead">
        <h1>
          <span class="crumb"><a href={hrefOf({ page: 'executions' }, { machine: machineArn(run.executionArn) })}>{parent?.machine}</a> / <a href={executionHref(run.executionArn)}>{parent?.name}</a> / </span>
          {run.state || run.label}
        </h1>
        <StatusMark status={run.status} word={<>{running ? 'Running' : run.status === 'SUCCEEDED' ? 'Succeeded in' : run.status === 'ABORTED' ? 'Aborted after' : 'Failed after'} <span class="t2">{duration((run.stop ?? now) - run.start)}</span></>} />
        <span class="meta"><span>Map Run</span><Copy text={run.mapRunArn} what="the ARN">{cutMiddle(id, 15)}</Copy><Redriven of={run} now={now} /></span>
        <span class="acts">
          <a class="btn" href={hrefOf({ page: 'compare' }, { a: run.mapRunArn })}>Compare</a>
          {running ? run.here ? <Settings run={run} /> : null : unsuccessful > 0 && run.status !== 'SUCCEEDED' ? <RedriveChildren run={run} n={unsuccessful} /> : null}
        </span>
      </div>
      {run.error ? <div class="pad-edge"><div class="note fail"><Icon name="alert" /><div class="breaks"><b>{run.error}</b>{run.cause ? <><br />{causeText(run.cause)}</> : null}</div></div></div> : null}
    </>
  );
}
