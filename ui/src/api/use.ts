import { useEffect, useRef, useState } from 'preact/hooks';
import { pollEvery, topicOf, watchTopic } from './live';
import { ask, AskError, urlOf, type Parameters } from './query';

/** An answer on its way. Of a question asked anew the old answer stays until the new one is there. */
export interface Asked<T> {
  data: T | undefined;
  error: AskError | undefined;
  /** Nothing to show yet. */
  loading: boolean;
  /** `data` is of another question than the one asked now. */
  old: boolean;
  again: () => void;
}

const KEPT = 120;
const kept = new Map<string, unknown>();

function keep(url: string, data: unknown): void {
  kept.delete(url);
  kept.set(url, data);
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}

const isFinal = (data: unknown): boolean => (data as { final?: boolean } | undefined)?.final === true;

/** How long the last answer is ago; `true` while questions fail. */
const trouble = { since: 0 };
const watchers = new Set<() => void>();
function note(failed: boolean): void {
  const before = trouble.since;
  if (failed) trouble.since ||= Date.now();
  else trouble.since = 0;
  if (!before !== !trouble.since) watchers.forEach(watcher => watcher());
}
/** Whether the server does not answer at the moment. */
export function useTrouble(): boolean {
  const [, set] = useState(0);
  useEffect(() => {
    const watcher = () => set(n => n + 1);
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }, []);
  return trouble.since > 0;
}

/**
 * Asks for `path`, and until the answer is final again when the server tells of a change (else every
 * `every` ms), but not more often than that; nothing while `path` is undefined or the page is hidden.
 */
export function useAnswer<T>(path: string | undefined, parameters: Parameters, every = 0): Asked<T> {
  const url = path === undefined ? undefined : urlOf(path, parameters);
  const [state, set] = useState<{ url?: string; data?: T; error?: AskError | undefined }>({});
  const [turn, setTurn] = useState(0);
  const latest = useRef(state);
  latest.current = state;

  const topic = path === undefined || every === 0 ? undefined : topicOf(path, parameters);
  useEffect(() => {
    if (url === undefined) return;
    const stop = new AbortController();
    let timer: number | undefined;
    let unwatch: (() => void) | undefined;
    let asked = 0; // when, last
    let busy = false;
    let changed = false; // told while an answer is on its way
    const known = kept.get(url) as T | undefined;
    if (known !== undefined) set({ url, data: known });
    const later = (wait: number): void => {
      window.clearTimeout(timer);
      if (every > 0 && !stop.signal.aborted) timer = window.setTimeout(load, wait);
    };
    const soon = (): void => later(Math.max(0, asked + every - Date.now()));
    const load = async (): Promise<void> => {
      if (document.hidden && latest.current.url === url) return later(pollEvery(every));
      let data: T | undefined;
      asked = Date.now();
      busy = true;
      changed = false;
      try {
        data = await ask<T>(url, stop.signal);
        keep(url, data);
        note(false);
        set({ url, data });
      } catch (error) {
        if (stop.signal.aborted) return;
        const failure = error instanceof AskError ? error : new AskError(0, 'Error', String(error));
        note(failure.status === 0);
        set(before => ({ ...(before.url === url ? before : { url }), error: failure }));
      }
      busy = false;
      if (data !== undefined && isFinal(data)) unwatch?.();
      else if (changed) soon();
      else later(pollEvery(every));
    };
    if (known === undefined || !isFinal(known)) {
      void load();
      if (topic !== undefined) {
        unwatch = watchTopic(topic, event => {
          if (event.event === 'counts') return;
          if (busy) changed = true;
          else soon();
        });
      }
    }
    return () => {
      stop.abort();
      unwatch?.();
      window.clearTimeout(timer);
    };
  }, [url, every, turn]);

  return {
    data: state.data,
    error: state.url === url ? state.error : undefined,
    loading: url !== undefined && state.data === undefined && !(state.url === url && state.error),
    old: state.url !== url,
    again: () => setTurn(turn + 1),
  };
}
