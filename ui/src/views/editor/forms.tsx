// What each type of state can be told.

import type { JSX } from 'preact';
import type { Path } from '../../model/editor/json_text';
import { isObject, outOf, valueAt, type Raw } from '../../model/editor/machine';
import { Icon } from '../../widgets/icon';
import { announce } from '../../widgets/announce';
import { ErrorsField, Group, JsonField, NumberField, SegField, SelectField, TargetField, TextField, Two, useAbout, useChange } from './fields';
import { MapForm } from './map_form';
import { Rules } from './rules';
import { ShapeIcon } from './shapes';

export function Settings(): JSX.Element {
  const { state } = useAbout();
  return (
    <>
      {state.Type === 'Task' ? <TaskForm /> : state.Type === 'Map' ? <MapForm /> : state.Type === 'Choice' ? <Rules /> : state.Type === 'Wait' ? <WaitForm /> : state.Type === 'Pass' ? <PassForm /> : state.Type === 'Fail' ? <FailForm /> : state.Type === 'Parallel' ? <ParallelForm /> : null}
      <Onwards />
      <More />
    </>
  );
}

/** Where it goes on. Of a Choice that stands with its rules. */
function Onwards(): JSX.Element | null {
  const { path, state } = useAbout();
  const out = outOf(path, state);
  if (!out || state.Type === 'Choice') return null;
  return <Group><TargetField label="Next state" slot={out} ends="End" /></Group>;
}

function More(): JSX.Element {
  const { state, editor, language } = useAbout();
  const change = useChange();
  const { path } = useAbout();
  const whole = editor.language;
  return (
    <Group>
      <TextField label="Comment" at={['Comment']} />
      {whole === 'JSONPath' ? (
        <SegField label="Query language" at={['QueryLanguage']} value={language} options={[['JSONPath', 'JSONPath'], ['JSONata', 'JSONata']]} hint={state.QueryLanguage === undefined ? 'As the whole machine.' : undefined}
          onChange={value => change([...path, 'QueryLanguage'], value === whole ? undefined : value, '')} />
      ) : null}
    </Group>
  );
}

const RESOURCES: readonly string[] = [
  'arn:aws:states:::lambda:invoke', 'arn:aws:states:::lambda:invoke.waitForTaskToken', 'arn:aws:states:::http:invoke', 'arn:aws:states:::states:startExecution', 'arn:aws:states:::states:startExecution.sync:2',
  'arn:aws:states:::states:startExecution.waitForTaskToken', 'arn:aws:states:::aws-sdk:sfn:startSyncExecution', 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess', 'arn:aws:states:::aws-sdk:sfn:sendTaskFailure', 'arn:aws:states:::aws-sdk:sfn:sendTaskHeartbeat',
];

export const argumentsKey = (language: string): 'Arguments' | 'Parameters' => (language === 'JSONata' ? 'Arguments' : 'Parameters');

function TaskForm(): JSX.Element {
  const { state, language, functions, machines, path } = useAbout();
  const change = useChange();
  const key = argumentsKey(language);
  const resource = String(state.Resource ?? '');
  const lambda = resource.startsWith('arn:aws:states:::lambda:invoke');
  const callable = /:::(lambda:invoke|states:startExecution)(\.|$)/.test(resource);
  const base = resource.replace(/\.(waitForTaskToken|sync(:2)?)$/, '');
  const nested = base.endsWith('states:startExecution');
  const starts = /:::(states:startExecution|aws-sdk:sfn:start(Sync)?Execution)(\.|$)/.test(resource);
  const onwards: [string, string][] = [['', lambda ? 'with the answer' : 'once it is started'], ...(nested ? [['.sync:2', 'when it has ended, with its output'] as [string, string]] : []), ...(resource.endsWith('.sync') ? [['.sync', 'when it has ended'] as [string, string]] : []), ['.waitForTaskToken', 'when the task token comes back']];
  return (
    <>
      <Group title={lambda ? 'Function' : 'Call'}>
        {lambda ? <TextField label="Function" at={[key, 'FunctionName']} suffix=".$" options={functions} placeholder="name or ARN" hint={functions.length === 0 ? 'This server has no function yet: weft serve --function NAME=FILE.' : undefined} /> : null}
        <TextField label="Resource" at={['Resource']} options={RESOURCES} mono />
        {callable ? (
          <SelectField label="Goes on" value={resource.slice(base.length)} options={onwards} onChange={suffix => change([...path, 'Resource'], base + suffix, '')} />
        ) : null}
        {starts ? (
          <>
            <TextField label="State machine" at={[key, 'StateMachineArn']} suffix=".$" options={machines.map(one => one.arn)} placeholder="ARN" hint={machines.length === 0 ? 'There is no state machine here yet.' : undefined} />
            {valueAt(state, [key, 'Input.$']) !== undefined ? <TextField label="Its input" at={[key, 'Input.$']} mono hint="A path, or a States. function. Emptied, it can be JSON." /> : <JsonField label="Its input" at={[key, 'Input']} />}
          </>
        ) : null}
        {lambda ? valueAt(state, [key, 'Payload.$']) !== undefined ? <TextField label="Payload" at={[key, 'Payload.$']} mono hint="A path, or a States. function. Emptied, it can be JSON." /> : <JsonField label="Payload" at={[key, 'Payload']} sub={language === 'JSONPath' ? <span class="t3">or Payload.$ in the parameters</span> : undefined} /> : null}
        <JsonField live label={`${lambda || starts ? 'All ' : ''}${language === 'JSONata' ? 'arguments' : 'parameters'}`.replace(/^./, letter => letter.toUpperCase())} at={[key]} rows={4} hint={language === 'JSONata' ? 'JSON; strings in {% %} are expressions.' : 'JSON; names that end in .$ take a path or a States. function.'} />
      </Group>
      <Group title="Time">
        <Two>
          <NumberField label="Time-out" at={['TimeoutSeconds']} unit="s" placeholder="none" />
          <NumberField label="Heartbeat" at={['HeartbeatSeconds']} unit="s" placeholder="none" />
        </Two>
        <TextField label="Role to take on" at={['Credentials', 'RoleArn']} suffix=".$" placeholder="that of the machine" />
      </Group>
    </>
  );
}

function WaitForm(): JSX.Element {
  const { state, path } = useAbout();
  const change = useChange();
  const until = state.Timestamp !== undefined || state.TimestampPath !== undefined;
  const other = until ? ['Timestamp', 'TimestampPath'] : ['Seconds', 'SecondsPath'];
  return (
    <Group title="How long">
      <SegField label="Waits" at={['Seconds']} value={until ? 'until' : 'for'} options={[['for', 'for some seconds'], ['until', 'until a moment']]} onChange={value => {
        if ((value === 'until') === until) return;
        for (const key of other) if (state[key] !== undefined) change([...path, key], undefined, 'wait');
        if (value === 'until') change([...path, 'Timestamp'], new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, ''), 'wait');
        else change([...path, 'Seconds'], 5, 'wait');
      }} />
      {until ? <TextField label="Moment" at={['Timestamp']} suffix="Path" placeholder="2026-12-31T23:59:59Z" /> : <NumberField label="Seconds" at={['Seconds']} unit="s" />}
    </Group>
  );
}

function PassForm(): JSX.Element {
  const { language } = useAbout();
  if (language === 'JSONata') return <Group title="Result"><JsonField label="Output" live at={['Output']} rows={4} placeholder="{% $states.input %}" hint="Without one the input goes on." /></Group>;
  return <Group title="Result"><JsonField label="Result" at={['Result']} rows={4} hint="JSON as it is." /><JsonField label="Parameters" at={['Parameters']} hint="Names that end in .$ take a path or a States. function." /></Group>;
}

function FailForm(): JSX.Element {
  return <Group title="Failure"><TextField label="Error" at={['Error']} suffix="Path" placeholder="Orders.Refused" /><TextField label="Cause" at={['Cause']} suffix="Path" placeholder="a sentence" /></Group>;
}

function ParallelForm(): JSX.Element {
  const { editor, path, state, language } = useAbout();
  const branches = Array.isArray(state.Branches) ? state.Branches.filter(isObject) : [];
  return (
    <Group title="Branches" tools={<button type="button" class="btn small" onClick={() => void editor.edit(text => { if (text.has([...path, 'Branches'])) text.add([...path, 'Branches'], { States: {} }); else text.set([...path, 'Branches'], [{ States: {} }]); })}><Icon name="plus" />Branch</button>}>
      <ol class="lines">{branches.map((branch, i) => (
        <li key={i}><span class="grow cut">{typeof branch.StartAt === 'string' ? `${i + 1}. ${Object.keys((branch.States ?? {}) as Raw).join(', ')}` : `${i + 1}. empty`}</span>
          <button type="button" class="btn plain small icon" aria-label={`Delete branch ${i + 1}`} disabled={branches.length < 2} onClick={() => { if (editor.edit(text => text.remove([...path, 'Branches', i]))) announce(`Branch ${i + 1} deleted`); }}><ShapeIcon name="trash" /></button></li>
      ))}</ol>
      <JsonField label={language === 'JSONata' ? 'Input of the branches' : 'Parameters'} at={[argumentsKey(language)]} placeholder={language === 'JSONata' ? '{% $states.input %}' : ''} hint="Without one each branch gets the state's input." />
    </Group>
  );
}

/** Retry and Catch. */
export function Errors(): JSX.Element {
  const { editor, path, state, language } = useAbout();
  const retries = Array.isArray(state.Retry) ? state.Retry.filter(isObject) : [];
  const catches = Array.isArray(state.Catch) ? state.Catch.filter(isObject) : [];
  const add = (key: 'Retry' | 'Catch', value: Raw): void => void editor.edit(text => {
    if (!text.has([...path, key])) text.set([...path, key], [], ['Type', 'Comment', 'QueryLanguage', 'Resource', 'Arguments', 'Parameters', 'ItemProcessor', 'Iterator', 'Branches', 'ResultSelector', 'ResultPath', 'OutputPath', 'Assign', 'Output', ...(key === 'Catch' ? ['Retry'] : [])]);
    // States.ALL stands last.
    const list = text.get([...path, key]) as Raw[];
    const last = list.at(-1);
    text.add([...path, key], value, last && Array.isArray(last.ErrorEquals) && last.ErrorEquals.includes('States.ALL') ? list.length - 1 : undefined);
  });
  const all = (list: readonly Raw[]): boolean => list.some(one => Array.isArray(one.ErrorEquals) && one.ErrorEquals.includes('States.ALL'));
  return (
    <>
      <Group title="Retry" tools={<button type="button" class="btn small" onClick={() => add('Retry', { ErrorEquals: [all(retries) ? 'States.Timeout' : 'States.ALL'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 3 })}><Icon name="plus" />Retrier</button>}>
        {retries.length === 0 ? <p class="hint">A failure is not tried again.</p> : retries.map((retry, i) => <Retrier key={i} i={i} retry={retry} of={retries.length} />)}
      </Group>
      <Group title="Catch" tools={<button type="button" class="btn small" onClick={() => add('Catch', { ErrorEquals: [all(catches) ? 'States.Timeout' : 'States.ALL'] })}><Icon name="plus" />Catcher</button>}>
        {catches.length === 0 ? <p class="hint">A failure that is not tried again fails what is around this state.</p> : catches.map((_, i) => (
          <fieldset key={i} class="one"><legend>Catcher {i + 1}</legend><Move list="Catch" i={i} of={catches.length} />
            <ErrorsField at={['Catch', i, 'ErrorEquals']} />
            <TargetField label="Go on with" slot={[...path, 'Catch', i, 'Next']} />
            {language === 'JSONata' ? <JsonField label="Output" at={['Catch', i, 'Output']} rows={2} placeholder="{% $states.errorOutput %}" /> : <TextField label="Put the error at" at={['Catch', i, 'ResultPath']} placeholder="$" mono />}
            <JsonField label="Set variables" at={['Catch', i, 'Assign']} rows={1} only="object" />
            <TextField label="Comment" at={['Catch', i, 'Comment']} />
          </fieldset>
        ))}
      </Group>
    </>
  );
}

function Move({ list, i, of }: { list: string; i: number; of: number }): JSX.Element {
  const { editor, path } = useAbout();
  const own: Path = [...path, list];
  return (
    <span class="move">
      <button type="button" class="btn plain small icon" aria-label="Earlier" disabled={i === 0} onClick={() => void editor.edit(text => text.reorder(own, i, i - 1))}><ShapeIcon name="up" /></button>
      <button type="button" class="btn plain small icon" aria-label="Later" disabled={i === of - 1} onClick={() => void editor.edit(text => text.reorder(own, i, i + 1))}><Icon name="down" /></button>
      <button type="button" class="btn plain small icon" aria-label="Delete" onClick={() => editor.cut(text => (of === 1 ? text.remove(own) : text.remove([...own, i])))}><ShapeIcon name="trash" /></button>
    </span>
  );
}

/** The waits of a retrier, as they will be; '' where a number is none that is taken. */
function waits(retry: Raw): string {
  const number = (key: string, plain: number): number => (typeof retry[key] === 'number' ? retry[key] : plain);
  const [interval, rate, attempts, most] = [number('IntervalSeconds', 1), number('BackoffRate', 2), number('MaxAttempts', 3), number('MaxDelaySeconds', Infinity)];
  const all = Array.from({ length: Math.min(attempts, 6) }, (_, i) => Math.min(most, interval * rate ** i));
  if (interval < 1 || rate < 1 || most < 1) return '';
  if (all.length === 0) return 'Never tried again.';
  return `Waits ${all.map(one => `${Math.round(one * 10) / 10}`).join(', ')}${attempts > 6 ? ' …' : ''} s${retry.JitterStrategy === 'FULL' ? ', each at most' : ''}.`;
}

function Retrier({ i, retry, of }: { i: number; retry: Raw; of: number }): JSX.Element {
  const { path, editor } = useAbout();
  const change = useChange();
  const at = (key: string): Path => ['Retry', i, key];
  return (
    <fieldset class="one"><legend>Retrier {i + 1}</legend><Move list="Retry" i={i} of={of} />
      <ErrorsField at={at('ErrorEquals')} />
      <Two><NumberField label="Max attempts" at={at('MaxAttempts')} placeholder="3" /><NumberField label="Interval" at={at('IntervalSeconds')} unit="s" placeholder="1" /></Two>
      <Two><NumberField label="Back-off rate" at={at('BackoffRate')} placeholder="2" /><NumberField label="Max delay" at={at('MaxDelaySeconds')} unit="s" placeholder="none" /></Two>
      <SelectField label="Jitter" at={at('JitterStrategy')} value={String(valueAt(editor.machine, [...path, ...at('JitterStrategy')]) ?? 'NONE')} options={[['NONE', 'None'], ['FULL', 'Full: anywhere up to the wait']]} onChange={value => change([...path, ...at('JitterStrategy')], value === 'NONE' ? undefined : value, '')} hint={waits(retry)} />
      <TextField label="Comment" at={at('Comment')} />
    </fieldset>
  );
}

/** What goes on to the next state, and what is kept in variables. */
export function Output(): JSX.Element {
  const { state, language } = useAbout();
  const result = state.Type === 'Task' || state.Type === 'Map' || state.Type === 'Parallel';
  return (
    <>
      {language === 'JSONata' ? (
        state.Type === 'Pass' ? null : <Group title="Output"><JsonField live label="Output" at={['Output']} rows={4} placeholder={result ? '{% $states.result %}' : '{% $states.input %}'} hint={result ? 'Without one the result goes on.' : 'Without one the input goes on.'} /></Group>
      ) : (
        <Group title="Output">
          <TextField label="Input path" at={['InputPath']} placeholder="$" mono />
          {result ? <JsonField label="Result selector" at={['ResultSelector']} only="object" /> : null}
          {result || state.Type === 'Pass' ? <TextField label="Put the result at" at={['ResultPath']} placeholder="$" mono hint="Beside the input, which stays; $ puts it in place of the input, null leaves it out." /> : null}
          <TextField label="Output path" at={['OutputPath']} placeholder="$" mono />
        </Group>
      )}
      <Group title="Variables">
        <JsonField live label="Assign" at={['Assign']} rows={3} only="object" placeholder={language === 'JSONata' ? '{ "total": "{% $sum($states.input.prices) %}" }' : '{ "total.$": "$.total" }'} hint="Read as $name by the states that follow." />
      </Group>
    </>
  );
}
