import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { failureOf } from '../../api/aws';
import type { LastInput } from '../../api/types';
import { TEMPLATES, type Template } from '../../model/editor/catalogue';
import { diffStates } from '../../model/editor/diff';
import { merged } from '../../model/editor/merge';
import { bytes } from '../../model/format';
import { jsonFault } from '../../model/json_fault';
import { Dialog } from '../../widgets/dialog';
import { Icon } from '../../widgets/icon';
import { Diff } from './diff';
import { definitionOf } from './export';
import { LastInputs, inputOf } from '../machines/start';
import { Refusals, refusals } from './problems';
import { useEditor, type Editor } from './store';

/** Something that may fail while it is done: its words stay in the dialog. */
export function useDoing(): { busy: boolean; failure: string; run: (what: () => Promise<void>) => Promise<void> } {
  const [state, set] = useState({ busy: false, failure: '' });
  return {
    ...state,
    run: async what => {
      set({ busy: true, failure: '' });
      try {
        await what();
        set({ busy: false, failure: '' });
      } catch (error) {
        const { code, message } = failureOf(error);
        set({ busy: false, failure: code === 'Error' ? message.replace(/^Error: /, '') : `${code}: ${message}` });
      }
    },
  };
}
export const Failed = ({ text }: { text: string }): JSX.Element | null => (text ? <div class="note fail" role="alert"><Icon name="alert" /><div class="breaks">{text}</div></div> : null);

/** AWS's rule for the name of a state machine. */
const nameFault = (name: string): string | undefined => (name === '' ? 'A name is needed' : name.length > 80 ? 'At most 80 characters' : /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name) ? 'No blanks, and none of <>{}[]?*"#%\\^|~`$&,;:/' : undefined);

export function NameDialog({ editor, verb, taken, onClose, onName }: { editor: Editor; verb: string; taken?: string; onClose: () => void; onName: (name: string) => Promise<void> }): JSX.Element {
  const [name, setName] = useState(editor.arn ? `${editor.name}-2` : editor.name);
  const doing = useDoing();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => { field.current?.focus(); field.current?.select(); }, []);
  const fault = name === '' ? undefined : nameFault(name);
  useEditor(editor);
  const refused = refusals(editor).length > 0;
  const submit = (event: Event): void => { event.preventDefault(); if (!nameFault(name) && !refused) void doing.run(() => onName(name)); };
  return (
    <Dialog title={editor.arn ? 'Save as a new state machine' : 'Save the state machine'} onClose={onClose}>
      {taken ? <p>{taken}</p> : null}
      <Refusals editor={editor} onGo={onClose} />
      <form onSubmit={submit}>
        <label class="over-label">Name<span class="field"><input ref={field} value={name} maxLength={100} spellcheck={false} autocomplete="off" onInput={event => setName(event.currentTarget.value)} /></span></label>
        {fault ? <p class="hint fail" role="alert">{fault}</p> : null}
        <Failed text={doing.failure} />
        <div class="buttons"><button class="btn primary" disabled={doing.busy || nameFault(name) !== undefined || refused}>{verb}</button><button type="button" class="btn" onClick={onClose}>Cancel</button></div>
      </form>
    </Dialog>
  );
}

/** Nothing was put in. */
const NO_INPUT = '{}';

/** An input, then a start: what is not saved yet is shown, and saved first. `inputs`: of the machine's executions. */
export function RunDialog({ editor, saves, inputs, onClose, onRun }: { editor: Editor; saves: boolean; inputs: readonly LastInput[]; onClose: () => void; onRun: (name: string, input: string, execution: string) => Promise<void> }): JSX.Element {
  useEditor(editor);
  const doing = useDoing();
  const [name, setName] = useState(editor.name);
  const field = useRef<HTMLTextAreaElement>(null);
  const [execution, setExecution] = useState('');
  const naming = saves && editor.arn === undefined;
  const refused = saves && refusals(editor).length > 0;
  const take = (from: string, always: boolean): Promise<void> => doing.run(async () => {
    const input = await inputOf(from);
    if (always || editor.input === NO_INPUT) editor.set({ input });
  });
  useEffect(() => {
    const newest = [...inputs].sort((a, b) => b.start - a.start)[0];
    if (newest && editor.input === NO_INPUT) void take(newest.execution, false);
  }, []);
  useLayoutEffect(() => { if (!naming) field.current?.focus(); }, []);
  const fault = jsonFault(editor.input);
  const wrong = naming ? nameFault(name) : undefined;
  const submit = (event: Event): void => { event.preventDefault(); if (!fault && !wrong && !refused) void doing.run(() => onRun(name, editor.input, execution)); };
  return (
    <Dialog title="Run" onClose={onClose}>
      <form class={saves && !naming ? 'wide' : ''} onSubmit={submit}>
        {saves ? <Refusals editor={editor} onGo={onClose} /> : null}
        {saves && !naming ? (
          <>
            <StateChanges before={editor.base} after={editor.machine} />
            <details class="fold"><summary>What is saved before it runs</summary><Diff before={editor.base} after={editor.text} label="What is saved" /></details>
          </>
        ) : null}
        {naming ? <label class="over-label">Name of the state machine<span class="field"><input value={name} autofocus maxLength={100} spellcheck={false} autocomplete="off" onInput={event => setName(event.currentTarget.value)} /></span></label> : null}
        {wrong && name !== '' ? <p class="hint fail" role="alert">{wrong}</p> : null}
        <label class="over-label">Input, JSON
          <textarea ref={field} class="editor" rows={8} spellcheck={false} aria-invalid={fault !== undefined} value={editor.input} onInput={event => editor.set({ input: event.currentTarget.value })}
            onKeyDown={event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit(); }} />
        </label>
        <p class={`hint ${fault ? 'fail' : ''}`}>{fault ? `Line ${fault.line}, column ${fault.column}: ${fault.text}` : bytes(new TextEncoder().encode(editor.input).length)}</p>
        {inputs.length > 0 ? <details class="fold"><summary>Last inputs</summary><LastInputs inputs={inputs} onTake={one => void take(one, true)} /></details> : null}
        <label class="over-label"><span>Name of the execution <span class="t3">a fresh one unless given</span></span><span class="field"><input value={execution} maxLength={80} spellcheck={false} autocomplete="off" onInput={event => setExecution(event.currentTarget.value)} /></span></label>
        <Failed text={doing.failure} />
        <div class="buttons"><button class="btn primary" disabled={doing.busy || fault !== undefined || wrong !== undefined || refused}>{saves ? 'Save and run' : 'Run'}</button><button type="button" class="btn" onClick={onClose}>Cancel</button></div>
      </form>
    </Dialog>
  );
}

const CHANGED = { added: 'new', removed: 'gone', changed: 'changed', moved: 'moved' } as const;

function StateChanges({ before, after }: { before: string; after: unknown }): JSX.Element | null {
  const changes = useMemo(() => {
    try { return diffStates(JSON.parse(before), after); } catch { return []; }
  }, [before, after]);
  if (changes.length === 0) return null;
  return <p class="changes">{changes.map(one => <span key={one.name} class={`chip ${one.kind}`}><span class="k">{CHANGED[one.kind]}</span>{one.name}</span>)}</p>;
}

/** What would be saved, beside what is there; and of a conflict what both sides did. */
export function ReviewDialog({ editor, saves, onClose, onSave }: { editor: Editor; saves: boolean; onClose: () => void; onSave: (over: boolean) => Promise<string | undefined> }): JSX.Element {
  useEditor(editor);
  const doing = useDoing();
  const [theirs, setTheirs] = useState(editor.behind ? editor.server : undefined);
  const refused = refusals(editor).length > 0;
  const main = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => main.current?.focus(), [theirs]);
  const together = useMemo(() => (theirs === undefined ? undefined : merged(editor.base, editor.text, theirs)), [theirs, editor.base, editor.text]);
  const save = (over: boolean): void => void doing.run(async () => setTheirs(await onSave(over)));
  return (
    <Dialog title={theirs === undefined ? (saves ? 'Save a revision' : 'Changes since it was saved') : 'Somebody else saved meanwhile'} onClose={onClose}>
      <div class="wide">
        {theirs === undefined ? null : (
          <>
            <p>Both began from the same definition. Theirs is on the server; nothing of yours is lost while you decide. {together && 'text' in together ? 'The changes are about different states: both can be kept.' : together?.both.length ? `Both changed ${together.both.map(name => `“${name}”`).join(', ')}.` : ''}</p>
            <h4>What they changed</h4>
            <Diff before={editor.base} after={theirs} label="What they changed" />
            <h4>What you changed</h4>
          </>
        )}
        <StateChanges before={editor.base} after={editor.machine} />
        <Diff before={editor.base} after={editor.text} label="What you changed" />
        <Failed text={doing.failure} />
        {saves ? <Refusals editor={editor} onGo={onClose} /> : null}
        <div class="buttons">
          {theirs !== undefined ? (
            <>
              {together && 'text' in together ? <button type="button" class="btn primary" onClick={() => { editor.takeBoth(theirs, together.text); setTheirs(undefined); }}>Keep both</button> : null}
              <button type="button" class="btn danger" disabled={doing.busy || refused} onClick={() => save(true)}>Save mine over theirs</button>
              <button type="button" class="btn" onClick={() => { editor.found(theirs); editor.discard(); onClose(); }}>Take theirs</button>
            </>
          ) : saves ? <button ref={main} type="button" class="btn primary" disabled={doing.busy || refused} onClick={() => save(false)}>Save revision</button> : null}
          <button type="button" class="btn" onClick={onClose}>{saves ? 'Go on editing' : 'Close'}</button>
        </div>
      </div>
    </Dialog>
  );
}

/** This draft beside that of another window. */
export function ElsewhereDialog({ editor, other: { key, draft }, onClose }: { editor: Editor; other: Editor['elsewhere'][number]; onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Two drafts" onClose={onClose}>
      <div class="wide">
        <p>What is here, beside the draft of the other window.</p>
        <StateChanges before={editor.text} after={valueOf(draft.text)} />
        <Diff before={editor.text} after={draft.text} label="From this draft to the other" />
        <div class="buttons">
          <button type="button" class="btn" onClick={() => { editor.takeElsewhere(key); onClose(); }}>Take the other</button>
          <button type="button" class="btn danger" onClick={() => { editor.dropElsewhere(key); onClose(); }}>Throw the other away</button>
          <button type="button" class="btn" onClick={onClose}>Keep both</button>
        </div>
      </div>
    </Dialog>
  );
}
const valueOf = (text: string): unknown => { try { return JSON.parse(text); } catch { return {}; } };

export function ImportDialog({ onClose, onText }: { onClose: () => void; onText: (text: string) => void }): JSX.Element {
  const [text, setText] = useState('');
  const [failure, setFailure] = useState('');
  // What does not come with the text, told before it is taken.
  const [told, setTold] = useState<{ text: string; lost: string } | undefined>();
  const take = (content: string): void => {
    try {
      const { definition, lost } = definitionOf(content);
      setFailure('');
      setText(content);
      if (lost !== undefined && told?.text !== content) return setTold({ text: content, lost });
      onText(definition);
      onClose();
    } catch (error) {
      setText(content);
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog title="Import a definition" onClose={onClose}>
      <form onSubmit={event => { event.preventDefault(); take(text); }}>
        <label class="over-label">A file in JSON or YAML
          <input type="file" accept=".json,.yaml,.yml,.asl" onChange={event => void event.currentTarget.files?.[0]?.text().then(take)} />
        </label>
        <label class="over-label">or its text<textarea class="editor" rows={10} spellcheck={false} value={text} onInput={event => setText(event.currentTarget.value)} /></label>
        <p class="hint">It takes the place of what is here; undo brings that back. YAML becomes JSON: of its form and comments nothing stays.</p>
        {told?.text === text ? <div class="note warn" role="alert"><Icon name="alert" /><div class="breaks">JSON has no {told.lost}: the definition comes without. The file stays as it is.</div></div> : null}
        <Failed text={failure} />
        <div class="buttons"><button class="btn primary" disabled={text.trim() === ''}>{told?.text === text ? 'Import without' : 'Import'}</button><button type="button" class="btn" onClick={onClose}>Cancel</button></div>
      </form>
    </Dialog>
  );
}

export function TemplatesDialog({ onClose, onTake }: { onClose: () => void; onTake: (template: Template) => void }): JSX.Element {
  return (
    <Dialog title="Begin with a template" onClose={onClose}>
      <ul class="templates">{TEMPLATES.map(one => <li key={one.id}><button type="button" class="btn" onClick={() => { onTake(one); onClose(); }}>{one.title}</button><span class="t2">{one.about}</span></li>)}</ul>
      <form method="dialog"><button class="btn">Close</button></form>
    </Dialog>
  );
}

const KEYS: readonly (readonly [string, string])[] = [
  ['a', 'Add behind the selected state'], ['b', 'Add before it'], ['i', 'Add inside a Map or Parallel'], ['↑ ↓ ← →', 'Select the next state; with Shift one more'], ['Alt ↑ ↓', 'Move the state along its way'],
  ['Enter, F2', 'To the form, at its name; Esc back'], ['Shift F10', 'Menu of the state, also the right button'], ['Del', 'Delete'], ['Ctrl D', 'Duplicate'], ['Ctrl C X V', 'Copy, cut, paste'], ['Ctrl A', 'Select all'], ['Ctrl Z, Ctrl Shift Z', 'Undo, redo'], ['Ctrl F', 'Find a state'], ['Ctrl S', 'Save'], ['Ctrl Enter', 'Run'],
  ['+ − 0', 'Zoom in, out, to fit; also Ctrl and the wheel'], ['Alt C', 'To the middle'], ['Shift drag', 'Select with a frame'], ['Ctrl drag', 'Drag a copy'],
];
export function KeysDialog({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keys of the editor" onClose={onClose}>
      <dl class="kv">{KEYS.map(([key, what]) => <><dt><kbd>{key}</kbd></dt><dd>{what}</dd></>)}</dl>
      <form method="dialog"><button class="btn">Close</button></form>
    </Dialog>
  );
}

