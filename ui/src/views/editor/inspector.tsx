import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Here } from '../../model/editor/absent';
import { JsonText, type Path } from '../../model/editor/json_text';
import { keyOf, languageOf, nameOfState, type Raw } from '../../model/editor/machine';
import * as operations from '../../model/editor/operations';
import { jsonFault } from '../../model/json_fault';
import { plural } from '../../model/format';
import { AboutContext, Frame, Group, NumberField, SegField, TextField, Two, useAbout, useChange, useTyped, type About } from './fields';
import { Errors, Output, Settings } from './forms';
import { Configuration } from './configuration';
import { Info, InfoButton } from './info';
import { drawNow } from './now';
import { shapeOf } from '../../model/editor/describe';
import { ShapeIcon } from './shapes';
import { useEditor, type Editor } from './store';
import { TrialTab } from './trial';

type Tab = 'settings' | 'errors' | 'output' | 'test' | 'json';

/** What is selected, as forms; of nothing, the machine. */
export function Inspector({ editor, here, onAdd, onDone, onConvert }: { editor: Editor; here: Required<Here>; onAdd: (slot: Path) => void; onDone: () => void; onConvert: () => void }): JSX.Element {
  useEditor(editor, one => [one.text, one.machine, one.selection, one.findings, one.fault, one.config, one.savedConfig, one.name, one.type, one.samples]);
  const [info, setInfo] = useState(false);
  const escape = (event: KeyboardEvent): void => { if (event.key === 'Escape' && !event.defaultPrevented) { event.preventDefault(); onDone(); } };
  const { selected } = editor;
  const path = selected.length === 1 ? selected[0] : undefined;
  const state = path && editor.stateAt(path);
  const about = (at: Path, of: Raw): About => ({ editor, path: at, state: of, language: languageOf(editor.machine, at.length ? of : undefined), ...here, onAdd });
  return (
    <aside class="panel insp" aria-label={path ? nameOfState(path) : 'Workflow'} onKeyDown={escape}>
      {selected.length > 1 ? <Several editor={editor} onDone={onDone} /> : path && state ? (
        <AboutContext.Provider value={about(path, state)}><State key={keyOf(path)} onDone={onDone} info={info} onInfo={setInfo} /></AboutContext.Provider>
      ) : <AboutContext.Provider value={about([], editor.machine as Raw)}><Machine onConvert={onConvert} info={info} onInfo={setInfo} /></AboutContext.Provider>}
    </aside>
  );
}

interface WithInfo { info: boolean; onInfo: (info: boolean) => void }

function State({ onDone, info, onInfo }: { onDone: () => void } & WithInfo): JSX.Element {
  const { editor, path, state } = useAbout();
  const [tab, setTab] = useState<Tab>('settings');
  const type = String(state.Type ?? '');
  const fails = type === 'Task' || type === 'Map' || type === 'Parallel';
  const n = (Array.isArray(state.Retry) ? state.Retry.length : 0) + (Array.isArray(state.Catch) ? state.Catch.length : 0);
  const tabs: [Tab, string, number?][] = [['settings', 'Settings'], ...(fails ? [['errors', 'Retry and catch', n] as [Tab, string, number]] : []), ...(type === 'Fail' ? [] : [['output', 'Output'] as [Tab, string]]), ['test', 'Test'], ['json', 'JSON']];
  const id = useId();
  const step = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs[tabs.findIndex(([one]) => one === tab) + by];
    if (by === 0 || !next) return;
    setTab(next[0]);
    ((event.currentTarget as HTMLElement).querySelector(`[data-tab="${next[0]}"]`) as HTMLElement | null)?.focus();
    event.preventDefault();
  };
  const about = editor.findings.filter(one => one.state === keyOf(path));
  return (
    <>
      <header>
        <ShapeIcon name={shapeOf(state)} class="t2" /><h2 class="cut" title={nameOfState(path)}>{nameOfState(path)}</h2><span class="sub">{type}</span>
        <span class="tools"><InfoButton info={info} onInfo={onInfo} /><button type="button" class="btn plain small icon" aria-label="Delete" title="Delete" onClick={() => { editor.remove(); onDone(); }}><ShapeIcon name="trash" /></button></span>
      </header>
      {info ? <Info type={type} /> : null}
      <div class="tabs" role="tablist" aria-label="Parts of the state" onKeyDown={step}>
        {tabs.map(([one, title, count]) => <button key={one} type="button" role="tab" data-tab={one} id={`${id}-${one}`} aria-selected={one === tab} aria-controls={`${id}-panel`} tabIndex={one === tab ? 0 : -1} onClick={() => setTab(one)}>{title}{count ? <span class="n">{count}</span> : null}</button>)}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
        {tab === 'settings' ? <><Name /><Settings /></> : tab === 'errors' ? <Errors /> : tab === 'output' ? <Output /> : tab === 'test' ? <TrialTab /> : <Json />}
        {tab === 'settings' && about.length > 0 ? <Group title="Findings"><ul class="lines">{about.map((one, i) => <li key={i} class={`small ${one.severity === 'ERROR' ? 'fail' : 'warn'}`}>{one.message}</li>)}</ul></Group> : null}
      </div>
    </>
  );
}

function Name(): JSX.Element {
  const { editor, path } = useAbout();
  const id = useId();
  const [fault, setFault] = useState('');
  const typed = useTyped(nameOfState(path), text => {
    const name = text.trim();
    const why = operations.whyNotNamed(editor.machine, path, name);
    setFault(why ?? '');
    if (!why && name !== nameOfState(path)) editor.edit(one => [operations.rename(one, path, name)]);
    return why === undefined;
  }, false, `name ${keyOf(path)}`);
  // The form is another one then: it is gone on in.
  const key = (event: KeyboardEvent): void => {
    typed.onKeyDown(event);
    if (event.key !== 'Enter') return;
    drawNow();
    (document.querySelector('.insp input.name') as HTMLElement | null)?.focus();
  };
  return (
    <Group>
      <div class={`f ${fault ? 'wrong' : ''}`}><label for={id}>Name</label><span class={`field ${fault ? 'wrong' : ''}`}><input id={id} class="name" spellcheck={false} autocomplete="off" maxLength={160} {...typed} onKeyDown={key} /></span>{fault ? <span class="hint fail" role="alert">{fault}</span> : null}</div>
    </Group>
  );
}

/** The state as it is written. */
function Json(): JSX.Element {
  const { editor, path } = useAbout();
  const id = useId();
  const [fault, setFault] = useState('');
  const cut = editor.fault ? undefined : new JsonText(editor.text).cut(path);
  const shown = cut ? cut.raw.split('\n').map((line, i) => (i > 0 && line.startsWith(cut.indent) ? line.slice(cut.indent.length) : line)).join('\n') : '';
  const typed = useTyped(shown, text => {
    const wrong = jsonFault(text);
    setFault(wrong ? `Line ${wrong.line}, column ${wrong.column}: ${wrong.text}. Not taken over yet` : '');
    if (wrong) return false;
    if (cut && text.trim() !== shown.trim()) editor.edit(one => one.setRaw(path, text.trim().split('\n').map((line, i) => (i > 0 ? cut.indent + line : line)).join('\n')), `json ${keyOf(path)}`);
    return true;
  }, true, `json ${keyOf(path)}`);
  return (
    <Group>
      <Frame label="As it is written" paths={[]} id={id} hint={fault ? <span class="fail" role="alert">{fault}</span> : undefined}>
        <textarea id={id} class="editor small-editor" rows={Math.min(34, typed.value.split('\n').length + 1)} spellcheck={false} aria-invalid={fault !== ''} {...typed} />
      </Frame>
    </Group>
  );
}

function Several({ editor, onDone }: { editor: Editor; onDone: () => void }): JSX.Element {
  return (
    <>
      <header><h2>{plural(editor.selection.length, 'state')}</h2></header>
      <Group>
        <ul class="lines">{editor.selected.map(path => <li key={keyOf(path)} class="cut">{nameOfState(path)}</li>)}</ul>
        <div class="buttons"><button type="button" class="btn" onClick={() => { duplicate(editor); onDone(); }}>Duplicate</button><button type="button" class="btn" onClick={() => { editor.remove(); onDone(); }}>Delete</button></div>
      </Group>
    </>
  );
}

export function duplicate(editor: Editor): void {
  if (editor.selection.length > 0) editor.insert(operations.copied(editor.machine, editor.selected), editor.place(), true);
}

function Machine({ onConvert, info, onInfo }: { onConvert: () => void } & WithInfo): JSX.Element {
  const { editor } = useAbout();
  const change = useChange();
  return (
    <>
      <header><ShapeIcon name="flow" class="t2" /><h2>Workflow</h2><span class="tools"><InfoButton info={info} onInfo={onInfo} /></span></header>
      {info ? <Info type="" /> : null}
      {editor.arn === undefined ? (
        <Group>
          <SegField label="Type" value={editor.type} options={[['STANDARD', 'Standard'], ['EXPRESS', 'Express']]} onChange={type => editor.set({ type })} hint={editor.type === 'EXPRESS' ? 'Up to 5 minutes, without a Distributed Map.' : 'Up to a year; every step is on disk.'} />
        </Group>
      ) : null}
      <Group>
        <TextField label="Comment" at={['Comment']} />
        <SegField label="Query language" at={['QueryLanguage']} value={editor.language} options={[['JSONata', 'JSONata'], ['JSONPath', 'JSONPath']]} hint="States keep what is written in them: what does not fit is found." onChange={value => change(['QueryLanguage'], value === 'JSONata' ? value : undefined, '')} />
        {editor.language === 'JSONPath' && editor.states.length > 0 ? <div class="buttons"><button type="button" class="btn" disabled={editor.fault !== undefined} onClick={onConvert}>Convert to JSONata…</button></div> : null}
        <Two><NumberField label="Time-out" at={['TimeoutSeconds']} unit="s" placeholder="none" /><TextField label="Version of the language" at={['Version']} placeholder="1.0" /></Two>
      </Group>
      <Configuration />
      <Group title="States"><p class="hint">{editor.states.length === 0 ? 'None yet. Drag one in, or press a and type its name.' : `${plural(editor.states.length, 'state')}. Select one to change it.`}</p></Group>
    </>
  );
}
