// What the canvas does to a machine. All take the text and change it in place; states are named by paths.

import { JsonText, type Path } from './json_text';
import { bodiesOf, freshName, isObject, keyOf, nameOfState, outOf, point, samePath, scopeOfState, slotsOf, slotsOfState, statesOf, targetOf, valueAt, within, type Raw } from './machine';

/** Stands in a fragment for what comes behind it. */
export const OUT = '\u0000out';

/** States to be put into a machine. */
export interface Fragment { start: string; states: Record<string, Raw> }

const namesOf = (machine: unknown): Set<string> => new Set(statesOf(machine).map(state => state.name));

/** The names of a fragment's states told apart from those of the machine, in bodies too. */
function renamed(fragment: Fragment, used: Set<string>): Fragment {
  const names = new Map<string, string>();
  for (const name of Object.keys(fragment.states)) {
    const fresh = freshName(used, name);
    used.add(fresh);
    names.set(name, fresh);
  }
  // (An object made of entries has each of its own, also one called __proto__.)
  const states = Object.fromEntries(Object.entries(fragment.states).map(([name, state]) => [names.get(name) ?? name, redirected(state, to => names.get(to) ?? to, body => scopeRenamed(body, used))]));
  return { start: names.get(fragment.start) ?? fragment.start, states };
}

function scopeRenamed(body: Raw, used: Set<string>): Raw {
  if (!isObject(body.States)) return body;
  const { start, states } = renamed({ start: typeof body.StartAt === 'string' ? body.StartAt : '', states: body.States as Record<string, Raw> }, used);
  return { ...body, ...(typeof body.StartAt === 'string' ? { StartAt: start } : {}), States: states };
}

/** A state with its targets (undefined takes one away) and bodies changed. */
function redirected(state: Raw, to: (name: string) => string | undefined, body: (scope: Raw) => Raw): Raw {
  const out: Raw = {};
  const rule = (one: unknown): unknown => {
    if (!isObject(one) || typeof one.Next !== 'string') return one;
    const next = to(one.Next);
    const { Next: _, ...rest } = one;
    return next === undefined ? rest : { ...rest, Next: next };
  };
  for (const [key, value] of Object.entries(state)) {
    if ((key === 'Next' || key === 'Default') && typeof value === 'string') {
      const next = to(value);
      if (next !== undefined) out[key] = next;
      else if (key === 'Next') out.End = true;
    } else if (key === 'Choices' && Array.isArray(value)) out[key] = value.map(rule);
    else if (key === 'Catch' && Array.isArray(value)) out[key] = value.map(rule).filter(one => isObject(one) && one.Next !== undefined);
    else if ((key === 'ItemProcessor' || key === 'Iterator') && isObject(value)) out[key] = body(value);
    else if (key === 'Branches' && Array.isArray(value)) out[key] = value.map(one => (isObject(one) ? body(one) : one));
    else out[key] = value;
  }
  if (Array.isArray(out.Catch) && out.Catch.length === 0) delete out.Catch;
  return out;
}

/** Puts states into a slot: what it led to comes behind them. The paths of the new states. */
export function insert(text: JsonText, slot: Path, fragment: Fragment): Path[] {
  const machine = text.get([]);
  const target = targetOf(text, slot);
  const { start, states } = renamed(fragment, namesOf(machine));
  const scope = slot.at(-1) === 'StartAt' ? slot.slice(0, -1) : slot.slice(0, slot.lastIndexOf('States'));
  if (!text.has([...scope, 'States'])) text.insert(scope, 'States', {});
  let after = slot.at(-1) === 'StartAt' ? undefined : String(slot[scope.length + 1]);
  const paths: Path[] = [];
  for (const [name, state] of Object.entries(states)) {
    text.insert([...scope, 'States'], name, redirected(state, to => (to === OUT ? target : to), one => one), after === undefined ? [] : [after]);
    paths.push([...scope, 'States', name]);
    after = name;
  }
  point(text, slot, start);
  return paths;
}

/** Those that lie in none of the others. */
const outermost = (paths: readonly Path[]): Path[] => paths.filter(path => !paths.some(other => within(path, other)));

/** The same, in the order in which the machine has them. */
function inOrder(machine: unknown, paths: readonly Path[]): Path[] {
  if (paths.length < 2) return [...paths];
  const places = new Map(statesOf(machine).map((state, i) => [keyOf(state.path), i]));
  return outermost(paths).sort((a, b) => (places.get(keyOf(a)) ?? 0) - (places.get(keyOf(b)) ?? 0));
}

/** Where it goes on when a state is gone. */
function followUp(state: Raw, name: string): string | undefined {
  const rules = Array.isArray(state.Choices) ? state.Choices.map(rule => (isObject(rule) ? rule.Next : undefined)) : [];
  return [state.Next, state.Default, ...rules].find((to): to is string => typeof to === 'string' && to !== '' && to !== name);
}

/** Leads what led to a state past it; `caught`: except from those that catch, which still find it. */
function bypass(text: JsonText, path: Path, caught = false): void {
  const state = text.get(path) as Raw;
  const name = nameOfState(path);
  const next = followUp(state, name);
  // From the last to the first: a catcher that goes away moves those behind it.
  for (const slot of slotsOf(text.get([]), scopeOfState(path)).reverse()) if (slot.to === name && slot.from !== name && !(caught && slot.kind === 'catch')) point(text, slot.path, next);
}

export function removeStates(text: JsonText, paths: readonly Path[]): void {
  for (const path of outermost(paths)) {
    if (!text.has(path)) continue;
    bypass(text, path);
    text.remove(path);
  }
}

/** Why states cannot be moved to a slot, if they cannot. */
export function whyNotMoved(machine: unknown, paths: readonly Path[], slot: Path): string | undefined {
  if (paths.some(path => within(slot, path) && !samePath(slot.slice(0, -1), path) && bodiesOf(valueAt(machine, path) as Raw).some(body => within(slot, [...path, ...body])))) return 'A state cannot be put into itself';
  return undefined;
}

/** Takes states out of where they are and puts them into a slot, as they are written. The paths of them there. */
export function move(text: JsonText, selected: readonly Path[], slot: Path): Path[] {
  const paths = inOrder(text.get([]), selected);
  const names = paths.map(nameOfState);
  const scope = slot.at(-1) === 'StartAt' ? slot.slice(0, -1) : slot.slice(0, slot.lastIndexOf('States'));
  const target = targetOf(text, slot);
  const own = paths.some(path => within(slot, path));
  // Into the way that they are on already: nothing moves.
  if (paths.length === 0 || own || (target !== undefined && names.includes(target) && paths.some(path => samePath(scopeOfState(path), scope)))) return [...paths];
  const written = paths.map(path => text.cut(path) as { raw: string; indent: string });
  const chains = chainsOf(new Map(paths.map(path => [nameOfState(path), text.get(path) as Raw])));
  for (const path of paths) {
    bypass(text, path, samePath(scopeOfState(path), scope));
    text.remove(path);
  }
  let after = slot.at(-1) === 'StartAt' ? undefined : String(slot[scope.length + 1]);
  const there = targetOf(text, slot);
  const moved = names.map((name, i): Path => {
    text.insertRaw([...scope, 'States'], name, written[i] as { raw: string; indent: string }, after === undefined ? [] : [after]);
    after = name;
    return [...scope, 'States', name];
  });
  point(text, slot, chains[0]?.first);
  const known = new Set(text.keys([...scope, 'States']));
  for (const path of moved) {
    const out = outOf(path, text.get(path) as Raw);
    for (const one of slotsOf(text.get([]), scope).filter(it => it.from === nameOfState(path)).reverse()) {
      if (out && samePath(one.path, out)) continue;
      if (one.to !== undefined && !known.has(one.to)) point(text, one.path, undefined);
    }
    const behind = chains.findIndex(one => one.out.includes(nameOfState(path)));
    if (out && behind >= 0) point(text, out, chains[behind + 1]?.first ?? there);
  }
  return moved;
}

/** Some states in the groups that hang together, each with its first and with those that lead out of it; what nothing leads out of stands last. */
interface Chain { first: string; out: string[] }
function chainsOf(states: ReadonlyMap<string, Raw>): Chain[] {
  const leads = new Map([...states].map(([name, state]) => [name, slotsOfState([], name, state).flatMap(slot => (slot.to !== undefined && slot.to !== name && states.has(slot.to) ? [slot.to] : []))]));
  const led = new Set([...leads.values()].flat());
  const seen = new Set<string>();
  const chains: Chain[] = [];
  // Where they lead around in a circle, the first of these.
  for (const first of [...[...states.keys()].filter(name => !led.has(name)), ...states.keys()]) {
    if (seen.has(first)) continue;
    const own = [first];
    seen.add(first);
    for (const name of own) for (const next of leads.get(name) ?? []) if (!seen.has(next)) { seen.add(next); own.push(next); }
    chains.push({ first, out: own.filter(name => goesOut(name, states)) });
  }
  return [...chains.filter(one => one.out.length > 0), ...chains.filter(one => one.out.length === 0)];
}

/** Whether a state goes on, and to none of these. */
function goesOut(name: string, states: ReadonlyMap<string, Raw>): boolean {
  const state = states.get(name) as Raw;
  const next = followUp(state, name);
  return outOf([], state) !== undefined && !(next !== undefined && states.has(next));
}

/** States to be put in elsewhere, one behind the other where nothing leads from one to the next; what leads out of the last leads on from there. */
export function copied(machine: unknown, selected: readonly Path[]): Fragment {
  const paths = inOrder(machine, selected);
  const names = paths.map(nameOfState);
  const raw = new Map(paths.map((path): [string, Raw] => [nameOfState(path), valueAt(machine, path) as Raw]));
  const chains = chainsOf(raw);
  const states = Object.fromEntries([...raw].map(([name, state]): [string, Raw] => {
    const inner = redirected(state, to => (names.includes(to) ? to : undefined), one => one);
    const behind = chains.findIndex(one => one.out.includes(name));
    if (behind >= 0) {
      delete inner.End;
      inner[String(outOf([], state)?.[0])] = chains[behind + 1]?.first ?? OUT;
    }
    return [name, inner];
  }));
  return { start: chains[0]?.first ?? '', states };
}

/** Gives a state another name, wherever it is named. */
export function rename(text: JsonText, path: Path, name: string): Path {
  const old = nameOfState(path);
  for (const slot of slotsOf(text.get([]), scopeOfState(path))) if (slot.to === old) text.set(slot.path, name);
  text.rename(path, name);
  return [...path.slice(0, -1), name];
}

/** Why a state cannot be called so. */
export function whyNotNamed(machine: unknown, path: Path, name: string): string | undefined {
  if (name === '') return 'A state has a name';
  if ([...name].length > 80) return 'A name has at most 80 characters';
  if (statesOf(machine).some(state => state.name === name && keyOf(state.path) !== keyOf(path))) return `There is a state “${name}” already`;
  return undefined;
}

/** Changes a Map's processing mode. What only the other mode knows goes away. */
export function setMode(text: JsonText, path: Path, mode: 'INLINE' | 'DISTRIBUTED'): void {
  if (text.has([...path, 'Iterator']) && !text.has([...path, 'ItemProcessor'])) text.rename([...path, 'Iterator'], 'ItemProcessor');
  const config = [...path, 'ItemProcessor', 'ProcessorConfig'];
  if (mode === 'DISTRIBUTED') {
    const express = text.get([...config, 'ExecutionType']);
    return text.has(config) ? (text.set([...config, 'Mode'], mode), text.set([...config, 'ExecutionType'], express ?? 'STANDARD')) : text.insert([...path, 'ItemProcessor'], 'ProcessorConfig', { Mode: mode, ExecutionType: 'STANDARD' }, []);
  }
  text.set(config, { Mode: mode });
  for (const key of ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label', 'ToleratedFailureCount', 'ToleratedFailureCountPath', 'ToleratedFailurePercentage', 'ToleratedFailurePercentagePath']) text.remove([...path, key]);
}
