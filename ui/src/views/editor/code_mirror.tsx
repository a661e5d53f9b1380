// The code: CodeMirror, loaded when it is first seen.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { proposals } from '../../model/editor/jsonata';
import { aboutMember } from '../../model/editor/documentation';
import { memberNames, membersAt, memberValues } from '../../model/editor/members';
import { styleOf } from '../../model/editor/json_text';
import { getLocation } from 'jsonc-parser';
import { keyOf, stateOfPath, valueAt, type Raw } from '../../model/editor/machine';
import type { Located } from '../../model/editor/findings';
import type { JsonFault } from '../../model/json_fault';
import { whenIdle } from './now';
import { useEditor, type Editor } from './store';

const FOLLOWS_AFTER_MS = 120;
/** What changed elsewhere is in the code at the latest then. */
const SHOWN_AFTER_MS = 150;

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
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '.cm-marked, &.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--select) 60%, transparent)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': { backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent) !important' },
  '.cm-selectionMatch': { backgroundColor: 'var(--select)' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line-strong)', fontFamily: 'var(--sans)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--select)', color: 'var(--text)' },
  '.cm-panels.cm-panels-bottom': { border: '0', borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '4px 28px 4px 8px', display: 'flex', flexWrap: 'wrap', gap: '4px 8px', alignItems: 'center' }, '.cm-panel.cm-search br': { display: 'none' },
  '.cm-panel.cm-search label': { fontSize: '12px', display: 'inline-flex', gap: '4px', alignItems: 'center' }, '.cm-panel.cm-search [name=close]': { color: 'var(--text-2)', right: '8px', top: '4px' },
  '.cm-textfield, .cm-button': { backgroundImage: 'none', backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-control)', borderRadius: 'var(--r-2)', fontSize: '12px', margin: '0', height: '22px', padding: '0 8px' },
  '.cm-button:hover': { backgroundColor: 'var(--hover)' },
  '.cm-told, .cm-tooltip.cm-completionInfo': { maxWidth: '320px', padding: '6px 10px', fontSize: '12px', lineHeight: '16px', whiteSpace: 'normal' },
  '.cm-completionDetail': { color: 'var(--text-2)', fontStyle: 'normal' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--select)', outline: '1px solid var(--line-control)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--fail)' }, '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--fail) 1px', textUnderlineOffset: '3px' }, '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1px', textUnderlineOffset: '3px' },
});

/** What is selected on the canvas, its lines marked. */
const Marked = StateEffect.define<{ from: number; to: number } | undefined>();
const marks = StateField.define({
  create: () => ({ from: 1, to: 0, lines: Decoration.none }),
  update: (now, { effects, state, changes, docChanged }) => {
    const marked = effects.findLast(effect => effect.is(Marked));
    if (!marked && !docChanged) return now;
    // Lines that come between are marked, too.
    const { from, to } = marked ? ((marked.value as { from: number; to: number } | undefined) ?? { from: 1, to: 0 }) : now.from > now.to ? now : { from: changes.mapPos(now.from, -1), to: changes.mapPos(now.to, 1) };
    const lines = [];
    for (let at = from; at <= Math.min(to, state.doc.length); at = state.doc.lineAt(at).to + 1) lines.push(Decoration.line({ class: 'cm-marked' }).range(state.doc.lineAt(at).from));
    return { from, to, lines: Decoration.set(lines) };
  },
  provide: field => EditorView.decorations.from(field, ({ lines }) => lines),
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

function complete(editor: Editor): (context: CompletionContext) => CompletionResult | null {
  return context => {
    const line = context.state.doc.lineAt(context.pos);
    const ahead = line.text.slice(0, context.pos - line.from);
    const { path, isAtPropertyKey } = getLocation(context.state.doc.toString(), context.pos);
    const found = proposals(ahead, editor.machine, stateOfPath(path));
    if (found) return { from: context.pos - found.length, options: found.options, validFor: /^\$?\w*$/ };
    const value = /"(\w+)"\s*:\s*"([^"]*)$/.exec(ahead);
    if (value) {
      const [, name = '', typed = ''] = value;
      const scope = path.slice(0, name === 'StartAt' ? -1 : path.lastIndexOf('States'));
      const options = /^(Next|Default|StartAt)$/.test(name) ? Object.keys((valueAt(editor.machine, [...scope, 'States']) ?? {}) as Raw).map(label => ({ label, detail: 'state' })) : memberValues(name);
      return options.length > 0 ? { from: context.pos - typed.length, options } : null;
    }
    // The name of a member, within its quotes or before them.
    const key = /(?:^|[{,\s])("?)(\w*)$/.exec(ahead);
    if (!key || !isAtPropertyKey) return null;
    const [, quote, typed = ''] = key;
    if (quote === '' && !context.explicit && typed === '') return null;
    const closed = context.state.sliceDoc(context.pos, context.pos + 1) === '"';
    const rest = /^"?\s*:/.test(context.state.sliceDoc(context.pos, line.to));
    const options = memberNames(path.slice(0, -1), editor.machine).map(one => ({ ...one, info: aboutMember(one.label) ?? '', apply: (view: EditorView, _: unknown, from: number, to: number): void => {
      const text = `${quote ? '' : '"'}${one.label}"${rest ? '' : ': '}`;
      view.dispatch({ changes: { from, to: to + (quote && closed ? 1 : 0), insert: text }, selection: { anchor: from + text.length } });
    } }));
    return options.length > 0 ? { from: context.pos - typed.length, options, validFor: /^\w*$/ } : null;
  };
}

/** What the member below the pointer is for. */
function told(editor: Editor): (view: EditorView, pos: number) => Tooltip | null {
  return (view, pos) => {
    const line = view.state.doc.lineAt(pos);
    const key = [...line.text.matchAll(/"(\w+)"(?=\s*:)/g)].find(one => line.from + one.index <= pos && pos <= line.from + one.index + one[0].length);
    const name = key?.[1] ?? '';
    const text = aboutMember(name);
    if (!key || !text || !membersAt(getLocation(view.state.sliceDoc(), line.from + key.index + 1).path.slice(0, -1), editor.machine).includes(name)) return null;
    return { pos: line.from + key.index, end: line.from + key.index + key[0].length, above: true, create: () => { const dom = document.createElement('div'); dom.className = 'cm-told'; dom.textContent = text; return { dom }; } };
  };
}

export interface Shown { from: number; to: number; turn: number }

export function CodeMirror({ editor, show, marked, onState }: { editor: Editor; show: Shown | undefined; /** One state is selected. */ marked: boolean; onState: (key: string) => void }): JSX.Element {
  useEditor(editor, ({ text, findings, fault }) => [text, findings, fault]);
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const shown = useRef<readonly unknown[]>([undefined, undefined, undefined]);
  const follow = useRef(0);
  useEffect(() => {
    if (!box.current) return;
    const ends = endsOf(editor);
    const step = (what: 'undo' | 'redo') => (): boolean => { editor[what](); return true; };
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: ends.inner(editor.text),
        extensions: [
          lineNumbers(), lintGutter(), marks, highlightActiveLine(), highlightActiveLineGutter(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(),
          // Where line ends are of two kinds each stays what it is.
          ...(!ends.crlf && editor.text.includes('\r') ? [EditorState.lineSeparator.of('\n')] : []),
          indentUnit.of(styleOf(editor.text).unit || '  '), json(), syntaxHighlighting(COLOURS), THEME, autocompletion({ override: [complete(editor)] }), hoverTooltip(told(editor)),
          EditorView.contentAttributes.of({ 'aria-label': 'Code of the definition', spellcheck: 'false', tabindex: '0' }),
          keymap.of([{ key: 'Mod-z', run: step('undo'), preventDefault: true }, { key: 'Mod-Shift-z', run: step('redo'), preventDefault: true }, { key: 'Mod-y', run: step('redo'), preventDefault: true }, ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...defaultKeymap, indentWithTab]),
          EditorView.updateListener.of(update => {
            if (update.docChanged && !update.transactions.some(one => one.annotation(Outside))) editor.setText(ends.outer(update.state.sliceDoc()), 'code');
            if (update.selectionSet && update.view.hasFocus) {
              // When the cursor rests: not for every letter.
              window.clearTimeout(follow.current);
              follow.current = window.setTimeout(() => {
                // Who has gone to the canvas meanwhile has selected there.
                if (editor.fault || !made.hasFocus) return;
                const state = stateOfPath(getLocation(made.state.sliceDoc(), made.state.selection.main.head).path);
                if (state && editor.stateAt(state) && editor.selection.join() !== keyOf(state)) onState(keyOf(state));
              }, FOLLOWS_AFTER_MS);
            }
          }),
        ],
      }),
    });
    view.current = made;
    return () => { window.clearTimeout(follow.current); made.destroy(); };
  }, [editor]);
  const waiting = useRef(false);
  const shows = (): void => {
    const now = view.current;
    waiting.current = false;
    if (!now) return;
    const told = [editor.findings, editor.fault, editor.text] as const;
    if (shown.current.every((one, k) => one === told[k])) return;
    const ends = endsOf(editor);
    const [text, wanted] = [now.state.sliceDoc(), ends.inner(editor.text)];
    if (text !== wanted) now.dispatch({ changes: difference(text, wanted), annotations: Outside.of(true) });
    const size = now.state.doc.length;
    const clamp = (at: number): number => Math.max(0, Math.min(size, ends.place(editor.text, at)));
    const [findings, fault] = shown.current as [Located[] | undefined, JsonFault | undefined];
    shown.current = told;
    // Nothing was found, and nothing is.
    if (!fault && !editor.fault && (findings?.length ?? 0) === 0 && editor.findings.length === 0) return;
    now.dispatch(setDiagnostics(now.state, editor.fault
      ? [{ from: clamp(editor.fault.at), to: clamp(editor.fault.at + 1), severity: 'error' as const, message: editor.fault.text }]
      : editor.findings.filter(one => one.line > 0).map(one => ({ from: clamp(one.from), to: clamp(Math.max(one.to, one.from + 1)), severity: one.severity === 'ERROR' ? 'error' as const : 'warning' as const, message: one.message }))));
  };
  // What changed elsewhere is shown when there is time for it: the canvas comes first. Who is in the code has it at once, so that nobody
  // changes a text that is another one by now.
  useLayoutEffect(() => {
    if (box.current?.contains(document.activeElement)) return shows();
    if (waiting.current) return;
    waiting.current = true;
    whenIdle(() => { if (waiting.current) shows(); }, SHOWN_AFTER_MS);
  });
  useEffect(() => {
    const now = view.current;
    if (!now || !show) return;
    shows();
    const place = (offset: number): number => Math.min(endsOf(editor).place(editor.text, offset), now.state.doc.length);
    const at = place(show.from);
    now.dispatch({ selection: { anchor: at, head: at }, effects: [EditorView.scrollIntoView(at, { y: 'center' }), Marked.of({ from: at, to: place(show.to) })] });
  }, [show]);
  useEffect(() => { if (!marked) view.current?.dispatch({ effects: Marked.of(undefined) }); }, [marked]);
  return <div class="cm" ref={box} onFocusInCapture={shows} onPointerDownCapture={shows} onDropCapture={shows} />;
}
