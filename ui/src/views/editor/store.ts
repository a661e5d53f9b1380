// The machine under the hand: its text, what is selected in it, the way back, and the draft that outlives the page.

import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, QUERY } from '../../api/query';
import type { Findings } from '../../api/types';
import { absent, type Here } from '../../model/editor/absent';
import { Charts, Layouts } from '../../model/editor/chart';
import type { Scope } from '../../model/definition';
import { gathered, locate, type Located } from '../../model/editor/findings';
import { flat, type Plane } from '../../model/editor/geometry';
import { History, type Step } from '../../model/editor/history';
import { JsonText, type Path } from '../../model/editor/json_text';
import { bodiesOf, isObject, keyOf, languageOf, outOf, samePath, slotsOf, stateOfPath, statesOf, valueAt, within, type QueryLanguage, type Raw, type StateAt } from '../../model/editor/machine';
import * as operations from '../../model/editor/operations';
import { shared } from '../../model/editor/shared';
import { jsonFault, type JsonFault } from '../../model/json_fault';
import { announce } from '../../widgets/announce';
import { Drafts, type Draft } from './drafts';
import { whenIdle } from './now';

export type MachineType = 'STANDARD' | 'EXPRESS';
/** Nothing here checks roles; AWS's API wants one. */
export const ROLE = 'arn:aws:iam::000000000000:role/weft';
/** What belongs to a state machine beside its definition. */
export interface Config { role: string; level: 'OFF' | 'ALL' | 'ERROR' | 'FATAL'; data: boolean; /** ARN of a log group; '' for none. */ group: string; /** X-Ray's. */ tracing?: boolean; tags: [key: string, value: string][] }

const CHECK_AFTER_MS = 300;
const KEEP_AFTER_MS = 250;
/** The way back of the editor that was left last, and what was selected in it: the next one of the same text goes on from there. */
let left: { arn: string; text: string; history: History; selection: string[] } | undefined;

export class Editor {
  text: string;
  /** What it was when it was read or saved last: what this draft begins from. */
  base: string;
  /** What the server had, when it was asked last. */
  server: string;
  name: string;
  type: MachineType;
  input: string;
  config: Config;
  /** As the server has it; undefined until it was asked, and of a machine that is not saved yet. */
  savedConfig: Config | undefined;
  /** The last text that was JSON, as a value: what the canvas shows. */
  machine: unknown;
  states: StateAt[] = [];
  fault: JsonFault | undefined;
  plane: Plane;
  selection: string[] = [];
  /** The slot that what is chosen next is put into, where somebody chose one. */
  slot: Path | undefined;
  findings: Located[] = [];
  /** What the server found; the findings are these and what it has not. */
  private told: Located[] = [];
  private here: Here = {};
  checked = false;
  /** Why the findings are not those of this text. */
  unchecked: string | undefined;
  kept = true;
  /** The browser's storage takes no more. */
  full = false;
  /** What was typed into fields and is no value yet, by the names of the fields, with the value that stands there meanwhile. */
  readonly unfinished: Map<string, { text: string; value: string }>;
  readonly restored: boolean;
  /** Inputs that states are tried on, by their names. */
  samples: Readonly<Record<string, string>>;

  private history = new History();
  private readonly charts = new Charts();
  private readonly layouts = new Layouts();
  private readonly watchers = new Set<() => void>();
  private checkTimer = 0;
  private keepTimer = 0;
  private checking: AbortController | undefined;
  private readonly drafts: Drafts;
  /** Of other windows, or left by them: other texts than this one. */
  elsewhere: { key: string; draft: Draft }[] = [];

  constructor(readonly arn: string | undefined, saved: { definition: string; name: string; type: MachineType }) {
    this.drafts = new Drafts(arn, () => this.lookElsewhere());
    const draft = this.drafts.open();
    this.restored = draft !== undefined && draft.text !== saved.definition && draft.text !== draft.base;
    this.text = this.restored && draft ? draft.text : saved.definition;
    this.base = draft && this.restored ? draft.base : saved.definition;
    this.name = arn ? saved.name : (draft?.name ?? saved.name);
    this.type = arn ? saved.type : (draft?.type ?? saved.type);
    this.server = saved.definition;
    this.input = draft?.input ?? '{}';
    this.drafted = draft?.config !== undefined;
    this.config = draft?.config ?? { role: ROLE, level: 'OFF', data: false, group: '', tags: [] };
    this.samples = draft?.samples ?? {};
    this.unfinished = new Map(Object.entries(draft?.unfinished ?? {}));
    this.machine = {};
    this.plane = { w: 0, h: 0, boxes: [], lines: [], targets: [], bodies: [] };
    this.read();
    // Code that is no JSON stays, and with it the graph that was drawn.
    if (this.fault) {
      const { text, fault } = this;
      for (const good of [draft?.good, this.base]) {
        this.text = good ?? text;
        this.read();
        if (!this.fault) break;
      }
      Object.assign(this, { text, fault });
    }
    if (left && left.arn === arn && left.text === this.text) {
      this.history = left.history;
      this.selection = left.selection.filter(key => this.stateAt(JSON.parse(key) as Path));
    }
    this.lookElsewhere();
    this.check(0);
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }
  tell(): void { this.watchers.forEach(watcher => watcher()); }

  private drafted: boolean;
  get configDirty(): boolean { return this.savedConfig !== undefined && JSON.stringify(this.config) !== JSON.stringify(this.savedConfig); }
  /** What the server has; what is typed already stays. */
  foundConfig(saved: Config): void {
    if (!this.drafted) this.config = saved;
    this.drafted = true;
    this.savedConfig = saved;
    this.keepNow();
    this.tell();
  }
  get dirty(): boolean { return this.text !== this.base; }
  /** Somebody else saved since this draft began. */
  get behind(): boolean { return this.server !== this.base; }
  get language(): QueryLanguage { return languageOf(this.machine); }
  get selected(): Path[] { return this.selection.map(key => JSON.parse(key) as Path); }
  get canUndo(): boolean { return this.history.canUndo; }
  get canRedo(): boolean { return this.history.canRedo; }
  stateAt(path: Path): Raw | undefined { const value = valueAt(this.machine, path); return isObject(value) ? value : undefined; }

  private drawnOf: Scope | undefined;
  private good = '';
  /** Takes over the text; what is no JSON leaves the drawing as it was. What did not change stays the same object. */
  private read(): void {
    let value: unknown;
    try {
      value = JSON.parse(this.text);
      this.fault = undefined;
    } catch {
      this.fault = jsonFault(this.text) ?? { at: 0, line: 1, column: 1, text: 'this is no JSON' };
      return;
    }
    if (!isObject(value)) {
      this.fault = { at: 0, line: 1, column: 1, text: 'a definition is an object' };
      return;
    }
    this.good = this.text;
    const machine = shared(this.machine, value);
    if (machine !== this.machine) this.states = statesOf(machine);
    this.machine = machine;
    this.dropLost();
    const chart = this.charts.of(machine);
    if (chart !== this.drawnOf) {
      this.plane = flat(this.layouts.layOut(chart));
      this.drawnOf = chart;
    }
    if (!this.selection.every(key => this.stateAt(JSON.parse(key) as Path))) this.selection = this.selection.filter(key => this.stateAt(JSON.parse(key) as Path));
    if (this.slot && !this.plane.targets.some(target => keyOf(this.slot ?? []) === target.key)) this.slot = undefined;
  }

  /** What was typed about a state that is not there any more. */
  private dropLost(): void {
    for (const field of this.unfinished.keys()) {
      const state = stateOfPath(JSON.parse(field.slice(field.indexOf('['))) as Path);
      if (state && !this.stateAt(state)) this.unfinished.delete(field);
    }
  }

  private step(): Step { return { text: this.text, selection: this.selection }; }

  /** Another text. Changes of one kind in a row are one step back. */
  setText(text: string, kind = '', selection?: readonly Path[]): void {
    if (text === this.text) return;
    this.history.push(this.step(), kind);
    this.text = text;
    if (selection) this.selection = selection.map(keyOf);
    this.changed();
  }

  private changed(): void {
    this.read();
    this.check(CHECK_AFTER_MS);
    this.keep();
    this.tell();
  }

  /** A change of the text in place; what it answers is selected. False while the text is no JSON: nothing is changed then. */
  edit(change: (text: JsonText) => readonly Path[] | void, kind = ''): boolean {
    if (this.fault) {
      announce(`The code has a fault in line ${this.fault.line}. It is mended there first`);
      return false;
    }
    const text = new JsonText(this.text);
    const paths = change(text);
    this.setText(text.text, kind, paths ?? undefined);
    return true;
  }

  /** Takes away a way, and says which states nothing leads to any more. */
  cut(change: (text: JsonText) => void): void {
    const led = (): Set<string> => new Set([[] as Path, ...this.states.flatMap(({ path, state }) => bodiesOf(state).map(body => [...path, ...body]))].flatMap(scope => slotsOf(this.machine, scope).flatMap(slot => slot.to ?? [])));
    const before = led();
    if (!this.edit(change)) return;
    const after = led();
    const alone = this.states.filter(({ name }) => before.has(name) && !after.has(name));
    announce(['Deleted', ...alone.map(({ name }) => `nothing leads to “${name}” any more`)].join(', '));
  }

  undo(): void { this.back(this.history.undo(this.step())); }
  redo(): void { this.back(this.history.redo(this.step())); }
  private back(step: Step | undefined): void {
    if (!step) return;
    this.text = step.text;
    this.selection = step.selection;
    this.changed();
  }

  select(keys: readonly string[]): void {
    this.history.pause();
    this.selection = [...keys];
    this.slot = undefined;
    this.tell();
  }
  choose(slot: Path | undefined): void {
    this.slot = slot;
    this.tell();
  }

  /** Where something goes that nobody dragged: the chosen slot, else behind what is selected, else at the end. */
  place(): Path {
    if (this.slot) return this.slot;
    const path = this.selected.at(-1);
    const state = path && this.stateAt(path);
    const out = path && state && outOf(path, state);
    if (out) return out;
    return this.endOf([]);
  }
  private endOf(scope: Path): Path {
    const slots = slotsOf(this.machine, scope);
    let slot = slots.find(one => one.kind === 'start');
    const seen = new Set<string>();
    while (slot?.to !== undefined && !seen.has(slot.to)) {
      const name: string = slot.to;
      seen.add(name);
      const next = slots.find(one => one.from === name && (one.kind === 'next' || one.kind === 'default'));
      if (!next) break;
      slot = next;
    }
    return slot?.path ?? [...scope, 'StartAt'];
  }
  /** The start of the first body of what is selected in which there is nothing, else of its first. */
  inside(): Path | undefined {
    const path = this.selected.at(-1);
    const state = path && this.stateAt(path);
    const bodies = state ? bodiesOf(state) : [];
    const body = bodies.find(one => Object.keys((valueAt(state, [...one, 'States']) ?? {}) as Raw).length === 0) ?? bodies[0];
    return path && body ? [...path, ...body, 'StartAt'] : undefined;
  }
  /** The slot that leads to what is selected. */
  ahead(): Path | undefined {
    const path = this.selected[0];
    return path && slotsOf(this.machine, path.slice(0, -2)).find(slot => slot.to === path.at(-1))?.path;
  }

  /** `whole`: all of it is selected, else its first state. */
  insert(fragment: operations.Fragment, slot: Path = this.place(), whole = false): Path | undefined {
    let paths: Path[] = [];
    this.edit(text => {
      paths = operations.insert(text, slot, fragment);
      return whole ? paths : paths.slice(0, 1);
    });
    const [first] = paths;
    const led = new Set(first ? slotsOf(this.machine, first.slice(0, -2)).map(one => one.to) : []);
    const alone = paths.map(path => String(path.at(-1))).filter(name => !led.has(name));
    if (alone.length > 0) announce(`Nothing leads to ${alone.map(name => `“${name}”`).join(', ')}`);
    this.slot = undefined;
    this.tell();
    return first;
  }
  remove(): void {
    if (this.selection.length === 0) return;
    const n = this.selection.length;
    const catchers = this.catchers();
    const next = this.ahead();
    const from = next && next.at(-3) === 'States' ? [next.slice(0, -1)] : [];
    if (this.edit(text => { operations.removeStates(text, this.selected); return from.filter(path => text.has(path)); })) announce([n === 1 ? 'Deleted' : `${n} states deleted`, ...(catchers > this.catchers() ? ['with the Catch that led there'] : [])].join(', '));
  }

  /** Catchers of what is not selected. */
  private catchers(): number {
    const gone = this.selected;
    return this.states.filter(({ path }) => !gone.some(one => samePath(one, path) || within(path, one))).reduce((sum, { state }) => sum + (Array.isArray(state.Catch) ? state.Catch.length : 0), 0);
  }

  /** Asks the server what it finds, a moment after the last change. */
  check(wait: number): void {
    window.clearTimeout(this.checkTimer);
    this.checked = false;
    this.checkTimer = window.setTimeout(() => void this.checkNow(), wait);
  }
  private async checkNow(): Promise<void> {
    this.checking?.abort();
    if (this.fault) return;
    const text = this.text;
    this.checking = new AbortController();
    try {
      const answer = await ask<Findings>(`${QUERY}validate`, this.checking.signal, { definition: text, type: this.type });
      if (text !== this.text) return;
      // A machine that nobody has begun lacks everything: that is no finding.
      this.told = this.states.length === 0 ? [] : gathered(this.machine, locate(text, answer.diagnostics));
      this.checked = true;
      this.judge();
      this.unchecked = undefined;
    } catch (error) {
      if (this.checking.signal.aborted) return;
      this.unchecked = error instanceof Error ? error.message : String(error);
      this.check(5_000);
    }
    this.tell();
  }

  private judge(): void {
    this.findings = shared(this.findings, [...this.told, ...absent(this.text, this.machine, this.here)]) as Located[];
  }
  /** What there is on this server now. */
  setHere(here: Here): void {
    this.here = here;
    if (!this.checked || this.fault) return;
    this.judge();
    this.tell();
  }

  private keep(): void {
    this.kept = false;
    window.clearTimeout(this.keepTimer);
    this.keepTimer = window.setTimeout(() => whenIdle(() => { if (!this.kept) { this.keepNow(); this.tell(); } }), KEEP_AFTER_MS);
  }
  /** Into the browser's storage: a reload, a crash or a lost connection loses nothing. */
  keepNow(): void {
    window.clearTimeout(this.keepTimer);
    try {
      const own = this.arn === undefined || this.configDirty ? { config: this.config } : {};
      if (this.dirty || this.configDirty || this.unfinished.size > 0 || Object.keys(this.samples).length > 0) this.drafts.write({ samples: this.samples, text: this.text, ...(this.fault ? { good: this.good } : {}), base: this.base, name: this.name, type: this.type, input: this.input, ...own, ...(this.unfinished.size > 0 ? { unfinished: Object.fromEntries(this.unfinished) } : {}), at: Date.now() });
      else this.drafts.remove();
      this.kept = true;
      this.full = false;
    } catch {
      this.kept = false;
      this.full = true;
    }
  }
  set(change: Partial<Pick<Editor, 'name' | 'type' | 'input' | 'config'>>): void {
    Object.assign(this, change);
    if (change.type) this.check(CHECK_AFTER_MS);
    this.keep();
    this.tell();
  }
  setUnfinished(field: string, typed: { text: string; value: string } | undefined): void {
    if (typed) this.unfinished.set(field, typed);
    else if (!this.unfinished.delete(field)) return;
    this.keep();
  }
  hasSample(state: string): boolean { return Object.hasOwn(this.samples, state); }
  sample(state: string): string { return (this.hasSample(state) ? this.samples[state] : undefined) ?? '{}'; }
  setSample(state: string, input: string): void {
    this.samples = { ...this.samples, [state]: input };
    this.keep();
    this.tell();
  }
  /** It is on the server now. */
  saved(text: string): void {
    this.base = text;
    this.server = text;
    this.keepNow();
    this.tell();
  }
  forget(): void {
    try { this.drafts.remove(); } catch { /* Nothing is kept there anyway. */ }
  }
  private lookElsewhere(): void {
    try {
      this.elsewhere = this.drafts.others([this.text, this.base, this.server]);
    } catch {
      this.elsewhere = [];
    }
    this.tell();
  }
  /** Another window's draft, in place of this one, which a step back brings back; or thrown away. */
  takeElsewhere(key: string): void {
    const draft = this.elsewhere.find(one => one.key === key)?.draft;
    if (!draft) return;
    this.setText(draft.text, '', []);
    this.dropElsewhere(key);
  }
  dropElsewhere(key: string): void {
    try { this.drafts.drop(key); } catch { /* Then it is not there. */ }
    this.lookElsewhere();
  }
  /** The server has another definition than the one that this draft began from. */
  found(definition: string): void {
    this.server = definition;
    this.tell();
  }
  /** What somebody else saved, and in it what was changed here: a draft that begins from theirs. */
  takeBoth(theirs: string, text: string): void {
    this.server = theirs;
    this.base = theirs;
    this.setText(text, '', []);
    this.keepNow();
    this.tell();
  }
  /** What the server has, in place of the draft; a step back brings that back. */
  discard(): void {
    this.setText(this.server, '', []);
    this.base = this.server;
    this.keepNow();
    this.tell();
  }
  /** What was done here can be undone in the next editor of `arn`. */
  leave(arn: string): void { left = { arn, text: this.text, history: this.history, selection: this.selection }; }
  close(): void {
    if (this.arn !== undefined) this.leave(this.arn);
    window.clearTimeout(this.checkTimer);
    this.checking?.abort();
    this.keepNow();
    this.drafts.close();
  }
}

/** Draws again when the editor changes; with `parts`, when one of these does. */
export function useEditor(editor: Editor, parts?: (editor: Editor) => readonly unknown[]): void {
  const [, set] = useState(0);
  const drawn = useRef<{ parts: typeof parts; of: readonly unknown[] | undefined }>({ parts, of: undefined });
  drawn.current = { parts, of: parts?.(editor) };
  useEffect(() => {
    const look = (): void => {
      const { parts: wanted, of } = drawn.current;
      if (!wanted?.(editor).every((one, i) => one === of?.[i])) set(n => n + 1);
    };
    // What changed between the drawing and now.
    if (parts) look();
    return editor.watch(look);
  }, [editor]);
}
