// A state machine as text that is edited: its states, its scopes (objects with StartAt and States), and the
// slots of a scope: the fields that name where it goes on.

import { JsonText, type Path } from './json_text';

export type Raw = Record<string, unknown>;
export type QueryLanguage = 'JSONPath' | 'JSONata';

/** Members of a state in the order in which AWS writes them. */
const FIELDS = [
  'Type', 'Comment', 'QueryLanguage', 'Label', 'Resource', 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath', 'Error', 'ErrorPath', 'Cause', 'CausePath', 'InputPath', 'ItemReader', 'Items', 'ItemsPath',
  'Parameters', 'Arguments', 'ItemSelector', 'ItemBatcher', 'MaxConcurrency', 'MaxConcurrencyPath', 'ToleratedFailurePercentage', 'ToleratedFailurePercentagePath', 'ToleratedFailureCount', 'ToleratedFailureCountPath',
  'ItemProcessor', 'Iterator', 'Branches', 'ResultWriter', 'TimeoutSeconds', 'TimeoutSecondsPath', 'HeartbeatSeconds', 'HeartbeatSecondsPath', 'Credentials', 'Result', 'ResultSelector', 'ResultPath', 'OutputPath',
  'Assign', 'Output', 'Retry', 'Catch', 'Choices', 'Default', 'Next', 'End',
];
const RULE_FIELDS = ['Comment', 'Condition', 'Variable', 'And', 'Or', 'Not', 'ErrorEquals', 'IntervalSeconds', 'BackoffRate', 'MaxAttempts', 'MaxDelaySeconds', 'JitterStrategy', 'ResultPath', 'Assign', 'Output', 'Next'];
/** Members that stand before `key` where they are there. */
export const before = (key: string): readonly string[] | undefined => {
  const at = FIELDS.indexOf(key);
  return at < 0 ? undefined : FIELDS.slice(0, at);
};
export const beforeInRule = (key: string): readonly string[] => RULE_FIELDS.slice(0, Math.max(0, RULE_FIELDS.indexOf(key)));

export const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
/** The objects of a list, with their places in it. */
const listOf = (value: unknown): [number, Raw][] => (Array.isArray(value) ? value.flatMap((one: unknown, i): [number, Raw][] => (isObject(one) ? [[i, one]] : [])) : []);

export interface StateAt { name: string; path: Path; scope: Path; state: Raw }

/** Where the states within a state are: its processor, its branches. */
export function bodiesOf(state: Raw): Path[] {
  const bodies: Path[] = [];
  if (isObject(state.ItemProcessor)) bodies.push(['ItemProcessor']);
  else if (isObject(state.Iterator)) bodies.push(['Iterator']);
  if (Array.isArray(state.Branches)) state.Branches.forEach((branch, i) => { if (isObject(branch)) bodies.push(['Branches', i]); });
  return bodies;
}

export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) at = at === null || typeof at !== 'object' ? undefined : (at as Record<string | number, unknown>)[step];
  return at;
}

/** Every state, outer ones before those in them. */
export function statesOf(machine: unknown, scope: Path = []): StateAt[] {
  const states = valueAt(machine, [...scope, 'States']);
  if (!isObject(states)) return [];
  return Object.entries(states).filter((entry): entry is [string, Raw] => isObject(entry[1])).flatMap(([name, state]) => {
    const path = [...scope, 'States', name];
    return [{ name, path, scope, state }, ...bodiesOf(state).flatMap(body => statesOf(machine, [...path, ...body]))];
  });
}

export const scopeOfState = (path: Path): Path => path.slice(0, -2);
export const nameOfState = (path: Path): string => String(path.at(-1));
export const samePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((step, i) => step === b[i]);
export const within = (inner: Path, outer: Path): boolean => inner.length > outer.length && outer.every((step, i) => step === inner[i]);
export const keyOf = (path: Path): string => JSON.stringify(path);
/** The innermost state in which a path of the definition lies. */
export function stateOfPath(path: Path): Path | undefined {
  for (let i = path.length; i >= 2; i -= 1) {
    if (path[i - 2] === 'States' && typeof path[i - 1] === 'string' && (i === 2 || path[i - 3] === 'ItemProcessor' || path[i - 3] === 'Iterator' || path[i - 4] === 'Branches')) return path.slice(0, i);
  }
  return undefined;
}

/** A field that says where it goes on. That of a state is called Next, also where the state says End. */
export interface Slot { path: Path; kind: 'start' | 'next' | 'choice' | 'default' | 'catch'; from: string | undefined; to: string | undefined }

const targetText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export function slotsOf(machine: unknown, scope: Path): Slot[] {
  const body = valueAt(machine, scope);
  if (!isObject(body)) return [];
  const slots = [startOf(scope, body)];
  if (isObject(body.States)) for (const [name, state] of Object.entries(body.States)) if (isObject(state)) slots.push(...slotsOfState(scope, name, state));
  return slots;
}

export const startOf = (scope: Path, body: Raw): Slot => ({ path: [...scope, 'StartAt'], kind: 'start', from: undefined, to: targetText(body.StartAt) });

export function slotsOfState(scope: Path, name: string, state: Raw): Slot[] {
  const slots: Slot[] = [];
  const path = [...scope, 'States', name];
  if (state.Type === 'Choice') {
    listOf(state.Choices).forEach(([i, rule]) => slots.push({ path: [...path, 'Choices', i, 'Next'], kind: 'choice', from: name, to: targetText(rule.Next) }));
    slots.push({ path: [...path, 'Default'], kind: 'default', from: name, to: targetText(state.Default) });
  } else if (state.Type !== 'Succeed' && state.Type !== 'Fail') {
    slots.push({ path: [...path, 'Next'], kind: 'next', from: name, to: targetText(state.Next) });
  }
  listOf(state.Catch).forEach(([i, rule]) => slots.push({ path: [...path, 'Catch', i, 'Next'], kind: 'catch', from: name, to: targetText(rule.Next) }));
  return slots;
}

/** The slot through which a state goes on when nothing special happens. */
export function outOf(path: Path, state: Raw): Path | undefined {
  if (state.Type === 'Succeed' || state.Type === 'Fail') return undefined;
  return [...path, state.Type === 'Choice' ? 'Default' : 'Next'];
}

const ofState = (slot: Path): boolean => slot.at(-1) === 'Next' && slot.at(-3) === 'States';

export function targetOf(text: JsonText, slot: Path): string | undefined {
  const value = text.get(slot);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Says where it goes on: at `target`, or nowhere. A catcher that leads nowhere is none. */
export function point(text: JsonText, slot: Path, target: string | undefined): void {
  const owner = slot.slice(0, -1);
  if (ofState(slot)) {
    const [key, other] = target === undefined ? ['End', 'Next'] : ['Next', 'End'];
    if (text.has([...owner, other]) && !text.has([...owner, key])) text.rename([...owner, other], key);
    else text.remove([...owner, other]);
    return text.set([...owner, key], target ?? true, before(key));
  }
  if (target !== undefined) return text.set(slot, target, slot.at(-1) === 'StartAt' ? ['Comment', 'QueryLanguage', 'ProcessorConfig'] : slot.at(-1) === 'Next' ? beforeInRule('Next') : before('Default'));
  if (slot.at(-3) === 'Catch') {
    text.remove(owner);
    if (text.node(owner.slice(0, -1))?.children?.length === 0) text.remove(owner.slice(0, -1));
  } else {
    text.remove(slot);
  }
}

export function languageOf(machine: unknown, state?: Raw): QueryLanguage {
  const own = state?.QueryLanguage ?? (isObject(machine) ? machine.QueryLanguage : undefined);
  return own === 'JSONata' ? 'JSONata' : 'JSONPath';
}

/** A name that no state of the machine has. */
export function freshName(used: ReadonlySet<string>, wanted: string): string {
  if (!used.has(wanted)) return wanted;
  const base = wanted.replace(/ \d+$/, '').slice(0, 74);
  for (let i = 2; ; i += 1) if (!used.has(`${base} ${i}`)) return `${base} ${i}`;
}
