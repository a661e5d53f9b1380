// The visual editor of a state machine: palette, canvas, forms and code over one text.

import './editor.css';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MachineAnswer } from '../../api/types';
import { EMPTY } from '../../model/editor/catalogue';
import { keyOf } from '../../model/editor/machine';
import { moment } from '../../model/format';
import { executionHref, hrefOf } from '../../model/address';
import { announce } from '../../widgets/announce';
import { Icon } from '../../widgets/icon';
import { useKeys } from '../../widgets/keys';
import { go, useAddress } from '../../widgets/place';
import { usePreferences } from '../../widgets/preferences';
import { useTitle } from '../../widgets/title';
import type { Here } from '../../model/editor/absent';
import { listBuckets, listFunctions } from './bucket';
import { Canvas, focusState } from './canvas';
import { clipOf, pasteText } from './clipboard';
import { Code } from './code';
import { ConvertDialog } from './convert_dialog';
import { ElsewhereDialog, ImportDialog, KeysDialog, NameDialog, ReviewDialog, RunDialog, TemplatesDialog } from './dialogs';
import { Drag } from './drag';
import { withWhole } from './drawing';
import { exportJson, exportPng, exportSvg, exportTemplate, exportYaml } from './export';
import { duplicate, Inspector } from './inspector';
import { Palette } from './palette';
import { drawNow } from './now';
import { problemWords } from './problems';
import { ReplayDialog } from './replay_dialog';
import { create, listMachines, look, start, update } from './server';
import { Editor, useEditor } from './store';

type Open = 'name' | 'run' | 'review' | 'save' | 'import' | 'templates' | 'keys' | 'convert' | 'replay' | 'elsewhere' | undefined;

/** Whether somebody else saved. */
const LOOK_EVERY_MS = 15_000;

export function EditorPage({ machine }: { machine: MachineAnswer | undefined }): JSX.Element {
  const editor = useMemo(() => new Editor(machine?.arn, { definition: machine?.definition ?? EMPTY, name: machine?.name ?? 'state-machine', type: machine?.type ?? 'STANDARD' }), [machine?.arn]);
  useEffect(() => {
    const keep = (): void => editor.keepNow();
    // Who comes back to this window may have saved in another, or in a file that is watched.
    const back = (): void => void look(editor).catch(() => undefined);
    // What the browser cannot keep is not left without a question.
    const leave = (event: BeforeUnloadEvent): void => { keep(); if (editor.dirty && editor.full) event.preventDefault(); };
    window.addEventListener('pagehide', keep);
    window.addEventListener('beforeunload', leave);
    window.addEventListener('focus', back);
    const timer = window.setInterval(() => { if (!document.hidden) back(); }, LOOK_EVERY_MS);
    return () => { window.clearInterval(timer); window.removeEventListener('pagehide', keep); window.removeEventListener('beforeunload', leave); window.removeEventListener('focus', back); editor.close(); };
  }, [editor]);
  // What was answered before may be older than what was saved since.
  useEffect(() => void look(editor).catch(() => undefined), [editor, machine?.definition]);
  useTitle(machine ? `Edit ${machine.name}` : 'New state machine', 'Machines');
  return <Page editor={editor} saved={machine} />;
}

/** What there is on this server, looked for again when one comes back to the window. */
function useHere(editor: Editor): Required<Here> {
  const [here, set] = useState<Here>({});
  useEffect(() => {
    const ask = <K extends keyof Here>(key: K, list: () => Promise<Here[K]>): void => void list().then(found => set(now => ({ ...now, [key]: found })), () => undefined);
    const all = (): void => {
      ask('functions', listFunctions);
      ask('buckets', listBuckets);
      ask('machines', listMachines);
    };
    all();
    window.addEventListener('focus', all);
    return () => window.removeEventListener('focus', all);
  }, []);
  useEffect(() => editor.setHere(here), [editor, here]);
  return useMemo(() => ({ functions: [], buckets: [], machines: [], ...here }), [here]);
}

function Page({ editor, saved }: { editor: Editor; saved: MachineAnswer | undefined }): JSX.Element {
  // What is selected says nothing here.
  useEditor(editor, one => [one.text, one.base, one.server, one.findings, one.fault, one.states, one.name, one.type, one.kept, one.full, one.config, one.elsewhere]);
  const { zone } = usePreferences();
  const replayed = useAddress().query.get('replay') ?? '';
  const [open, setOpen] = useState<Open>(replayed ? 'replay' : undefined);
  const root = useRef<HTMLElement>(null);
  const find = useRef<HTMLInputElement>(null);
  const drag = useMemo(() => new Drag(), []);
  const here = useHere(editor);
  const toCanvas = (): void => focusState(root.current);
  const toForm = (): void => {
    drawNow();
    (root.current?.querySelector('.insp input.name, .insp input, .insp textarea') as HTMLElement | null)?.focus();
  };
  const [seeks, setSeeks] = useState(false);
  const seek = (): void => { setSeeks(true); find.current?.focus(); find.current?.select(); };
  const add = (slot = editor.slot): void => {
    setSeeks(false);
    editor.choose(slot);
    find.current?.focus();
    find.current?.select();
  };
  const close = (): void => setOpen(undefined);
  const dirty = editor.dirty;
  const save = (): void => {
    if (editor.fault) return announce('What is no JSON cannot be saved');
    if (!saved) setOpen('name');
    else if (dirty) setOpen('save');
    else announce('It is saved');
  };
  const saveAs = async (name: string): Promise<void> => {
    const arn = await create(editor, name);
    if (!saved) editor.forget();
    editor.leave(arn);
    announce('Saved');
    go(hrefOf({ page: 'machine', arn }, { edit: '1' }));
  };
  const saveRevision = async (over: boolean): Promise<string | undefined> => {
    const theirs = await update(editor, over);
    if (theirs !== undefined) return theirs;
    announce('Saved');
    close();
    return undefined;
  };
  const run = async (name: string, input: string, execution: string): Promise<void> => {
    if (saved && dirty && (await update(editor)) !== undefined) return setOpen('save');
    const arn = saved ? saved.arn : await create(editor, name);
    if (!saved) editor.forget();
    editor.leave(arn);
    const started = await start(arn, input, execution);
    // A step back comes to what was saved.
    if (!saved) go(hrefOf({ page: 'machine', arn }, { edit: '1' }), true);
    go(executionHref(started));
  };
  useEditorKeys({ editor, add, seek, save, run: () => { if (editor.fault) announce('What is no JSON cannot be run'); else if (editor.states.length > 0) setOpen('run'); }, root });
  const words = problemWords(editor);
  const picture = (take: (svg: SVGSVGElement) => void | Promise<void>): void => {
    const stage = root.current?.querySelector('.stage');
    if (stage) withWhole(editor, stage, take).catch((error: unknown) => announce(String(error)));
  };
  const file = editor.name || 'state-machine';
  // Each looks itself what it is to draw anew.
  const parts = useMemo(() => (
    <>
      <Palette editor={editor} drag={drag} functions={here.functions} find={find} seeks={seeks} onDone={() => { setSeeks(false); toCanvas(); }} />
      <Canvas editor={editor} drag={drag} onAdd={slot => add(slot ?? editor.slot)} onOpen={toForm} />
      <Inspector editor={editor} here={here} onAdd={add} onDone={toCanvas} onConvert={() => setOpen('convert')} />
      <Code editor={editor} file={`${file}.asl.json`} />
    </>
  ), [editor, here, seeks, file]);
  return (
    <main class="ed-page" ref={root}>
      <div class="phead">
        <h1><span class="crumb"><a href={hrefOf({ page: 'machines' })}>Machines</a> / </span>{saved ? editor.name : 'New state machine'}</h1>
        <span class="t2 small">{dirty ? (editor.kept ? (editor.restored ? 'Draft of your last visit, kept in this browser' : 'Draft, kept in this browser') : editor.full ? 'Draft, not kept: the storage of this browser is full' : 'Draft') : saved ? 'As saved' : ''}</span>
        {words ? <span class={`st ${words.bad ? 'fail' : 'warn'} small`}><Icon name={words.bad ? 'fail' : 'alert'} />{words.text}</span> : null}
        <span class="act">
          {dirty && saved ? <button type="button" class="btn plain" onClick={() => editor.discard()}>Discard</button> : null}
          {editor.states.length === 0 ? <button type="button" class="btn" onClick={() => setOpen('templates')}>Templates</button> : null}
          <details class="menu" onToggle={event => { if (event.currentTarget.open) (event.currentTarget.querySelector('.menu-list button') as HTMLElement | null)?.focus(); }}>
            <summary class="btn">File<Icon name="down" /></summary>
            <div class="menu-list" onClick={event => event.currentTarget.closest('details')?.removeAttribute('open')} onKeyDown={event => { if (event.key === 'Escape') event.currentTarget.closest('details')?.removeAttribute('open'); }}>
              <button type="button" onClick={() => setOpen('import')}>Import…</button>
              <button type="button" onClick={() => setOpen('templates')}>Templates…</button>
              {saved ? <button type="button" onClick={() => setOpen('name')}>Save as a new machine…</button> : null}
              {editor.states.length > 0 && editor.language === 'JSONPath' ? <button type="button" onClick={() => setOpen('convert')}>Convert to JSONata…</button> : null}
              {editor.states.length > 0 ? <button type="button" onClick={() => setOpen('replay')}>Replay a child…</button> : null}
              <button type="button" onClick={() => exportJson(file, editor.text)}>Export JSON</button>
              <button type="button" onClick={() => exportYaml(file, editor.machine)}>Export YAML</button>
              <button type="button" onClick={() => exportTemplate(file, editor.machine, { StateMachineType: editor.type, RoleArn: editor.config.role })}>Export CloudFormation template</button>
              <button type="button" onClick={() => picture(svg => exportSvg(file, svg))}>Export graph as SVG</button>
              <button type="button" onClick={() => picture(svg => exportPng(file, svg))}>Export graph as PNG</button>
              <button type="button" onClick={() => setOpen('keys')}>Keys…</button>
            </div>
          </details>
          {dirty && saved ? <button type="button" class="btn" onClick={() => setOpen('review')}>Review changes</button> : null}
          <button type="button" class="btn" disabled={editor.states.length === 0 || editor.fault !== undefined} onClick={() => setOpen('run')}>Run</button>
          <button type="button" class="btn primary" disabled={editor.fault !== undefined || editor.states.length === 0 || (saved !== undefined && !dirty)} onClick={save}>Save</button>
        </span>
      </div>
      {saved && editor.behind ? <div class="note warn banner" role="note"><Icon name="alert" /><div class="grow">Somebody else saved since this draft began.</div><button type="button" class="btn small" onClick={() => setOpen('save')}>Compare</button></div> : null}
      {editor.elsewhere[0] ? <div class="note warn banner" role="note"><Icon name="alert" /><div class="grow">Another window has a draft of this, too, from {moment(editor.elsewhere[0].draft.at * 1000, Date.now() * 1000, zone)}. Both are kept.</div><button type="button" class="btn small" onClick={() => setOpen('elsewhere')}>Compare</button></div> : null}
      <div class="sheet ed">
        {parts}
      </div>
      {open === 'name' ? <NameDialog editor={editor} verb={saved ? 'Create' : 'Save'} onClose={close} onName={saveAs} /> : null}
      {open === 'run' ? <RunDialog editor={editor} saves={dirty || !saved} inputs={saved?.inputs ?? []} onClose={close} onRun={run} /> : null}
      {open === 'review' || open === 'save' ? <ReviewDialog editor={editor} saves={open === 'save'} onClose={close} onSave={saveRevision} /> : null}
      {open === 'import' ? <ImportDialog onClose={close} onText={text => editor.setText(text, '', [])} /> : null}
      {open === 'templates' ? <TemplatesDialog onClose={close} onTake={one => { if (!saved) editor.set({ name: one.id }); editor.setText(`${JSON.stringify(one.definition, null, 2)}\n`, '', []); }} /> : null}
      {open === 'elsewhere' && editor.elsewhere[0] ? <ElsewhereDialog editor={editor} other={editor.elsewhere[0]} onClose={close} /> : null}
      {open === 'convert' ? <ConvertDialog editor={editor} onClose={close} /> : null}
      {open === 'replay' ? <ReplayDialog editor={editor} execution={replayed} onClose={close} /> : null}
      {open === 'keys' ? <KeysDialog onClose={close} /> : null}
    </main>
  );
}

/** Keys of the whole page, and the clipboard. */
function useEditorKeys({ editor, add, seek, save, run, root }: { editor: Editor; add: (slot?: Editor['slot']) => void; seek: () => void; save: () => void; run: () => void; root: { current: HTMLElement | null } }): void {
  const inForm = (target: EventTarget | null): boolean => target instanceof Element && target.closest('input, textarea, select, .cm, dialog') !== null;
  const unlessDialog = (what: () => void | boolean) => (): void | boolean => (document.querySelector('dialog[open]') ? false : what());
  useKeys({
    a: unlessDialog(() => add(editor.selection.length ? editor.place() : undefined)),
    b: unlessDialog(() => add(editor.ahead())),
    i: unlessDialog(() => { const slot = editor.inside(); if (!slot) return false; add(slot); return true; }),
    Delete: unlessDialog(() => editor.remove()),
    Backspace: unlessDialog(() => editor.remove()),
    Escape: unlessDialog(() => { if (editor.slot) editor.choose(undefined); else if (editor.selection.length) editor.select([]); else return false; return true; }),
  });
  const latest = useRef({ seek, save, run });
  latest.current = { seek, save, run };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.altKey && event.key.toLowerCase() === 'c') { root.current?.querySelector('.n.sel')?.scrollIntoView({ block: 'center', inline: 'center' }); event.preventDefault(); }
      if (!event.ctrlKey && !event.metaKey) return;
      const key = event.key.toLowerCase();
      if (key === 's') latest.current.save();
      else if (document.querySelector('dialog[open]')) return;
      else if (key === 'enter') latest.current.run();
      else if (key === 'f' && !(event.target instanceof Element && event.target.closest('.cm'))) latest.current.seek();
      else if (inForm(event.target)) return;
      else if (key === 'z' && !event.shiftKey) editor.undo();
      else if (key === 'y' || key === 'z') editor.redo();
      else if (key === 'd') duplicate(editor);
      else if (key === 'a') editor.select(editor.states.map(state => keyOf(state.path)));
      else return;
      event.preventDefault();
    };
    const copy = (event: ClipboardEvent): void => {
      if (inForm(event.target) || editor.selection.length === 0 || !event.clipboardData || String(getSelection() ?? '') !== '') return;
      event.clipboardData.setData('text/plain', clipOf(editor));
      event.preventDefault();
      if (event.type === 'cut') editor.remove();
      else announce('Copied');
    };
    const paste = (event: ClipboardEvent): void => {
      if (inForm(event.target)) return;
      if (pasteText(editor, event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault();
    };
    document.addEventListener('keydown', press);
    document.addEventListener('copy', copy);
    document.addEventListener('cut', copy);
    document.addEventListener('paste', paste);
    return () => {
      document.removeEventListener('keydown', press);
      document.removeEventListener('copy', copy);
      document.removeEventListener('cut', copy);
      document.removeEventListener('paste', paste);
    };
  }, [editor]);
}
