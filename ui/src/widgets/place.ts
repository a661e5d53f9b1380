// The address as state.

import { useEffect, useState } from 'preact/hooks';
import { snapshot } from '../api/snapshot';
import { BASE, placeOf, queryText, type Place } from '../model/address';

const watchers = new Set<() => void>();

/** Of a file from disk the address is what follows "#": it has no other pages. */
const here = (): URL => (snapshot ? new URL(BASE + (location.hash.slice(1) || snapshot.start), 'http://file.invalid') : new URL(location.href));
function show(href: string, instead: boolean): void {
  const { pathname, search } = new URL(href, here());
  const address = snapshot ? `#${pathname.slice(BASE.length)}${search}` : pathname + search;
  if (instead) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
}
const tell = (): void => watchers.forEach(watcher => watcher());

/** `instead`: in place of the page that is shown now, which a step back does not come to. */
export function go(href: string, instead = false): void {
  show(href, instead);
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
    window.addEventListener('hashchange', watcher);
    return () => {
      watchers.delete(watcher);
      window.removeEventListener('popstate', watcher);
      window.removeEventListener('hashchange', watcher);
    };
  }, []);
  const { pathname, searchParams } = here();
  return { place: placeOf(pathname), query: searchParams };
}

/** Changes what the address says beside the page: undefined takes a name away. Steps back go past it unless `step`. */
export function setState(changes: Record<string, string | readonly string[] | undefined>, step = false): void {
  const { pathname, searchParams: query } = here();
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value as string]) query.append(name, one);
  }
  show(pathname + queryText(query), !step);
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
