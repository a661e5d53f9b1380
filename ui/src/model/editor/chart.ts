// A machine as it is drawn to be edited: the scopes of the state graph with the paths of their states, and every
// slot as a line, also those that lead to the end or nowhere yet.

import type { Scope, StateNode, Way } from '../definition';
import { conditionOf } from '../definition';
import { arrangeChains } from './chains';
import type { Arrangement, Layout, Sizes } from '../layout';
import { layOut } from '../layout';
import { describe } from './describe';
import type { Path } from './json_text';
import { bodiesOf, isObject, slotsOf, valueAt, type Raw, type Slot } from './machine';

export interface ChartNode extends StateNode { path: Path; scope: Path; mark?: 'start' | 'end' | 'empty' | 'open'; slot?: Path; retries?: boolean }
export interface ChartWay extends Way { slot: Path }

const START = '\u0000start';
const END = '\u0000end';
const EMPTY = '\u0000empty';

const mark = (name: string, kind: NonNullable<ChartNode['mark']>, scope: Path, slot?: Path): ChartNode => ({ name, type: '', detail: '', distributed: false, scopes: [], path: [...scope, name], scope, mark: kind, ...(slot ? { slot } : {}) });

/** What stands at a way. */
function labelOf(machine: unknown, slot: Slot): string {
  const rule = valueAt(machine, slot.path.slice(0, -1));
  if (slot.kind === 'default') return 'otherwise';
  if (slot.kind === 'choice') return slot.to === undefined ? 'no target yet' : isObject(rule) ? conditionOf(rule) : '';
  return slot.kind === 'catch' && isObject(rule) && Array.isArray(rule.ErrorEquals) ? rule.ErrorEquals.join(', ') : '';
}

function nodeOf(machine: unknown, scope: Path, name: string, state: Raw): ChartNode {
  const path = [...scope, 'States', name];
  const bodies = bodiesOf(state);
  const distributed = valueAt(state, ['ItemProcessor', 'ProcessorConfig', 'Mode']) === 'DISTRIBUTED';
  return {
    name, type: typeof state.Type === 'string' ? state.Type : '', detail: describe(state), distributed, retries: Array.isArray(state.Retry) && state.Retry.length > 0,
    path, scope, scopes: bodies.map(body => chartOf(machine, [...path, ...body])),
  };
}

export function chartOf(machine: unknown, path: Path = []): Scope {
  const raw = valueAt(machine, [...path, 'States']);
  const states: ChartNode[] = isObject(raw) ? Object.entries(raw).flatMap(([name, state]) => (isObject(state) ? [nodeOf(machine, path, name, state)] : [])) : [];
  const known = new Set(states.map(node => node.name));
  const ways: ChartWay[] = [];
  states.unshift(mark(START, 'start', path));
  let start = '';
  for (const slot of slotsOf(machine, path)) {
    const way = (to: string): void => { ways.push({ from: slot.from ?? START, to, kind: slot.kind === 'start' ? 'next' : slot.kind, label: labelOf(machine, slot), slot: slot.path }); };
    if (slot.kind === 'start') start = slot.to ?? '';
    if (slot.to !== undefined && known.has(slot.to)) way(slot.to);
    else if (slot.kind === 'start') {
      if (known.size > 0 && slot.to === undefined) continue;
      states.push(mark(EMPTY, 'empty', path, slot.path));
      way(EMPTY);
    } else if (slot.kind === 'next' && slot.to === undefined) {
      if (!states.some(node => node.name === END)) states.push(mark(END, 'end', path));
      way(END);
    } else {
      const name = `\u0000open ${slot.path.join('/')}`;
      states.push(mark(name, 'open', path, slot.path));
      way(name);
    }
  }
  return { start, states, ways };
}

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

/** Lays out again only the scopes that changed, and those around them. */
export class Layouts {
  private kept = new Map<string, Arrangement>();

  layOut(scope: Scope): Layout {
    const fresh = new Map<string, Arrangement>();
    const arranged: Sizes['arranged'] = (key, boxes, ways, arrange) => {
      const made = fresh.get(key) ?? this.kept.get(key) ?? arrangeChains(boxes, ways, RANK_GAP, arrange);
      fresh.set(key, made);
      return made;
    };
    const layout = layOut(scope, { nodesep: 26, ranksep: RANK_GAP, pad: 12, of: sizeOf, arranged });
    this.kept = fresh;
    return layout;
  }
}
