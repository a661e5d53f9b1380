import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { JsonText, styleOf } from '../../model/editor/json_text';
import { Icon } from '../../widgets/icon';
import type { CodeMirror, Shown } from './code_mirror';
import { Problems } from './problems';
import { useEditor, type Editor } from './store';

const FOLLOWS_AFTER_MS = 120;

/** The text and what is found in it, below the canvas. */
export function Code({ editor, file }: { editor: Editor; file: string }): JSX.Element {
  useEditor(editor, one => [one.selection, one.fault]);
  const [open, setOpen] = useState(true);
  const [tall, setTall] = useState(false);
  const [show, setShow] = useState<(Shown & { line: number }) | undefined>();
  const [View, setView] = useState<{ is: typeof CodeMirror } | undefined>();
  const [failure, setFailure] = useState('');
  useEffect(() => {
    if (open && !View) import('./code_mirror').then(module => setView({ is: module.CodeMirror }), () => setFailure('The code could not be loaded. Reload the page to try it again.'));
  }, [open]);
  const jump = (from: number, to: number): void => setShow(last => ({ from, to, turn: (last?.turn ?? 0) + 1, line: editor.text.slice(0, from).split('\n').length }));
  const key = editor.selection.length === 1 ? editor.selection[0] : undefined;
  // What is selected on the canvas is shown in the code, unless it was selected there.
  const [own, setOwn] = useState('');
  useEffect(() => {
    if (!key || key === own || editor.fault) return;
    // Who goes through the states quickly is not held up.
    const timer = window.setTimeout(() => {
      const node = new JsonText(editor.text).node(JSON.parse(key) as string[]);
      if (node) jump(node.parent?.offset ?? node.offset, node.offset + node.length);
    }, FOLLOWS_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [key]);
  const format = (): void => {
    if (editor.fault) return;
    const { unit } = styleOf(editor.text);
    editor.setText(`${JSON.stringify(editor.machine, null, unit || '  ')}\n`, '');
  };
  return (
    <section class={`panel bottom ${tall ? 'tall' : ''}`} aria-label="Code and problems">
      <header><h2>Code</h2><span class="sub">{file}{show ? `, line ${show.line}` : ''}</span>
        <span class="tools"><button type="button" class="btn plain small" disabled={editor.fault !== undefined} title="Indent the whole definition anew" onClick={format}>Format</button>
          {open ? <button type="button" class="btn plain small" aria-pressed={tall} onClick={() => setTall(!tall)}>{tall ? 'Smaller' : 'Larger'}</button> : null}
          <button type="button" class="btn plain small" aria-expanded={open} onClick={() => setOpen(!open)}><Icon name={open ? 'down' : 'right'} />{open ? 'Hide' : 'Show'}</button></span></header>
      {open ? (
        <div class="two-panes">
          <div class="code-pane">{View ? <View.is editor={editor} show={show} marked={key !== undefined} onState={one => { setOwn(one); editor.select([one]); }} /> : <p class="pad t3 small">{failure || 'Loading…'}</p>}</div>
          <Problems editor={editor} onShow={(from, to, state) => { if (state) { setOwn(state); editor.select([state]); } jump(from, to); }} />
        </div>
      ) : null}
    </section>
  );
}
