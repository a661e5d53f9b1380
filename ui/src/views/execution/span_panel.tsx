import type { ComponentChildren, JSX } from 'preact';
import type { ChildRow, ChildrenAnswer, ExecutionSummary, SpanAnswer, TreeAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { executionHref, mapRunHref } from '../../model/address';
import { causeText } from '../../model/errors';
import { count, cutMiddle, duration, fullMoment, offset } from '../../model/format';
import { bars } from '../../model/tree';
import { Copy } from '../../widgets/copy';
import { Icon, StatusGlyph, StatusMark } from '../../widgets/icon';
import { PayloadView } from '../../widgets/payload';
import { usePreferences } from '../../widgets/preferences';
import { Shown } from '../../widgets/states';
import { Logs } from './logs';

/** What a chosen row is: its facts, what went in and out, its attempts and what it logged. */
export function SpanPanel({ arn, id, summary, onClose }: { arn: string; id: string; summary: ExecutionSummary; onClose: () => void }): JSX.Element {
  return (
    <aside class="panel span" aria-label="Chosen row">
      <div class="span-in">
        <button type="button" class="btn plain icon close" aria-label="Close" onClick={onClose}><Icon name="x" /></button>
        {id === 'child' ? <ChildPanel arn={arn} /> : <Span arn={arn} id={id} summary={summary} />}
      </div>
    </aside>
  );
}

function Section({ title, sub, children }: { title: string; sub?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return <div class="sec"><h4>{title} {sub ? <span class="sub">{sub}</span> : null}</h4>{children}</div>;
}

function ErrorNote({ error, cause, where }: { error: string | undefined; cause: string | undefined; where?: string }): JSX.Element | null {
  if (!error && !cause) return null;
  return <div class="note fail"><Icon name="alert" /><div class="breaks"><b>{error || 'Error'}</b>{where ? ` in ${where}` : ''}{cause ? <><br />{causeText(cause)}</> : null}</div></div>;
}

// Named already, or of no use to a person.
const HIDDEN = ['state_name', 'stepname', 'statemachinename', 'statemachinearn', 'execution_name', 'execution_arn', 'region', 'aws_account', 'account_id', 'workflow_type', 'is_distributed_map_child', 'root_execution_arn', 'parent_execution_arn', 'map_label', 'error.stack'];
const NAMES: Record<string, string> = { state_type: 'Type', function: 'Function', retry_count: 'Retries', next_state: 'Next', 'service.name': 'Service', state_entered_time: 'Entered', nested_execution_arn: 'Starts', schedule_time_ns: 'Waited' };

function Span({ arn, id, summary }: { arn: string; id: string; summary: ExecutionSummary }): JSX.Element {
  const asked = useAnswer<SpanAnswer>('span', { arn, id }, summary.stop === undefined ? 2_000 : 0);
  const { zone } = usePreferences();
  return (
    <Shown asked={asked} what="The row" lines={10}>
      {span => {
        const facts = Object.entries(span.attributes).filter(([name]) => !HIDDEN.includes(name) && name !== 'error.caught');
        const caught = span.attributes['error.caught'] !== undefined;
        return (
          <>
            <div class="top-part"><h3>{span.name}</h3><div class="meta"><StatusMark status={span.status} {...(caught ? { look: 'warn' as const, word: 'Caught' } : {})} /><span>{duration(span.d)}</span>{arn !== summary.arn ? <a href={executionHref(arn)}>Open its execution</a> : null}</div></div>
            {span.error || span.cause ? <div class="sec first"><ErrorNote error={span.error} cause={span.cause} /></div> : null}
            {span.note ? <div class="sec first"><div class="note"><Icon name="info" /><div>{span.note}</div></div></div> : null}
            <div class="sec first">
              <dl class="kv">
                <dt>Started</dt><dd title={fullMoment(span.start, zone)}>{offset(span.s, 1000)}</dd>
                {span.resource ? <><dt>Resource</dt><dd class="mono">{span.resource}</dd></> : null}
                {facts.map(([name, value]) => <><dt>{NAMES[name] ?? name}</dt><dd>{name === 'nested_execution_arn' ? <a href={executionHref(String(value))}>{cutMiddle(String(value), 40)}</a> : name === 'schedule_time_ns' ? duration(Number(value) / 1000) : String(value)}</dd></>)}
                <dt>Trace</dt><dd><Copy text={span.trace} what="the trace id">{cutMiddle(span.trace, 19)}</Copy></dd>
                {arn === summary.arn ? <><dt>Datadog</dt><dd><Copy text={summary.trace.dd} what="Datadog's trace id">{summary.trace.dd}</Copy></dd></> : null}
              </dl>
            </div>
            {span.attributes['error.stack'] ? <Section title="Stack"><pre class="code">{String(span.attributes['error.stack'])}</pre></Section> : null}
            <Attempts arn={arn} id={id} span={span} />
            {span.input !== undefined ? <Section title="Input"><PayloadView text={span.input} what="the input" source={{ arn, id, of: 'input' }} /></Section> : null}
            {span.output !== undefined ? <Section title="Output"><PayloadView text={span.output} what="the output" source={{ arn, id, of: 'output' }} /></Section> : null}
            {span.kind === 'state' ? <Logs arn={arn} state={span.name} start={span.start - span.s} /> : null}
          </>
        );
      }}
    </Shown>
  );
}

/** A Task that was tried several times: each, on the time of the state. */
function Attempts({ arn, id, span }: { arn: string; id: string; span: SpanAnswer }): JSX.Element | null {
  const retried = span.kind === 'state' && Number(span.attributes.retry_count ?? 0) > 0;
  const asked = useAnswer<TreeAnswer>(retried ? 'exec/tree' : undefined, { arn, parent: id, groupMin: 100 }, 0);
  const rows = (asked.data?.rows ?? []).filter(row => row.row === 'span' && row.kind === 'attempt' && row.level === 0);
  if (rows.length === 0) return null;
  const scale = { from: span.s, to: span.s + Math.max(1, span.d) };
  return (
    <Section title="Attempts" sub={count(rows.length)}>
      <div class="att">
        {rows.map((row, i) => row.row === 'span' ? (
          <>
            <StatusGlyph status={row.status} {...(row.error ? { title: row.error } : {})} /><span class="t2">{i + 1}</span>
            <span class="t">{bars({ ...row, parts: row.parts ?? [] }, scale).slice(row.parts ? 1 : 0).map((one, j) => <i key={j} class={one.kind} style={{ left: `${one.left * 100}%`, width: `${one.width * 100}%` }} />)}</span>
            <span class="num">{duration(row.d)}</span>
          </>
        ) : null)}
      </div>
    </Section>
  );
}

function ChildPanel({ arn }: { arn: string }): JSX.Element {
  const asked = useAnswer<ExecutionSummary>('exec/summary', { arn }, 2_000);
  return (
    <Shown asked={asked} what="The child" lines={10}>
      {child => (
        <>
          <ChildHead child={child} />
          <Section title="Input"><PayloadView text={child.input.preview} size={child.input.bytes} what="the input" source={{ arn, of: 'input' }} /></Section>
          {child.output ? <Section title="Output"><PayloadView text={child.output.preview} size={child.output.bytes} what="the output" source={{ arn, of: 'output' }} /></Section> : null}
          <Logs arn={arn} start={child.start} />
        </>
      )}
    </Shown>
  );
}

function ChildHead({ child }: { child: ExecutionSummary }): JSX.Element {
  const { zone } = usePreferences();
  const row = useRow(child);
  return (
    <>
      <div class="top-part"><h3>{row ? `Child #${count(row.idx)}` : child.name}</h3><div class="meta"><StatusMark status={child.status} />{child.stop ? <span>{duration(row?.d ?? child.stop - child.start)}</span> : null}{row?.retries ? <span>{row.retries === 1 ? '1 retry' : `${count(row.retries)} retries`}</span> : null}<a href={executionHref(child.arn)}>Open child</a></div></div>
      {child.error ? <div class="sec first"><ErrorNote error={child.error} cause={child.cause} /></div> : null}
      <div class="sec first">
        <dl class="kv">
          {row?.key ? <><dt>Item key</dt><dd class="mono">{row.key}</dd></> : null}
          <dt>Started</dt><dd title={fullMoment(child.start, zone)}>{row ? `${offset(row.s, 1000)}, lane ${count(row.lane)}` : fullMoment(child.start, zone)}</dd>
          {row?.wait ? <><dt>Queued</dt><dd>{duration(row.wait)}</dd></> : null}
          {row?.cold ? <><dt>Cold start</dt><dd>{duration(row.cold)}</dd></> : null}
          {row?.run ? <><dt>Function</dt><dd>{duration(row.run)}</dd></> : null}
          {row ? <><dt>Trace kept</dt><dd>{row.kept === null ? 'Summary only: sampled out' : row.kept === 'all' ? 'Full' : `Full: ${row.kept.replaceAll('_', ' ')}`}</dd></> : null}
          <dt>Name</dt><dd><Copy text={child.arn} what="the ARN">{child.name}</Copy></dd>
        </dl>
      </div>
      {row && row.err > 0 && child.mapRun ? <Section title="Same error"><a href={mapRunHref(child.mapRun, [`err:${row.err}`])}>Show the children that failed so</a></Section> : null}
    </>
  );
}

/** The row of a finished child, found by when it started. */
export function useRow(child: ExecutionSummary): ChildRow | undefined {
  const asked = useAnswer<ChildrenAnswer>(child.mapRun && child.stop ? 'maprun/children' : undefined, { arn: child.mapRun, child: child.arn, limit: 1 }, 0);
  return asked.data?.rows.find(row => row.arn === child.arn);
}
