// Drafts in the browser's storage. Each window has the name of its own: what another window drafted of the same machine is put aside,
// not written over.

import type { Config, MachineType } from './store';

export interface Draft {
  samples?: Record<string, string>;
  /** The last text that was JSON, where this one is not: it is drawn. */
  good?: string;
  /** Typed into fields, and no value yet. */
  unfinished?: Record<string, { text: string; value: string }>; /** Of a machine that is not saved yet, or not as it is saved. */ config?: Config; text: string; base: string; name: string; type: MachineType; input: string; at: number;
  /** The window that wrote it. */
  by?: string;
}

const TAB = 'weft-tab';
const keyOfDraft = (arn: string | undefined): string => `weft-draft:${arn ?? 'new'}`;

function read(key: string): Draft | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Draft | null;
    return kept && typeof kept.text === 'string' ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** What this page was called before it was loaded again, and the name that it has now: a duplicated window is not taken for the first. */
function rename(): { before: string; now: string } {
  const now = Math.random().toString(36).slice(2, 12);
  try {
    const before = sessionStorage.getItem(TAB) ?? '';
    sessionStorage.setItem(TAB, now);
    return { before, now };
  } catch {
    return { before: '', now };
  }
}
const tab = rename();

export class Drafts {
  private readonly key: string;
  /** The text of the draft that this page goes on from, whoever wrote it. */
  private from: string | undefined;
  private own = false;
  private readonly stop: () => void;

  /** `told`: another window wrote a draft of this machine. */
  constructor(arn: string | undefined, told: () => void) {
    this.key = keyOfDraft(arn);
    const listen = (event: StorageEvent): void => { if (event.key === null || event.key === this.key || event.key.startsWith(`${this.key}+`)) told(); };
    window.addEventListener('storage', listen);
    this.stop = () => window.removeEventListener('storage', listen);
  }
  close(): void { this.stop(); }

  /** The draft to go on from: that of this window from before, else the last one. */
  open(): Draft | undefined {
    const aside = tab.before === '' ? undefined : read(`${this.key}+${tab.before}`);
    const draft = aside ?? read(this.key);
    if (aside) {
      try {
        localStorage.setItem(`${this.key}+${tab.now}`, JSON.stringify({ ...aside, by: tab.now }));
        localStorage.removeItem(`${this.key}+${tab.before}`);
      } catch {
        // It stays under the name it had.
      }
    }
    this.from = draft?.text;
    this.own = draft !== undefined && !aside;
    return draft;
  }

  /** Throws where the browser keeps nothing. */
  write(draft: Draft): void {
    this.putAside();
    localStorage.setItem(this.key, JSON.stringify({ ...draft, by: tab.now }));
    localStorage.removeItem(`${this.key}+${tab.now}`);
    this.from = draft.text;
    this.own = true;
  }
  /** This window drafts nothing any more. */
  remove(): void {
    const last = read(this.key);
    if (this.own && (!last || last.by === undefined || last.by === tab.now || last.text === this.from)) localStorage.removeItem(this.key);
    localStorage.removeItem(`${this.key}+${tab.now}`);
    this.own = false;
  }

  private putAside(): void {
    const last = read(this.key);
    if (last && last.by !== undefined && last.by !== tab.now && last.text !== this.from) localStorage.setItem(`${this.key}+${last.by}`, JSON.stringify(last));
  }

  /** Drafts of other windows that say something else than each of `known`, the newest first. */
  others(known: readonly string[]): { key: string; draft: Draft }[] {
    const keys = Object.keys(localStorage).filter(key => key === this.key || key.startsWith(`${this.key}+`));
    return keys.flatMap(key => {
      const draft = read(key);
      return draft && draft.by !== tab.now && draft.text !== this.from && draft.text !== draft.base && !known.includes(draft.text) ? [{ key, draft }] : [];
    }).sort((a, b) => b.draft.at - a.draft.at);
  }
  /** Nobody wants it any more, or this window has it now. */
  drop(key: string): void { localStorage.removeItem(key); }
}
