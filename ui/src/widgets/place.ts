// The address as state.

import { useEffect, useState } from 'preact/hooks';
import { BASE, placeOf, queryText, type Place } from '../model/address';

const watchers = new Set<() => void>();
const tell = (): void => watchers.forEach(watcher => watcher());

export function go(href: string): void {
  history.pushState(null, '', href);
  window.scrollTo(0, 0);
  tell();
}

export interface Address { place: Place; query: URLSearchParams }

export function useAddress(): Address {
  const [, set] = useState(0);
  useEffect(() => {
    const watcher = () => set(n => n + 1);
    watchers.add(watcher);
    window.addEventListener('popstate', watcher);
    return () => {
      watchers.delete(watcher);
      window.removeEventListener('popstate', watcher);
    };
  }, []);
  return { place: placeOf(location.pathname), query: new URLSearchParams(location.search) };
}

/** Changes what the address says beside the page: undefined takes a name away. Steps back go past it unless `step`. */
export function setState(changes: Record<string, string | readonly string[] | undefined>, step = false): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value as string]) query.append(name, one);
  }
  const href = location.pathname + queryText(query);
  if (step) history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  tell();
}

/** Links within the page load nothing anew. */
export function followLinks(): void {
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest('a[href]') as HTMLAnchorElement | null;
    if (!link || link.target || link.origin !== location.origin || !link.pathname.startsWith(BASE)) return;
    event.preventDefault();
    go(link.href);
  });
}
