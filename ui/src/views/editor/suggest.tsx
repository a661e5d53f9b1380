// What fits behind the cursor of a field, in a list below it.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { narrowed, pathProposals, proposals, type Proposal } from '../../model/editor/jsonata';
import { useAbout } from './fields';

const MOST = 8;
type Field = HTMLInputElement | HTMLTextAreaElement;

export interface Suggestions { list: Proposal[]; active: number; look: () => void; close: () => void; key: (event: KeyboardEvent) => boolean; take: (one: Proposal) => void }

/** Follows the cursor of a field; `key` answers whether it took a key for itself. */
export function useSuggestions(field: { current: Field | null }, typed: (text: string) => void): Suggestions {
  const { editor, language, path } = useAbout();
  const [state, set] = useState<{ list: Proposal[]; length: number; active: number }>({ list: [], length: 0, active: 0 });
  const close = (): void => set({ list: [], length: 0, active: 0 });
  const ahead = (): string => {
    const one = field.current;
    return one && one.selectionStart === one.selectionEnd ? one.value.slice(0, one.selectionStart ?? 0).split('\n').at(-1) ?? '' : '';
  };
  const take = (one: Proposal): void => {
    const at = field.current;
    if (!at) return;
    const place = at.selectionStart ?? at.value.length;
    const text = one.apply ?? one.label;
    at.setRangeText(text, place - state.length, place, 'end');
    typed(at.value);
    close();
  };
  return {
    list: state.list, active: state.active, close, take,
    look: () => {
      const text = ahead();
      const found = (language === 'JSONata' ? proposals : pathProposals)(text, editor.machine, path.length > 0 ? path : undefined);
      const list = found ? narrowed(found, text).slice(0, MOST) : [];
      if (list.length || state.list.length) set({ list, length: found?.length ?? 0, active: 0 });
    },
    key: event => {
      if (state.list.length === 0) return false;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') set({ ...state, active: (state.active + (event.key === 'ArrowDown' ? 1 : state.list.length - 1)) % state.list.length });
      else if (event.key === 'Enter' || event.key === 'Tab') take(state.list[state.active] as Proposal);
      else if (event.key === 'Escape') close();
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

export function Suggested({ id, suggestions: { list, active, take } }: { id: string; suggestions: Suggestions }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <div class="suggested" role="listbox" id={id} aria-label="What fits here">
      {list.map((one, i) => <div key={one.label} id={`${id}-${i}`} role="option" aria-selected={i === active} onPointerDown={event => { event.preventDefault(); take(one); }}><span class="mono">{one.label}</span><span class="t2 cut">{one.detail}</span></div>)}
    </div>
  );
}
