// Fields of a form. Each shows and changes one member of the text; what is being typed stays as it is typed.

import type { ComponentChildren, JSX } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { aboutMember } from '../../model/editor/documentation';
import { foundAt, type Located } from '../../model/editor/findings';
import { JsonText, styleOf, type Path } from '../../model/editor/json_text';
import { before, beforeInRule, keyOf, point, type QueryLanguage, type Raw, valueAt } from '../../model/editor/machine';
import { jsonFault } from '../../model/json_fault';
import { Icon } from '../../widgets/icon';
import { LiveResult } from './live_result';
import { Suggested, useSuggestions } from './suggest';
import type { Editor } from './store';

/** What a form is about. */
export interface About {
  editor: Editor; path: Path; state: Raw; language: QueryLanguage; functions: readonly string[]; buckets: readonly string[]; machines: readonly { name: string; arn: string }[];
  /** Looks for a state to be put into a slot. */
  onAdd: (slot: Path) => void;
}
export const AboutContext = createContext<About | undefined>(undefined);
export function useAbout(): About {
  const about = useContext(AboutContext);
  if (!about) throw new Error('a field outside of a form');
  return about;
}

/** In JSONPath: a path, or a call of an intrinsic function. */
const isPath = (text: string): boolean => /^(\$|States\.\w+\()/.test(text);
const isExpression = (text: string): boolean => /^\{%[\s\S]*%\}$/.test(text);

export function Group({ title, tools, children }: { title?: string; tools?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return <div class="form">{title ? <div class="form-head"><h3>{title}</h3>{tools}</div> : null}{children}</div>;
}
export const Two = ({ children }: { children: ComponentChildren }): JSX.Element => <div class="halves">{children}</div>;

/** What is found about a member, by a field that shows all that is in it. */
function useFault(paths: readonly Path[]): Located | undefined {
  const found = foundAt(useAbout().editor.findings, paths, true);
  return found?.severity === 'ERROR' ? found : undefined;
}

/** A field with its label, and what is found about the members `paths`. `only`: and not about what is in them, which has fields of its own. */
export function Frame({ label, sub, hint, paths, only = false, id, children }: { label: string; sub?: ComponentChildren; hint?: ComponentChildren; paths: readonly Path[]; only?: boolean; id?: string; children: ComponentChildren }): JSX.Element {
  const { editor, path } = useAbout();
  const found = foundAt(editor.findings, paths, !only);
  const member = paths[0]?.slice(path.length) ?? [];
  const name = typeof member.at(-1) === 'string' ? String(member.at(-1)) : '';
  // In the language's own word, where the label is another.
  const own = name !== '' && name.toLowerCase() !== label.replace(/[ -]/g, '').toLowerCase() ? <span class="asl cut">{name}</span> : null;
  const about = aboutMember(name);
  const told = name === '' ? undefined : about ? `${name}: ${about}` : member.join('.');
  return (
    <div class={`f ${found?.severity === 'ERROR' ? 'wrong' : ''}`}>
      {id ? <label for={id}><span title={told}>{label}</span>{own}{sub}</label> : <span class="l"><span title={told}>{label}</span>{own}{sub}</span>}
      {children}
      {found ? <span class={`hint ${found.severity === 'ERROR' ? 'fail' : 'warn'}`}>{found.message}</span> : hint ? <span class="hint">{hint}</span> : null}
    </div>
  );
}

/** The text of a field: while it has the focus what was typed, else what the definition says. What `commit` does not take (it answers
 * false) stays, also when the form goes away, until it is mended or the value changes elsewhere. `of` names the field. */
export function useTyped(value: string, commit: (text: string) => boolean | void, every = true, of = ''): { value: string; onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => void; onFocus: () => void; onBlur: () => void; onKeyDown: (event: KeyboardEvent) => void } {
  const { editor } = useAbout();
  const left = of === '' ? undefined : editor.unfinished.get(of);
  const [typed, set] = useState<string | undefined>(left?.value === value ? left.text : undefined);
  const last = useRef({ typed, commit });
  last.current = { typed, commit };
  const focused = useRef(false);
  const take = (text: string): void => {
    const refused = commit(text) === false;
    if (of !== '') editor.setUnfinished(of, refused ? { text, value } : undefined);
  };
  const done = (): void => {
    const { typed: text } = last.current;
    if (text !== undefined && !every && (text !== value || editor.unfinished.has(of))) take(text);
    last.current = { ...last.current, typed: undefined };
    focused.current = false;
    if (of === '' || !editor.unfinished.has(of)) set(undefined);
  };
  // What is wrong with what was left is said again.
  useEffect(() => { if (typed !== undefined) take(typed); }, []);
  // Changed elsewhere, by a step back too: that is what holds now.
  const first = useRef(true);
  useEffect(() => {
    if (first.current) { first.current = false; return; }
    if (focused.current || of === '' || !editor.unfinished.has(of)) return;
    editor.setUnfinished(of, undefined);
    commit(value);
    set(undefined);
  }, [value]);
  // A form that goes away takes with it what was typed.
  const gone = useRef(take);
  gone.current = take;
  useEffect(() => () => {
    const { typed: text } = last.current;
    last.current = { ...last.current, typed: undefined };
    if (text !== undefined && !every && focused.current) gone.current(text);
  }, []);
  return {
    value: typed ?? value,
    onInput: event => { set(event.currentTarget.value); if (every) take(event.currentTarget.value); },
    onFocus: () => { focused.current = true; set(last.current.typed ?? value); },
    onBlur: done,
    onKeyDown: event => { if (event.key === 'Enter' && !every && !(event.target instanceof HTMLTextAreaElement)) { event.preventDefault(); (event.target as HTMLElement).blur(); } },
  };
}

/** Objects that say something only with members. */
const NEVER_EMPTY = new Set(['ItemBatcher', 'Credentials', 'ReaderConfig', 'WriterConfig', 'ProcessorConfig']);

/** Changes a member of what the form is about; undefined takes it away. */
export function useChange(): (path: Path, value: unknown, kind?: string) => void {
  const { editor } = useAbout();
  return (path, value, kind) => void editor.edit(text => {
    if (value === undefined) {
      text.remove(path);
      const holder = path.slice(0, -1);
      if (NEVER_EMPTY.has(String(holder.at(-1))) && text.keys(holder).length === 0) text.remove(holder);
      return;
    }
    const key = String(path.at(-1));
    const rule = typeof path.at(-2) === 'number';
    for (let i = 1; i < path.length; i += 1) {
      const holder = path.slice(0, i);
      if (!text.has(holder)) text.set(holder, typeof path[i] === 'number' ? [] : {}, before(String(holder.at(-1))));
    }
    if (typeof path.at(-1) === 'number' && !text.has(path)) text.add(path.slice(0, -1), value);
    else text.set(path, value, rule ? beforeInRule(key) : before(key));
  }, kind ?? `type ${keyOf(path)}`);
}

interface FieldProps { label: string; at: Path; hint?: ComponentChildren; sub?: ComponentChildren; unit?: string; placeholder?: string; options?: readonly string[]; mono?: boolean }

function Line({ id, label, typed, unit, placeholder, options, mono, bad }: { id: string; label: string; typed: ReturnType<typeof useTyped>; bad: boolean } & Pick<FieldProps, 'unit' | 'placeholder' | 'options' | 'mono'>): JSX.Element {
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  const suggestions = useSuggestions(field, () => { if (field.current) typed.onInput({ currentTarget: field.current }); });
  return (
    <span class={`field ${bad ? 'wrong' : ''}`}>
      <input ref={field} id={id} aria-label={label} class={mono || isExpression(typed.value) || isPath(typed.value) ? 'mono' : ''} spellcheck={false} autocomplete="off" placeholder={placeholder} aria-invalid={bad} list={options ? list : undefined} {...typed}
        onInput={event => { typed.onInput(event); suggestions.look(); }} onBlur={() => { typed.onBlur(); suggestions.close(); }} onKeyDown={event => { if (!suggestions.key(event)) typed.onKeyDown(event); }} />
      <Suggested id={`${id}-fits`} suggestions={suggestions} />
      {options ? <datalist id={list}>{options.map(one => <option key={one} value={one} />)}</datalist> : null}
      {unit ? <span class="unit">{unit}</span> : null}
    </span>
  );
}

const WIDTH = 38; // characters of a line of the form
function Area({ id, label, typed, bad, rows = 1, placeholder }: { id: string; label: string; typed: ReturnType<typeof useTyped>; bad: boolean; rows?: number; placeholder?: string | undefined }): JSX.Element {
  const field = useRef<HTMLTextAreaElement>(null);
  const suggestions = useSuggestions(field, () => { if (field.current) typed.onInput({ currentTarget: field.current }); });
  const lines = (typed.value || (placeholder ?? '')).split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / WIDTH)), 0);
  return (
    <>
      <textarea id={id} aria-label={label} class="editor small-editor" rows={Math.min(16, Math.max(rows, lines))} spellcheck={false} autocomplete="off" placeholder={placeholder} aria-invalid={bad} {...typed}
        ref={field} onInput={event => { typed.onInput(event); suggestions.look(); }} onBlur={() => { typed.onBlur(); suggestions.close(); }} onKeyDown={event => void suggestions.key(event)} />
      <Suggested id={`${id}-fits`} suggestions={suggestions} />
    </>
  );
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value));

/** A string; an empty one takes the member away. In JSONPath a path goes to the member of the name with `suffix`. */
export function TextField({ label, at, suffix, live = false, area = false, ...more }: FieldProps & { suffix?: 'Path' | '.$'; live?: boolean; /** In as many lines as it has. */ area?: boolean }): JSX.Element {
  const { editor, path, language } = useAbout();
  const change = useChange();
  const id = useId();
  const own = [...path, ...at];
  const twin = [...own.slice(0, -1), `${String(own.at(-1))}${suffix ?? ''}`];
  const dynamic = suffix !== undefined && language === 'JSONPath';
  const given = valueAt(editor.machine, own);
  const value = asText(given === undefined && dynamic ? valueAt(editor.machine, twin) : given);
  const typed = useTyped(value, text => {
    const target = dynamic && isPath(text) ? twin : own;
    if (dynamic) change(target === twin ? own : twin, undefined, `type ${keyOf(own)}`);
    // A condition may be a plain boolean, and a path null.
    const key = String(own.at(-1));
    const plain = key === 'Condition' && /^(true|false)$/.test(text) ? text === 'true' : /^(Input|Output|Result)Path$/.test(key) && text === 'null' ? null : text;
    change(target, text === '' ? undefined : plain, `type ${keyOf(own)}`);
  });
  const fault = useFault([own, twin]);
  return <Frame label={label} sub={more.sub} hint={more.hint} paths={[own, twin]} id={id}>{area ? <Area id={id} label={label} typed={typed} bad={fault !== undefined} /> : <Line id={id} label={label} typed={typed} {...more} bad={fault !== undefined} />}{live ? <LiveResult value={value} /> : null}</Frame>;
}

/** A number, or in JSONata an expression, or in JSONPath a path in the member's twin with "Path". */
export function NumberField({ label, at, ...more }: FieldProps): JSX.Element {
  const { editor, path, language } = useAbout();
  const change = useChange();
  const id = useId();
  const own = [...path, ...at];
  const twin = [...own.slice(0, -1), `${String(own.at(-1))}Path`];
  const value = asText(valueAt(editor.machine, own) ?? valueAt(editor.machine, twin));
  const [wrong, setWrong] = useState('');
  const typed = useTyped(value, given => {
    const text = given.trim();
    const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
    const usable = text === '' || number !== undefined || (language === 'JSONata' ? isExpression(text) : isPath(text));
    setWrong(usable ? '' : language === 'JSONata' ? 'A number, or an expression in {% %}' : 'A number, or a path that begins with $');
    if (!usable) return false;
    const target = number === undefined && language === 'JSONPath' && isPath(text) ? twin : own;
    const kind = `type ${keyOf(own)}`;
    if (valueAt(editor.machine, target === twin ? own : twin) !== undefined) change(target === twin ? own : twin, undefined, kind);
    change(target, text === '' ? undefined : (number ?? text), kind);
    return true;
  }, true, keyOf(own));
  return <Frame label={label} sub={more.sub} hint={wrong ? <span class="fail">{wrong}</span> : more.hint} paths={[own, twin]} id={id}><Line id={id} label={label} typed={typed} {...more} bad={wrong !== ''} /></Frame>;
}

/** A value of several lines as it stands there, and such text as it has to stand. Where all is on one line it is shown in lines. */
function writtenAt(text: string, path: Path): { text: string; back: (text: string) => string } | undefined {
  if (styleOf(text).unit === '') return undefined;
  const cut = new JsonText(text).cut(path);
  if (!cut) return undefined;
  const { raw, indent } = cut;
  return {
    text: raw.split('\n').map((line, i) => (i > 0 && line.startsWith(indent) ? line.slice(indent.length) : line)).join('\n').replaceAll('\r', ''),
    back: one => one.split('\n').map((line, i) => (i > 0 ? indent + line : line)).join(styleOf(text).eol),
  };
}

/** JSON of any kind, as it is written. An expression is written without its quotes. */
export function JsonField({ label, at, hint, sub, rows = 3, placeholder, only, live = false }: FieldProps & { rows?: number; only?: 'array' | 'object'; live?: boolean }): JSX.Element {
  const { editor, path } = useAbout();
  const id = useId();
  const own = [...path, ...at];
  const value = valueAt(editor.machine, own);
  const written = useMemo(() => (value !== null && typeof value === 'object' && !editor.fault ? writtenAt(editor.text, own) : undefined), [editor.text, value]);
  const shown = value === undefined ? '' : typeof value === 'string' && isExpression(value) ? value : (written?.text ?? JSON.stringify(value, null, 2));
  const [fault, setFault] = useState('');
  const change = useChange();
  const typed = useTyped(shown, given => {
    const text = given.trim();
    if (text === '') { setFault(''); return value === undefined ? undefined : change(own, undefined); }
    if (isExpression(text)) { setFault(''); return change(own, text); }
    const wrong = jsonFault(text);
    const parsed: unknown = wrong ? undefined : JSON.parse(text);
    const kind = only === 'array' ? !Array.isArray(parsed) : only === 'object' ? typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) : false;
    setFault(wrong ? `Line ${wrong.line}, column ${wrong.column}: ${wrong.text}. Not taken over yet` : kind ? `Expected an ${only}. Not taken over yet` : '');
    if (wrong || kind) return false;
    if (text === shown.trim()) return true;
    if (written) editor.edit(one => one.setRaw(own, written.back(text)), `type ${keyOf(own)}`);
    else change(own, parsed);
    return true;
  }, true, keyOf(own));
  return (
    <Frame label={label} sub={sub} hint={fault ? <span class="fail" role="alert">{fault}</span> : hint} paths={[own]} id={id}>
      <Area id={id} label={label} typed={typed} bad={fault !== ''} rows={rows} placeholder={placeholder} />
      {live ? <LiveResult value={value} /> : null}
    </Frame>
  );
}

/** A list of more is filled when one comes to it: each state of a long workflow is one of its own. */
const MANY = 40;

export function SelectField({ label, sub, value, options, onChange, hint, at, whole }: { label: string; sub?: ComponentChildren; /** The member where it is no member of what the form is about. */ whole?: Path; value: string; options: readonly (readonly [string, string])[]; onChange: (value: string) => void; hint?: ComponentChildren; at?: Path }): JSX.Element {
  const { path } = useAbout();
  const id = useId();
  const [all, setAll] = useState(false);
  const fill = options.length > MANY && !all ? () => setAll(true) : undefined;
  return (
    <Frame label={label} sub={sub} hint={hint} paths={whole ? [whole] : at ? [[...path, ...at]] : []} only id={id}>
      <span class="field pick" onPointerEnter={fill} onPointerDown={fill}><select id={id} aria-label={label} value={value} onFocus={fill} onChange={event => onChange(event.currentTarget.value)}>{(fill ? options.filter(([one]) => one === value) : options).map(([one, text]) => <option key={one} value={one} selected={one === value}>{text}</option>)}</select><Icon name="down" /></span>
    </Frame>
  );
}

export function SegField<T extends string>({ label, value, options, onChange, hint, at }: { label: string; value: T; options: readonly (readonly [T, string])[]; onChange: (value: T) => void; hint?: ComponentChildren; at?: Path }): JSX.Element {
  const { path } = useAbout();
  return (
    <Frame label={label} hint={hint} paths={at ? [[...path, ...at]] : []} only>
      <span class="seg full" role="group" aria-label={label}>{options.map(([one, text]) => <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>{text}</button>)}</span>
    </Frame>
  );
}

/** Names of errors: comma or new line between them. */
export function ErrorsField({ at, label = 'Errors' }: { at: Path; label?: string }): JSX.Element {
  const { editor, path } = useAbout();
  const change = useChange();
  const id = useId();
  const own = [...path, ...at];
  const value = valueAt(editor.machine, own);
  const names = Array.isArray(value) ? value.map(String) : [];
  const typed = useTyped(names.join(', '), text => change(own, text.split(/[,\n]/).map(one => one.trim()).filter(Boolean)));
  return <Frame label={label} paths={[own]} id={id}><Line id={id} label={label} typed={typed} options={ERRORS} placeholder="States.ALL" bad={false} /></Frame>;
}
const ERRORS = ['States.ALL', 'States.TaskFailed', 'States.Timeout', 'States.HeartbeatTimeout', 'States.Permissions', 'States.QueryEvaluationError', 'States.DataLimitExceeded', 'States.ExceedToleratedFailureThreshold', 'States.ItemReaderFailed', 'States.ResultWriterFailed', 'States.Http.Socket', 'Lambda.ServiceException', 'Lambda.TooManyRequestsException', 'Lambda.Unknown'];

/** Where it goes on: a state of the scope, a new one, or the end. */
export function TargetField({ label, slot, ends }: { label: string; slot: Path; ends?: string }): JSX.Element {
  const { editor, onAdd } = useAbout();
  const scopeEnd = slot.lastIndexOf('States');
  const scope = slot.slice(0, scopeEnd);
  const from = String(slot[scopeEnd + 1]);
  const names = Object.keys((valueAt(editor.machine, [...scope, 'States']) ?? {}) as Raw);
  const now = valueAt(editor.machine, slot);
  const options: [string, string][] = [['', ends ?? 'Choose a state'], ...names.filter(name => name !== from || now === name).map((name): [string, string] => [name, name])];
  if (typeof now === 'string' && !names.includes(now)) options.push([now, `${now} (there is none)`]);
  return <SelectField label={label} sub={<button type="button" class="link accent" aria-label={`A new state for “${label}”`} onClick={() => onAdd(slot)}>new state</button>} whole={slot} hint={now === undefined && ends === undefined ? 'Leads nowhere yet.' : undefined} value={typeof now === 'string' ? now : ''} options={options} onChange={name => void editor.edit(text => point(text, slot, name === '' ? undefined : name))} />;
}
