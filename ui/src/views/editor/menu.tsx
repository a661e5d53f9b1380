import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface MenuItem { title: string; keys?: string; off?: boolean; run: () => void }

/** What can be done with what is selected, where one asked for it: the right button, the menu key or Shift F10. */
export function Menu({ x, y, items, onClose }: { x: number; y: number; items: readonly MenuItem[]; onClose: () => void }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLButtonElement[] => [...(list.current?.querySelectorAll<HTMLButtonElement>('button:not([disabled])') ?? [])];
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    element.style.left = `${Math.max(4, Math.min(x, innerWidth - element.offsetWidth - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(y, innerHeight - element.offsetHeight - 4))}px`;
    buttons()[0]?.focus();
    const away = (event: Event): void => { if (!element.contains(event.target as Element)) onClose(); };
    document.addEventListener('pointerdown', away, true);
    return () => document.removeEventListener('pointerdown', away, true);
  }, [x, y]);
  const key = (event: KeyboardEvent): void => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[to]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else if (event.key !== 'Enter' && event.key !== ' ') return;
    else (document.activeElement as HTMLElement).click();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={list} class="context menu-list" role="menu" aria-label="State" onKeyDown={key} onContextMenu={event => event.preventDefault()}>
      {items.map(item => <button key={item.title} type="button" role="menuitem" tabIndex={-1} disabled={item.off ?? false} onClick={() => { onClose(); item.run(); }}>{item.title}{item.keys ? <kbd>{item.keys}</kbd> : null}</button>)}
    </div>
  );
}
