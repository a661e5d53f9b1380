// The code: CodeMirror, loaded when it is first seen.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { proposals } from '../../model/editor/jsonata';
import { styleOf } from '../../model/editor/json_text';
import { getLocation } from 'jsonc-parser';
import { keyOf, stateOfPath, valueAt, type Raw } from '../../model/editor/machine';
import { useEditor, type Editor } from './store';

/** A change that came from the other side. */
const Outside = Annotation.define<boolean>();

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--text)' }, { tag: tags.string, color: 'var(--ok)' }, { tag: [tags.number, tags.bool, tags.null], color: 'var(--accent)' }, { tag: tags.punctuation, color: 'var(--text-2)' },
]);
const THEME = EditorView.theme({
  '&': { height: '100%', fontSize: '12px', backgroundColor: 'var(--bg)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '18px' },
  '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--bg)', color: 'var(--text-3)', border: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--select) 60%, transparent)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': { backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent) !important' },
  '.cm-selectionMatch': { backgroundColor: 'var(--select)' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line-strong)', fontFamily: 'var(--sans)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--select)', color: 'var(--text)' },
  '.cm-panels.cm-panels-bottom': { border: '0', borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '4px 28px 4px 8px', display: 'flex', flexWrap: 'wrap', gap: '4px 8px', alignItems: 'center' }, '.cm-panel.cm-search br': { display: 'none' },
  '.cm-panel.cm-search label': { fontSize: '12px', display: 'inline-flex', gap: '4px', alignItems: 'center' }, '.cm-panel.cm-search [name=close]': { color: 'var(--text-2)', right: '8px', top: '4px' },
  '.cm-textfield, .cm-button': { backgroundImage: 'none', backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-control)', borderRadius: 'var(--r-2)', fontSize: '12px', margin: '0', height: '22px', padding: '0 8px' },
  '.cm-button:hover': { backgroundColor: 'var(--hover)' },
  '.cm-completionDetail': { color: 'var(--text-2)', fontStyle: 'normal' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--select)', outline: '1px solid var(--line-control)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--fail)' }, '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--fail) 1px', textUnderlineOffset: '3px' }, '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1px', textUnderlineOffset: '3px' },
});

/** The span that is different, at both ends of which the texts are the same. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  let start = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < most - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

/** CodeMirror knows one line end, of one character. */
function endsOf(editor: Editor): { crlf: boolean; inner: (text: string) => string; outer: (text: string) => string; place: (text: string, offset: number) => number } {
  const crlf = editor.base.includes('\r\n') && !/(^|[^\r])\n/.test(editor.base);
  return {
    crlf, inner: text => (crlf ? text.replaceAll('\r\n', '\n') : text), outer: text => (crlf ? text.replaceAll('\n', '\r\n') : text),
    place: (text, offset) => (crlf ? text.slice(0, offset).replaceAll('\r\n', '\n').length : offset),
  };
}

const TARGETS = new Set(['Next', 'Default', 'StartAt']);

function complete(editor: Editor): (context: CompletionContext) => CompletionResult | null {
  return context => {
    const line = context.state.doc.lineAt(context.pos);
    const found = proposals(line.text.slice(0, context.pos - line.from), editor.machine);
    if (found) return { from: context.pos - found.length, options: found.options, validFor: /^\$?\w*$/ };
    const value = /"(Next|Default|StartAt)"\s*:\s*"([^"]*)$/.exec(line.text.slice(0, context.pos - line.from));
    if (!value || !TARGETS.has(value[1] ?? '')) return null;
    const { path } = getLocation(context.state.doc.toString(), context.pos);
    const scope = path.slice(0, value[1] === 'StartAt' ? -1 : path.lastIndexOf('States'));
    const names = Object.keys((valueAt(editor.machine, [...scope, 'States']) ?? {}) as Raw);
    return { from: context.pos - (value[2] ?? '').length, options: names.map(label => ({ label, detail: 'state' })) };
  };
}

export interface Shown { from: number; to: number; turn: number }

export function CodeMirror({ editor, show, onState }: { editor: Editor; show: Shown | undefined; onState: (key: string) => void }): JSX.Element {
  useEditor(editor, ({ text, findings, fault }) => [text, findings, fault]);
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const shown = useRef<readonly unknown[]>([undefined, undefined, undefined]);
  useEffect(() => {
    if (!box.current) return;
    const ends = endsOf(editor);
    const step = (what: 'undo' | 'redo') => (): boolean => { editor[what](); return true; };
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: ends.inner(editor.text),
        extensions: [
          lineNumbers(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(),
          // Where line ends are of two kinds each stays what it is.
          ...(!ends.crlf && editor.text.includes('\r') ? [EditorState.lineSeparator.of('\n')] : []),
          indentUnit.of(styleOf(editor.text).unit || '  '), json(), syntaxHighlighting(COLOURS), THEME, autocompletion({ override: [complete(editor)] }),
          EditorView.contentAttributes.of({ 'aria-label': 'Code of the definition', spellcheck: 'false', tabindex: '0' }),
          keymap.of([{ key: 'Mod-z', run: step('undo'), preventDefault: true }, { key: 'Mod-Shift-z', run: step('redo'), preventDefault: true }, { key: 'Mod-y', run: step('redo'), preventDefault: true }, ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...defaultKeymap, indentWithTab]),
          EditorView.updateListener.of(update => {
            if (update.docChanged && !update.transactions.some(one => one.annotation(Outside))) editor.setText(ends.outer(update.state.sliceDoc()), 'code');
            if (update.selectionSet && update.view.hasFocus && !editor.fault) {
              const state = stateOfPath(getLocation(update.state.sliceDoc(), update.state.selection.main.head).path);
              if (state && editor.stateAt(state) && editor.selection.join() !== keyOf(state)) onState(keyOf(state));
            }
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [editor]);
  useEffect(() => {
    const now = view.current;
    if (!now) return;
    const ends = endsOf(editor);
    const [text, wanted] = [now.state.sliceDoc(), ends.inner(editor.text)];
    if (text !== wanted) now.dispatch({ changes: difference(text, wanted), annotations: Outside.of(true) });
    const size = now.state.doc.length;
    const clamp = (at: number): number => Math.max(0, Math.min(size, ends.place(editor.text, at)));
    const told = [editor.findings, editor.fault, editor.text] as const;
    if (shown.current.every((one, k) => one === told[k])) return;
    shown.current = told;
    now.dispatch(setDiagnostics(now.state, editor.fault
      ? [{ from: clamp(editor.fault.at), to: clamp(editor.fault.at + 1), severity: 'error' as const, message: editor.fault.text }]
      : editor.findings.filter(one => one.line > 0).map(one => ({ from: clamp(one.from), to: clamp(Math.max(one.to, one.from + 1)), severity: one.severity === 'ERROR' ? 'error' as const : 'warning' as const, message: one.message }))));
  });
  useEffect(() => {
    const now = view.current;
    if (!now || !show) return;
    const at = Math.min(endsOf(editor).place(editor.text, show.from), now.state.doc.length);
    now.dispatch({ selection: { anchor: at, head: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
  }, [show]);
  return <div class="cm" ref={box} />;
}
