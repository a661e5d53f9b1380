// What changes on the server, told by it: who shows something about a topic asks again when it did.

import { useEffect, useState } from 'preact/hooks';
import { LiveConnection, type LiveEvent, type LiveState } from './live_connection';
import type { Parameters } from './query';
import { snapshot } from './snapshot';

type Watcher = (event: LiveEvent) => void;

const SAY_AGAIN_MS = 60_000;
/** So long a lost connection is nobody's business. */
const STALE_MS = 10_000;

const watchers = new Map<string, Set<Watcher>>();
/** When the last change was told of what is watched. */
const toldAt = new Map<string, number>();
const stateWatchers = new Set<() => void>();
let state: LiveState = 'off';
let lostSince = 0;

function setState(next: LiveState): void {
  if (next === state) return;
  if (next === 'lost') lostSince ||= Date.now();
  else if (next === 'open') lostSince = 0;
  state = next;
  stateWatchers.forEach(watcher => watcher());
  if (lostSince) setTimeout(() => stateWatchers.forEach(watcher => watcher()), STALE_MS);
}

function tell(event: LiveEvent): void {
  if (event.event !== 'counts' && watchers.has(event.topic)) toldAt.set(event.topic, Date.now());
  watchers.get(event.topic)?.forEach(watcher => watcher(event));
}

interface Link { want: (topics: string[]) => void }
let link: Link | undefined;
function connect(): Link {
  if (typeof SharedWorker === 'undefined') {
    const own = new LiveConnection(tell, setState);
    return { want: topics => own.want(topics) };
  }
  const worker = new SharedWorker(new URL('./live_worker.ts', import.meta.url), { type: 'module', name: 'weft-live' });
  worker.port.onmessage = (message: MessageEvent<{ state?: LiveState; event?: LiveEvent }>) => {
    if (message.data.state) setState(message.data.state);
    if (message.data.event) tell(message.data.event);
  };
  worker.port.start();
  return { want: topics => worker.port.postMessage({ want: topics }) };
}

let saying = false;
/** Together, once what renders now has rendered. */
function say(): void {
  if (saying || snapshot) return;
  saying = true;
  queueMicrotask(() => {
    saying = false;
    const topics = document.hidden ? [] : [...watchers.keys()];
    if (!link && topics.length === 0) return;
    link ??= connect();
    link.want(topics);
  });
}

if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', say);
  window.addEventListener('pagehide', () => link?.want([]));
  window.addEventListener('pageshow', say);
  setInterval(say, SAY_AGAIN_MS);
}

/** Calls `watcher` with every event of the topic until the returned function is called. */
export function watchTopic(topic: string, watcher: Watcher): () => void {
  const all = watchers.get(topic) ?? new Set<Watcher>();
  all.add(watcher);
  watchers.set(topic, all);
  say();
  return () => {
    all.delete(watcher);
    if (all.size === 0 && watchers.get(topic) === all) {
      watchers.delete(topic);
      toldAt.delete(topic);
    }
    say();
  };
}

/** When a change of a topic was told last that somebody on the page watches; 0: not since. */
export const lastTold = (topic: string): number => toldAt.get(topic) ?? 0;

/** ms to the next question when nothing is told: rarely while the server tells, else as `every` says. */
export function pollEvery(every: number): number {
  if (state === 'open') return 30_000;
  return lostSince && Date.now() - lostSince > STALE_MS ? Math.max(every, 5_000) : every;
}

/** Renders anew when the connection comes or goes. */
function useConnection(): void {
  const [, set] = useState(0);
  useEffect(() => {
    const watcher = (): void => set(n => n + 1);
    stateWatchers.add(watcher);
    return () => void stateWatchers.delete(watcher);
  }, []);
}

/** Since when nothing is told any more, if for long. */
export function useLost(): number | undefined {
  useConnection();
  return lostSince && Date.now() - lostSince >= STALE_MS ? lostSince : undefined;
}

/** Whether the server tells of changes to what is shown now. */
export function useLiveNow(): boolean {
  useConnection();
  return state === 'open';
}

/** The newest data of an event about a topic. */
export function useLive<T>(event: LiveEvent['event'], topic: string | undefined): T | undefined {
  const [data, set] = useState<{ topic: string; data: T } | undefined>();
  useEffect(() => {
    if (topic === undefined) return;
    const unwatch = watchTopic(topic, told => { if (told.event === event) set({ topic, data: told.data as T }); });
    return () => {
      set(undefined); // what is redriven is told of anew
      unwatch();
    };
  }, [event, topic]);
  return data && data.topic === topic ? data.data : undefined;
}

/** Which topic says that an answer may have changed. */
export function topicOf(path: string, parameters: Parameters): string | undefined {
  if (path === 'executions') return 'list';
  const { arn } = parameters;
  if (typeof arn !== 'string') return undefined;
  return `${arn.includes(':mapRun:') ? 'maprun' : 'exec'}:${arn}`;
}
