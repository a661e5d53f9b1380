import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, operation } from './aws';
import { outdates, stands, type Asking, type Kept } from './freshness';
import { lastTold, pollEvery, topicOf, watchTopic } from './live';
import { askOnce, urlOf, type AskError, type Parameters } from './query';
import { Sight } from './sight';

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

const KEPT = 60;
/** ms after which a question is asked again that was not answered. */
const RETRY_MS = 3_000;
/** What takes long to answer is asked the more seldom: it would keep others waiting, and the server from its work. Not so what says how far a run is. */
const REST_FACTOR = 4;
const REST_MOST_MS = 8_000;
/** Whether asking again may help: the server was away, starts, or had a fault of its own. */
export const passes = (error: Pick<AskError, 'status'>): boolean => error.status === 0 || error.status >= 500;
const kept = new Map<string, Kept & { data: unknown }>();
/** Who shows the answer to a question: all show the newest, whoever asked for it. */
const showing = new Map<string, Set<(data: unknown) => void>>();

function keep(url: string, data: unknown, asked: number): void {
  kept.delete(url);
  kept.set(url, { data, asked, at: Date.now() });
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  showing.get(url)?.forEach(show => show(data));
}
function watchAnswer(url: string, show: (data: unknown) => void): () => void {
  const all = showing.get(url) ?? new Set();
  showing.set(url, all.add(show));
  return () => {
    all.delete(show);
    if (all.size === 0 && showing.get(url) === all) showing.delete(url);
  };
}

/** The answer to a question is not what holds any more: it is not shown again before it is asked for. */
export const forget = (path: string, parameters: Parameters): void => void kept.delete(urlOf(path, parameters));

const isFinal = (data: unknown): boolean => (data as { final?: boolean } | undefined)?.final === true;

/** Since when questions are not answered. */
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
 * `every` ms), but not more often than that; nothing while `path` is undefined, and nothing again while the page is hidden or the
 * panel out of sight. What is not answered is asked again after 3 seconds.
 */
export function useAnswer<T>(path: string | undefined, parameters: Parameters, every = 0): Asked<T> {
  const url = path === undefined ? undefined : urlOf(path, parameters);
  const [state, set] = useState<{ url?: string; data?: T; error?: AskError | undefined }>({});
  const [turn, setTurn] = useState(0);
  const latest = useRef(state);
  latest.current = state;
  const asking = useRef<Asking | undefined>(undefined);

  const topic = path === undefined || every === 0 ? undefined : topicOf(path, parameters);
  const sight = useContext(Sight);
  useEffect(() => {
    if (url === undefined) return;
    const stop = new AbortController();
    let timer: number | undefined;
    let unwatch: (() => void) | undefined;
    let asked = 0; // when, last
    let busy = false;
    let changed = false; // told while an answer is on its way
    const now: Asking = { url, every, turn };
    // Of a change, or by somebody who wants it asked again.
    let told = outdates(asking.current, now) ? Date.now() : topic === undefined ? 0 : lastTold(topic);
    asking.current = now;
    const known = kept.get(url)?.data as T | undefined;
    const unshow = watchAnswer(url, data => set({ url, data: data as T }));
    if (known !== undefined) set({ url, data: known });
    let unseen = false; // it was time to ask, but nobody looks
    const later = (wait: number, always = false): void => {
      window.clearTimeout(timer);
      if ((every > 0 || always) && !stop.signal.aborted) timer = window.setTimeout(load, wait);
    };
    let rest = every; // ms from one question to the next
    const soon = (): void => later(Math.max(0, asked + rest - Date.now()));
    const load = async (): Promise<void> => {
      if (latest.current.url === url && latest.current.data !== undefined) {
        if (document.hidden) return later(pollEvery(every));
        unseen = sight?.seen === false;
        if (unseen) return;
      }
      let data: T | undefined;
      const newest = kept.get(url);
      asked = Date.now();
      busy = true;
      changed = false;
      try {
        // Somebody else on the page has asked a moment ago, and nothing changed since.
        if (newest && stands(newest, told, asked, every)) {
          asked = newest.at;
          data = newest.data as T;
        } else {
          const answer = await askOnce<T>(url, stop.signal);
          if (!path?.endsWith('summary')) rest = Math.max(every, Math.min(REST_MOST_MS, (Date.now() - asked) * REST_FACTOR));
          data = answer.data;
          changed ||= answer.kept;
          note(false);
          keep(url, data, asked);
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        const failure = failureOf(error);
        note(failure.status === 0);
        set(before => ({ ...(before.url === url ? before : { url }), error: failure }));
        busy = false;
        return passes(failure) ? later(RETRY_MS, true) : later(pollEvery(every));
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
          told = Date.now();
          if (busy) changed = true;
          else soon();
        });
      }
    }
    const unlook = sight?.watch(() => { if (unseen && !busy) void load(); });
    return () => {
      stop.abort();
      unshow();
      unwatch?.();
      unlook?.();
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

/** The answer of an operation that changes nothing; asked again after 3 seconds when the server was away. */
export function useOperation<T>(name: string, body: Record<string, string>): Pick<Asked<T>, 'data' | 'error' | 'again'> {
  const key = `${name} ${JSON.stringify(body)}`;
  const [state, set] = useState<{ key: string; data?: T; error?: AskError }>({ key });
  const [turn, again] = useState(0);
  useEffect(() => {
    let timer: number | undefined;
    let gone = false;
    const load = (): void => void operation<T>(name, body).then(data => { if (!gone) set({ key, data }); }, (reason: unknown) => {
      if (gone) return;
      const error = failureOf(reason);
      set({ key, error });
      if (passes(error)) timer = window.setTimeout(load, RETRY_MS);
    });
    load();
    return () => { gone = true; window.clearTimeout(timer); };
  }, [key, turn]);
  const own = state.key === key ? state : { key };
  return { data: own.data, error: own.error, again: () => again(turn + 1) };
}
