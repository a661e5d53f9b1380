// A machine as it is drawn to be edited: the scopes of the state graph with the paths of their states, and every
// slot as a line, also those that lead to the end or nowhere yet.

import type { Scope, StateNode, Way } from '../definition';
import { conditionOf } from '../definition';
import type { Kept, Shape as PieceShape } from '../arrange';
import type { Layout } from '../layout';
import { layOut } from '../layout';
import type { Shape } from './catalogue';
import { describe, shapeOf } from './describe';
import type { Path } from './json_text';
import { bodiesOf, isObject, keyOf, slotsOfState, startOf, valueAt, type Raw, type Slot } from './machine';

export interface ChartNode extends StateNode { path: Path; /** Of the path. */ key: string; scope: Path; shape: Shape; mark?: 'start' | 'end' | 'empty' | 'open'; slot?: Path; retries?: boolean }
export interface ChartWay extends Way { slot: Path; /** Of the slot. */ key: string }

const START = '\u0000start';
const END = '\u0000end';
const EMPTY = '\u0000empty';

/** What was drawn of a state, and of which value. */
interface KnownState { state: Raw; node: ChartNode; slots: readonly Slot[]; labels: readonly string[]; ways: (ChartWay | undefined)[]; /** By their paths in the state. */ bodies: Map<string, KnownScope> }
interface KnownScope { states: Map<string, KnownState>; marks: Map<string, ChartNode>; start: ChartWay | undefined; drawn: Scope }

const nothing = (): KnownScope => ({ states: new Map(), marks: new Map(), start: undefined, drawn: { start: '', states: [], ways: [] } });

/** What stands at a way out of a state. */
function labelOf(state: Raw, slot: Slot, depth: number): string {
  const rule = valueAt(state, slot.path.slice(depth, -1));
  if (slot.kind === 'default') return 'otherwise';
  if (slot.kind === 'choice') return slot.to === undefined ? 'no target yet' : isObject(rule) ? conditionOf(rule) : '';
  return slot.kind === 'catch' && isObject(rule) && Array.isArray(rule.ErrorEquals) ? rule.ErrorEquals.join(', ') : '';
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((one, i) => one === b[i]);
const drawnAlike = (a: ChartNode, b: ChartNode): boolean =>
  a.name === b.name && a.type === b.type && a.detail === b.detail && a.distributed === b.distributed && a.retries === b.retries && a.shape === b.shape && sameItems(a.scopes, b.scopes);

/** Draws machines one after the other. What is drawn of a state that is the same object as before, and of a changed one that looks as before,
 * is the same object again: so are the scopes of which nothing changed. */
export class Charts {
  private known = nothing();

  of(machine: unknown): Scope {
    this.known = this.scope(this.known, machine, []);
    return this.known.drawn;
  }

  private scope(old: KnownScope, body: unknown, path: Path): KnownScope {
    const raw = isObject(body) ? body.States : undefined;
    const made: KnownScope = { states: new Map(), marks: new Map(), start: undefined, drawn: old.drawn };
    if (isObject(raw)) for (const [name, state] of Object.entries(raw)) if (isObject(state)) made.states.set(name, this.state(old.states.get(name), name, state, path));
    const mark = (name: string, kind: NonNullable<ChartNode['mark']>, slot?: Path, detail = ''): string => {
      const at = [...path, name];
      const was = old.marks.get(name);
      const one = was?.detail === detail ? was : { name, type: '', detail, distributed: false, scopes: [], path: at, key: keyOf(at), scope: path, shape: 'code' as const, mark: kind, ...(slot ? { slot } : {}) };
      made.marks.set(name, one);
      return name;
    };
    const ways: ChartWay[] = [];
    const way = (was: ChartWay | undefined, slot: Slot, label: string, to: string): ChartWay => {
      const kind = slot.kind === 'start' ? 'next' : slot.kind;
      const one = was && was.to === to && was.kind === kind && was.label === label ? was : { from: slot.from ?? START, to, kind, label, slot: slot.path, key: keyOf(slot.path) };
      ways.push(one);
      return one;
    };
    mark(START, 'start');
    const start = isObject(body) ? startOf(path, body) : undefined;
    if (start && start.to !== undefined && made.states.has(start.to)) made.start = way(old.start, start, '', start.to);
    else if (start && !(made.states.size > 0 && start.to === undefined)) made.start = way(old.start, start, '', mark(EMPTY, 'empty', start.path));
    for (const one of made.states.values()) {
      one.ways = one.slots.map((slot, i) => {
        const to = slot.to !== undefined && made.states.has(slot.to) ? slot.to : slot.kind === 'next' && slot.to === undefined ? mark(END, 'end') : mark(`\u0000open ${slot.path.join('/')}`, 'open', slot.path, slot.to);
        return way(one.ways[i], slot, one.labels[i] ?? '', to);
      });
    }
    const [first, ...others] = [...made.marks.values()];
    const states = [...(first ? [first] : []), ...[...made.states.values()].map(one => one.node), ...others];
    const at = start?.to ?? '';
    const { drawn } = old;
    if (drawn.start !== at || !sameItems(drawn.states, states) || !sameItems(drawn.ways, ways)) made.drawn = { start: at, states, ways };
    return made;
  }

  private state(old: KnownState | undefined, name: string, state: Raw, scope: Path): KnownState {
    if (old?.state === state) return old;
    const path = old?.node.path ?? [...scope, 'States', name];
    const bodies = new Map(bodiesOf(state).map(body => [body.join('/'), this.scope(old?.bodies.get(body.join('/')) ?? nothing(), valueAt(state, body), [...path, ...body])]));
    const slots = slotsOfState(scope, name, state);
    const node: ChartNode = {
      name, type: typeof state.Type === 'string' ? state.Type : '', detail: describe(state), distributed: valueAt(state, ['ItemProcessor', 'ProcessorConfig', 'Mode']) === 'DISTRIBUTED', retries: Array.isArray(state.Retry) && state.Retry.length > 0,
      path, key: old?.node.key ?? keyOf(path), scope, shape: shapeOf(state), scopes: [...bodies.values()].map(one => one.drawn),
    };
    const ways = slots.map((slot, i) => (old?.slots[i] && old.slots[i].path.join('/') === slot.path.join('/') ? old.ways[i] : undefined));
    return { state, node: old && drawnAlike(old.node, node) ? old.node : node, slots, labels: slots.map(slot => labelOf(state, slot, path.length)), ways, bodies };
  }
}

export const chartOf = (machine: unknown): Scope => new Charts().of(machine);

/** Widths of a letter in a box, of the widest of the faces that systems have. */
export const NAME_CHAR = 7.6;
export const DETAIL_CHAR = 6.5;
const RANK_GAP = 40;
const [LEAST, MOST, MOST_AROUND] = [160, 264, 420];

function sizeOf(node: StateNode): { w: number; h: number } | undefined {
  const kind = (node as ChartNode).mark;
  if (kind === undefined) return { w: Math.round(Math.max(LEAST, Math.min(node.scopes.length > 0 ? MOST_AROUND : MOST, Math.max(node.name.length * NAME_CHAR + ((node as ChartNode).retries ? 66 : 50), node.detail.length * DETAIL_CHAR + 48)))), h: 42 };
  return kind === 'start' || kind === 'end' ? { w: 10, h: 10 } : { w: 168, h: 34 };
}

/** Lays out again only the scopes, and of these the pieces, that changed. */
export class Layouts {
  private known = new Map<string, PieceShape>();
  private readonly laid = new WeakMap<Scope, Layout>();

  layOut(scope: Scope): Layout {
    const fresh = new Map<string, PieceShape>();
    const kept: Kept = (key, make) => {
      const made = fresh.get(key) ?? this.known.get(key) ?? make();
      fresh.set(key, made);
      return made;
    };
    const layout = layOut(scope, { nodesep: 26, ranksep: RANK_GAP, pad: 12, of: sizeOf, kept, laid: this.laid });
    // Scopes that stayed as they are asked for none of their pieces.
    for (const [key, shape] of this.known) if (fresh.size < PIECES_MOST && !fresh.has(key)) fresh.set(key, shape);
    this.known = fresh;
    return layout;
  }
}
const PIECES_MOST = 4_000;
