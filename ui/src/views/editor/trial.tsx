// A state tried on an input by itself: really run, or with a result or a failure in its place.

import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { failureOf } from '../../api/aws';
import { isObject, nameOfState, type Raw } from '../../model/editor/machine';
import { jsonFault } from '../../model/json_fault';
import { PayloadView } from '../../widgets/payload';
import { StatusMark } from '../../widgets/icon';
import { Failed } from './dialogs';
import { Group, useAbout } from './fields';
import { lastInput, tryState, type Trial } from './server';

const WORDS = { SUCCEEDED: ['ok', 'Succeeded'], FAILED: ['fail', 'Failed'], RETRIABLE: ['warn', 'Failed, and is tried again'], CAUGHT_ERROR: ['warn', 'Failed, and is caught'] } as const;
/** Members of the inspection, in the order in which a state goes through them. */
const STAGES: readonly (readonly [string, string])[] = [
  ['afterInputPath', 'After the input path'], ['afterItemsPath', 'Items'], ['afterItemSelector', 'Inputs of the items'], ['afterItemBatcher', 'Batches'], ['afterParameters', 'Parameters'], ['afterArguments', 'Arguments'], ['result', 'Result'],
  ['afterResultSelector', 'After the result selector'], ['afterResultPath', 'With the result'], ['variables', 'Variables'],
];

type How = 'real' | 'result' | 'error';

export function TrialTab(): JSX.Element {
  const { editor, path, state } = useAbout();
  const name = nameOfState(path);
  const input = editor.sample(name);
  // By a name that no state has.
  const given = `\u0000variables of ${name}`;
  const variables = editor.sample(given);
  const [how, setHow] = useState<How>('real');
  const [mock, setMock] = useState(answerLike(state));
  const [error, setError] = useState('States.TaskFailed');
  const [cause, setCause] = useState('');
  const [tried, setTried] = useState('');
  const [trial, setTrial] = useState<Trial | undefined>();
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const id = useId();
  const answers = state.Type === 'Task' || state.Type === 'Map' || state.Type === 'Parallel';
  const must = answers && !canBeCalled(state);
  const now: How = must && how === 'real' ? 'result' : how;
  const fault = jsonFault(input) ?? jsonFault(variables);
  const mockFault = now === 'result' && answers ? jsonFault(mock) : undefined;
  const doing = async (what: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure('');
    try {
      await what();
    } catch (thrown) {
      const { code, message } = failureOf(thrown);
      setFailure(code === 'Error' ? message.replace(/^Error: /, '') : `${code}: ${message}`);
    }
    setBusy(false);
  };
  const run = (): Promise<void> => doing(async () => {
    setTrial(undefined);
    setTrial(await tryState(editor.text, name, input, { mock: !answers || now === 'real' ? undefined : now === 'result' ? { result: mock } : { errorOutput: { error, cause } }, ...(now === 'error' && Number(tried) > 0 ? { stateConfiguration: { retrierRetryCount: Number(tried) } } : {}), ...(editor.hasSample(given) ? { variables } : {}) }));
  });
  const last = (): Promise<void> => doing(async () => editor.setSample(name, pretty(await lastInput(editor.arn ?? '', name))));
  return (
    <Group>
      <div class="f">
        <label for={`${id}-in`}><span>Input of the state</span>{editor.arn ? <button type="button" class="link accent" onClick={() => void last()}>that of the last run</button> : null}</label>
        <textarea id={`${id}-in`} class="editor small-editor" rows={Math.min(14, Math.max(4, input.split('\n').length))} spellcheck={false} aria-invalid={fault !== undefined} value={input} onInput={event => editor.setSample(name, event.currentTarget.value)}
          onKeyDown={event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !fault && !mockFault) { event.preventDefault(); event.stopPropagation(); void run(); } }} />
        {fault ? <span class="hint fail">Line {fault.line}, column {fault.column}: {fault.text}</span> : null}
      </div>
      {state.Type === 'Fail' || state.Type === 'Succeed' ? null : <div class="f"><label for={`${id}-vars`}>Variables before it</label><textarea id={`${id}-vars`} class="editor small-editor" rows={1} spellcheck={false} aria-invalid={jsonFault(variables) !== undefined} value={variables} onInput={event => editor.setSample(given, event.currentTarget.value)} /></div>}
      {answers ? (
        <div class="f"><span class="l">What it calls</span>
          <span class="seg full" role="group" aria-label="What it calls">{([['real', 'Is called'], ['result', 'Answers'], ['error', 'Fails']] as const).filter(([one]) => !(must && one === 'real')).map(([one, text]) => <button key={one} type="button" aria-pressed={one === now} onClick={() => setHow(one)}>{text}</button>)}</span>
        </div>
      ) : null}
      {answers && now === 'result' ? <div class="f"><label for={`${id}-mock`}>Its answer</label><textarea id={`${id}-mock`} class="editor small-editor" rows={3} spellcheck={false} aria-invalid={mockFault !== undefined} value={mock} onInput={event => setMock(event.currentTarget.value)} /></div> : null}
      {answers && now === 'error' ? <div class="f"><label for={`${id}-error`}>Its error</label><span class="field"><input id={`${id}-error`} spellcheck={false} value={error} onInput={event => setError(event.currentTarget.value)} /></span></div> : null}
      {answers && now === 'error' ? (
        <>
          <div class="f"><label for={`${id}-cause`}>Its cause</label><span class="field"><input id={`${id}-cause`} spellcheck={false} placeholder="none" value={cause} onInput={event => setCause(event.currentTarget.value)} /></span></div>
          <div class="f"><label for={`${id}-tried`}>Tried again before</label><span class="field"><input id={`${id}-tried`} inputMode="numeric" placeholder="0" value={tried} onInput={event => setTried(event.currentTarget.value.replace(/\D/g, '').slice(0, 6))} /><span class="unit">times</span></span></div>
        </>
      ) : null}
      <div class="buttons"><button type="button" class="btn" disabled={busy || fault !== undefined || mockFault !== undefined || editor.fault !== undefined} onClick={() => void run()}>Test state</button></div>
      <Failed text={failure} />
      {trial ? <Outcome trial={trial} state={state} /> : null}
    </Group>
  );
}

/** Whether what a state does can be done by itself: what is waited for is answered by nobody here. */
const canBeCalled = (state: Raw): boolean => state.Type === 'Task' && !/\.(sync(:2)?|waitForTaskToken)$|:activity:/.test(String(state.Resource ?? ''));

/** What an answer of such a call looks like, to be written over. */
function answerLike(state: Raw): string {
  const resource = String(state.Resource ?? '');
  if (state.Type === 'Map' || state.Type === 'Parallel') return '[]';
  if (/:::lambda:invoke$/.test(resource)) return '{ "StatusCode": 200, "Payload": {} }';
  if (/:::states:startExecution\.sync/.test(resource)) return resource.endsWith(':2') ? '{ "Status": "SUCCEEDED", "Output": {} }' : '{ "Status": "SUCCEEDED", "Output": "{}" }';
  if (/:::http:invoke$/.test(resource)) return '{ "StatusCode": 200, "ResponseBody": {} }';
  return '{}';
}

/** By which rule a Choice goes on, where that is certain by where it goes. */
function ruleTo(state: Raw, next: string | undefined): string {
  if (state.Type !== 'Choice' || next === undefined) return '';
  const rules = (Array.isArray(state.Choices) ? state.Choices : []).flatMap((rule: unknown, i) => (isObject(rule) && rule.Next === next ? [`rule ${i + 1}`] : []));
  const ways = [...rules, ...(state.Default === next ? ['no rule, otherwise'] : [])];
  return ways.length === 0 ? '' : `, by ${ways.join(' or ')}`;
}

function Outcome({ trial, state }: { trial: Trial; state: Raw }): JSX.Element {
  const [look, word] = WORDS[trial.status];
  const stages = STAGES.filter(([key]) => typeof trial.inspectionData?.[key] === 'string');
  return (
    <div class="trial" role="status">
      <p class="trial-head"><StatusMark status={trial.status} look={look} word={word} />{trial.nextState ? <span class="t2">goes on with {trial.nextState}{ruleTo(state, trial.nextState)}</span> : null}</p>
      {trial.error !== undefined ? <p class="fail small breaks">{trial.error}{trial.cause ? `: ${trial.cause}` : ''}</p> : null}
      {trial.output !== undefined ? <><h4>Output</h4><PayloadView text={trial.output} what="the output" /></> : null}
      {stages.map(([key, title]) => <details key={key}><summary>{title}</summary><PayloadView text={String(trial.inspectionData?.[key])} what={title} /></details>)}
    </div>
  );
}

export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
