import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { catalogue, search, type Group, type Item } from '../../model/editor/catalogue';
import { Icon } from '../../widgets/icon';
import { announce } from '../../widgets/announce';
import { useDrag, type Drag } from './drag';
import { keyOf, type StateAt } from '../../model/editor/machine';
import { shapeOf, slotWords } from '../../model/editor/describe';
import { ShapeIcon } from './shapes';
import { useEditor, type Editor } from './store';

const GROUPS: readonly Group[] = ['Flow', 'Tasks', 'Patterns'];

/** States of the workflow that are shown for what is typed. */
const STATES_MOST = 12;

/** What can be put in: dragged, clicked, or found by typing and taken with Enter; and the states that are there, to go to. `seeks`: those first. */
export function Palette({ editor, drag, functions, find, seeks, onDone }: { editor: Editor; drag: Drag; functions: readonly string[]; find: { current: HTMLInputElement | null }; seeks: boolean; onDone: () => void }): JSX.Element {
  const [text, setText] = useState('');
  useEditor(editor, one => [text === '' ? undefined : one.states, one.slot]);
  const [active, setActive] = useState(0);
  const all = useMemo(() => catalogue(functions), [functions]);
  const fits = useMemo(() => search(all, text), [all, text]);
  const there = useMemo(() => statesCalled(editor.states, text), [editor.states, text]);
  const found: readonly (Item | StateAt)[] = seeks && text === '' ? [] : seeks ? [...there, ...fits] : [...fits, ...there];
  const held = useDrag(drag)?.held.item;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [active, text]);
  const take = (item: Item | StateAt | undefined): void => {
    if (!item) return;
    if ('path' in item) editor.select([keyOf(item.path)]);
    else if (editor.insert(item.make(editor.language))) announce(`${item.title} added`);
    setText('');
    setActive(0);
    onDone();
  };
  const key = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setActive(Math.max(0, Math.min(found.length - 1, active + step)));
    else if (event.key === 'Enter') take(found[active]);
    else if (event.key === 'Escape') { setText(''); onDone(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const one = (item: Item | StateAt, id: string, selected: boolean): JSX.Element => {
    const own = { id, role: 'option', 'aria-selected': selected } as const;
    if ('path' in item) return <div key={keyOf(item.path)} {...own} class="it" title={`${item.name}: show it`} onPointerDown={event => { event.preventDefault(); take(item); }}><ShapeIcon name={shapeOf(item.state)} /><span class="cut">{item.name}</span></div>;
    return (
      <div key={item.id} {...own} class={`it ${held?.id === item.id ? 'held' : ''}`} title={`${item.title}: drag it to its place, or click to put it behind what is selected`}
        onPointerDown={event => { event.preventDefault(); drag.begin(event, { title: item.title, item, paths: [] }, () => take(item)); }}>
        <ShapeIcon name={item.shape} /><span class="cut">{item.title}</span>
      </div>
    );
  };
  const plain = text === '' && !seeks;
  const groups = useMemo(() => GROUPS.map(group => (
    <div key={group} role="group" aria-label={group}><div class="pal-group" aria-hidden="true">{group}</div><div class="cols">{all.map((item, i) => (item.group === group ? one(item, `all-${i}`, plain && i === active) : null))}</div></div>
  )), [all, held, plain && active]);
  const parts: [string, readonly (Item | StateAt)[]][] = [['To add', fits], ['In this workflow', there]];
  return (
    <section class="panel pal" aria-label="States to add">
      <div class="pal-find">
        <label class="field quiet"><Icon name="search" />
          <input ref={find} role="combobox" aria-label="Find a state to add" aria-expanded="true" aria-controls="add-list" aria-activedescendant={found.length ? `${plain ? 'all' : 'add'}-${active}` : undefined} placeholder={seeks ? 'Find in the workflow' : 'Find'} autocomplete="off" spellcheck={false}
            value={text} onInput={event => { setText(event.currentTarget.value); setActive(0); }} onKeyDown={key} /><kbd>{seeks ? 'Ctrl F' : 'a'}</kbd>
        </label>
      </div>
      {editor.slot && !seeks ? <p class="goes small" role="status">Goes here: {slotWords(editor.slot)}</p> : null}
      <div id="add-list" ref={list} role="listbox" aria-label="States to add" tabIndex={-1}>
        {/* It stays while something is looked for: to make it anew takes longer than to show it. */}
        <div hidden={!plain}>{groups}</div>
        {text === '' ? null : (seeks ? [...parts].reverse() : parts).filter(([, some]) => some.length > 0).map(([title, some]) => (
          <div key={title} role="group" aria-label={title}>{there.length > 0 ? <div class="pal-group" aria-hidden="true">{title}</div> : null}<div class="cols">{some.map(item => one(item, `add-${found.indexOf(item)}`, found[active] === item))}</div></div>
        ))}
      </div>
      {found.length === 0 && text !== '' ? <p class="pad t3 small">Nothing here is called “{text}”. A service that this server does not call a Lambda function can call.</p> : null}
    </section>
  );
}

/** The states whose names hold what is typed; those that begin with it first. */
function statesCalled(states: readonly StateAt[], text: string): StateAt[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const place = (one: StateAt): number => one.name.toLowerCase().indexOf(wanted);
  return states.filter(one => place(one) >= 0).sort((a, b) => Math.min(1, place(a)) - Math.min(1, place(b))).slice(0, STATES_MOST);
}
