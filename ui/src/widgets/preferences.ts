// What a person chose: kept in the browser.

import { useEffect, useState } from 'preact/hooks';
import type { Zone } from '../model/format';

export type Theme = 'light' | 'dark';
/** `hidden`: columns of the list of executions. */
interface Preferences { zone: Zone; theme: Theme | undefined; hidden: readonly string[] }

const KEY = 'weft';
const watchers = new Set<() => void>();
let now: Preferences = read();

function read(): Preferences {
  const plain: Preferences = { zone: 'local', theme: undefined, hidden: [] };
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
    if (stored.zone === 'utc') plain.zone = 'utc';
    if (Array.isArray(stored.hidden)) plain.hidden = stored.hidden.filter(one => typeof one === 'string');
    if (stored.theme === 'light' || stored.theme === 'dark') plain.theme = stored.theme;
  } catch {
    // No storage: nothing is remembered.
  }
  // A link may say how it wants to be seen.
  const query = new URLSearchParams(location.search);
  const theme = query.get('theme');
  if (theme === 'light' || theme === 'dark') plain.theme = theme;
  if (query.get('tz') === 'utc') plain.zone = 'utc';
  return plain;
}

export function applyTheme(): void {
  if (now.theme) document.documentElement.dataset.theme = now.theme;
  else delete document.documentElement.dataset.theme;
}

export function prefer(change: Partial<Preferences>): void {
  now = { ...now, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(now));
  } catch {
    // As above.
  }
  applyTheme();
  watchers.forEach(watcher => watcher());
}

export function usePreferences(): Preferences {
  const [, set] = useState(0);
  useEffect(() => {
    const watcher = () => set(n => n + 1);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    watchers.add(watcher);
    dark.addEventListener('change', watcher);
    return () => {
      watchers.delete(watcher);
      dark.removeEventListener('change', watcher);
    };
  }, []);
  return now;
}

export const isDark = (): boolean => (now.theme ? now.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
