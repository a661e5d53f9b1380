import { useEffect, useRef } from 'preact/hooks';

let first = '';
let timer = 0;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Keys of a view, "f" or two in a row "g e"; not while someone types. A handler that answers false leaves the key to others. */
export function useKeys(keys: Record<string, () => void | boolean>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
      const pair = first ? `${first} ${event.key}` : '';
      const handler = latest.current[pair] ?? latest.current[event.key];
      if (handler && handler() !== false) event.preventDefault();
      window.clearTimeout(timer);
      // Other handlers of the same press see the same first key.
      queueMicrotask(() => {
        first = event.key;
        timer = window.setTimeout(() => { first = ''; }, 800);
      });
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
