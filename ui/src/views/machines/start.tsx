import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, operation } from '../../api/aws';
import type { LastInput, MachineAnswer } from '../../api/types';
import { executionHref } from '../../model/address';
import { bytes, moment } from '../../model/format';
import { jsonFault } from '../../model/json_fault';
import { Icon } from '../../widgets/icon';
import { go, useAddress } from '../../widgets/place';
import { usePreferences } from '../../widgets/preferences';

/** AWS's limit of an input, in bytes of UTF-8. */
const INPUT_BYTES_MAX = 262_144;

/** An input, a name, and the inputs it was started with before. */
export function Start({ machine }: { machine: MachineAnswer }): JSX.Element {
  const [input, setInput] = useState('{}');
  const [name, setName] = useState('');
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const fault = jsonFault(input);
  const size = new TextEncoder().encode(input).length;
  const tooLong = size > INPUT_BYTES_MAX;
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (fault) {
      field.current?.focus();
      field.current?.setSelectionRange(fault.at, fault.at + 1);
      return;
    }
    setBusy(true);
    setFailure('');
    try {
      const { executionArn } = await operation<{ executionArn: string }>('StartExecution', { stateMachineArn: machine.arn, input, ...(name ? { name } : {}) });
      go(executionHref(executionArn));
    } catch (error) {
      const { code, message } = failureOf(error);
      setFailure(`${code}: ${message}`);
      setBusy(false);
    }
  };
  const from = useAddress().query.get('from');
  useEffect(() => { if (from) void take(from); }, [from]);
  const take = async (execution: string): Promise<void> => {
    try {
      setInput(await inputOf(execution));
      setFailure('');
    } catch (error) {
      setFailure(failureOf(error).message);
    }
  };
  return (
    <form class="start" onSubmit={event => void start(event)}>
      <label class="over-label">Input, JSON
        <textarea ref={field} class="editor" rows={12} spellcheck={false} autocomplete="off" value={input} aria-invalid={fault !== undefined} aria-describedby="input-fault"
          onInput={event => setInput(event.currentTarget.value)}
          onKeyDown={event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit(); }} />
      </label>
      <p id="input-fault" class={`small ${fault || tooLong ? 'fail' : 't3'}`} role={fault ? 'alert' : undefined}>
        {fault ? `Line ${fault.line}, column ${fault.column}: ${fault.text}` : tooLong ? `${bytes(size)}: an input may have ${bytes(INPUT_BYTES_MAX)}` : `${bytes(size)} of ${bytes(INPUT_BYTES_MAX)}`}
      </p>
      <label class="over-label"><span>Name <span class="t3">a fresh one unless given</span></span>
        <span class="field"><input value={name} maxLength={80} spellcheck={false} autocomplete="off" onInput={event => setName(event.currentTarget.value)} /></span>
      </label>
      {failure ? <div class="note fail" role="alert"><Icon name="alert" /><div class="breaks">{failure}</div></div> : null}
      <div class="buttons">
        <button class="btn primary" disabled={busy || tooLong || !machine.runs}>Start execution</button>
        <button type="button" class="btn" disabled={fault !== undefined} onClick={() => setInput(pretty(input))}>Indent</button>
        <span class="t3 small only-wide"><kbd>Ctrl</kbd> <kbd>Enter</kbd> starts</span>
      </div>
      {machine.inputs.length > 0 ? (
        <section aria-label="Last inputs">
          <h4>Last inputs</h4>
          <LastInputs inputs={machine.inputs} onTake={one => void take(one)} />
        </section>
      ) : null}
    </form>
  );
}

/** The whole input of an execution, in lines. */
export async function inputOf(execution: string): Promise<string> {
  const { input } = await operation<{ input?: string }>('DescribeExecution', { executionArn: execution });
  return pretty(input ?? '{}');
}

/** Inputs that executions were started with, to be taken again. */
export const LastInputs = ({ inputs, onTake }: { inputs: readonly LastInput[]; onTake: (execution: string) => void }): JSX.Element => <ul class="inputs">{inputs.map(one => <Input key={one.execution} input={one} onTake={() => onTake(one.execution)} />)}</ul>;

function Input({ input, onTake }: { input: LastInput; onTake: () => void }): JSX.Element {
  const { zone } = usePreferences();
  return (
    <li>
      <button type="button" class="quiet-row" title="Put it into the field" onClick={onTake}><span class="mono cut">{input.preview}</span><span class="t3 small">{bytes(input.bytes)}</span></button>
      <a class="quiet t2 cut small" href={executionHref(input.execution)} title={input.name}>{input.name}</a>
      <span class="t3 small">{moment(input.start, Date.now() * 1000, zone)}</span>
    </li>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
