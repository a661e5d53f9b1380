import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { catalogue, search, type Group, type Item } from '../../model/editor/catalogue';
import { Icon } from '../../widgets/icon';
import { announce } from '../../widgets/announce';
import { useDrag, type Drag } from './drag';
import { ShapeIcon } from './shapes';
import type { Editor } from './store';

const GROUPS: readonly Group[] = ['Flow', 'Tasks', 'Patterns'];

/** What can be put in: dragged, clicked, or found by typing and taken with Enter. */
export function Palette({ editor, drag, functions, find, onDone }: { editor: Editor; drag: Drag; functions: readonly string[]; find: { current: HTMLInputElement | null }; onDone: () => void }): JSX.Element {
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const all = useMemo(() => catalogue(functions), [functions]);
  const found = useMemo(() => search(all, text), [all, text]);
  const held = useDrag(drag)?.held.item;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [active, text]);
  const take = (item: Item | undefined): void => {
    if (!item) return;
    if (editor.insert(item.make(editor.language))) announce(`${item.title} added`);
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
  const one = (item: Item): JSX.Element => {
    const i = found.indexOf(item);
    return (
      <div key={item.id} id={`add-${i}`} role="option" aria-selected={i === active} class={`it ${held?.id === item.id ? 'held' : ''}`} title={`${item.title}: drag it to its place, or click to put it behind what is selected`}
        onPointerDown={event => { event.preventDefault(); drag.begin(event, { title: item.title, item, paths: [] }, () => take(item)); }}>
        <ShapeIcon name={item.shape} /><span class="cut">{item.title}</span>
      </div>
    );
  };
  return (
    <section class="panel pal" aria-label="States to add">
      <div class="pal-find">
        <label class="field quiet"><Icon name="search" />
          <input ref={find} role="combobox" aria-label="Find a state to add" aria-expanded="true" aria-controls="add-list" aria-activedescendant={found.length ? `add-${active}` : undefined} placeholder="Find" autocomplete="off" spellcheck={false}
            value={text} onInput={event => { setText(event.currentTarget.value); setActive(0); }} onKeyDown={key} /><kbd>a</kbd>
        </label>
      </div>
      <div id="add-list" ref={list} role="listbox" aria-label="States to add" tabIndex={-1}>
        {text === '' ? GROUPS.map(group => (
          <div key={group} role="group" aria-label={group}><div class="pal-group" aria-hidden="true">{group}</div><div class="cols">{found.filter(item => item.group === group).map(one)}</div></div>
        )) : <div class="cols" role="group" aria-label="Found">{found.map(one)}</div>}
      </div>
      {found.length === 0 ? <p class="pad t3 small">Nothing here is called “{text}”. Any service can be called as a Task: put in a task and write its Resource.</p> : null}
    </section>
  );
}
