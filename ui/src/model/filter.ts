// The language in which children are chosen, as docs/reference/query-api.md has it: conditions that
// must all hold, one a chip.

import { duration, offset } from './format';
import { wordOf } from './status';

export type Field = 'status' | 'err' | 'dur' | 'queue' | 'run' | 'cold' | 'start' | 'end' | 'retry' | 'batch' | 'size' | 'lane' | 'index' | 'key';
const FIELDS: readonly Field[] = ['status', 'err', 'dur', 'queue', 'run', 'cold', 'start', 'end', 'retry', 'batch', 'size', 'lane', 'index', 'key'];
const TIMES: readonly Field[] = ['dur', 'queue', 'run', 'cold', 'start', 'end'];
/** Those a finished child can have: others have no row yet. */
const STATUSES = ['succeeded', 'failed', 'timed_out', 'aborted'];
const UNITS: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };

/** One condition. Ranges include both ends; times are in µs. */
export interface Condition {
  /** One of the columns, or what a child has: "input.customer.region", "span.http.status", "function". */
  field: Field | string;
  /** status, err: one of these. */
  values?: string[];
  from?: number;
  to?: number;
  /** key: what it begins with. cold: "yes" or "no". */
  text?: string;
}

export type Parsed = { ok: true; condition: Condition } | { ok: false; expected: string; column: number };

export function parseCondition(text: string): Parsed {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  const field = name as Field;
  if (isProperty(name)) return parseText(name, text.slice(colon + 1), colon + 2, 'a value');
  if (colon < 0 || !FIELDS.includes(field)) return wrong(1, `one of ${FIELDS.map(one => `${one}:`).join(' ')} function: input.PATH: span.NAME:`);
  const rest = text.slice(colon + 1);
  const column = colon + 2;
  if (field === 'key') return parseText(field, rest, column, 'what the key begins with');
  if (field === 'status' || field === 'err') {
    const values = rest.split(',');
    const good = (value: string) => (field === 'status' ? STATUSES.includes(value) : value !== '');
    if (!values.every(good)) return wrong(column, field === 'status' ? `one of ${STATUSES.join(', ')}` : 'an error group');
    return { ok: true, condition: { field, values } };
  }
  if (field === 'cold' && (rest === 'yes' || rest === 'no')) return { ok: true, condition: { field, text: rest } };
  return parseRange(field, rest, column);
}

/** A text as it is, or in quotes, behind which a backslash stands before quotes and backslashes. */
function parseText(field: string, text: string, column: number, expected: string): Parsed {
  if (text === '') return wrong(column, expected);
  if (!text.startsWith('"')) return { ok: true, condition: { field, text } };
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  return quoted === undefined ? wrong(column, 'a text in quotes') : { ok: true, condition: { field, text: quoted.replace(/\\(.)/gs, (_, one: string) => (one === 'n' ? '\n' : one === 't' ? '\t' : one)) } };
}

const wrong = (column: number, expected: string): Parsed => ({ ok: false, column, expected });

const isProperty = (name: string): boolean => name === 'function' || /^(input|span)\../.test(name);

function parseRange(field: Field, text: string, column: number): Parsed {
  const time = TIMES.includes(field);
  const what = time ? 'a duration such as 100ms, >2s or 1s..5s' : 'a number such as 3, >3 or 3..5';
  const read = (part: string): number | undefined => {
    const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)?$/.exec(part);
    if (!match || (!time && match[2])) return undefined;
    return Number(match[1]) * (match[2] ? (UNITS[match[2]] ?? 1) : 1);
  };
  const condition = (from?: number, to?: number): Parsed => {
    const made: Condition = { field };
    if (from !== undefined) made.from = from;
    if (to !== undefined) made.to = to;
    return { ok: true, condition: made };
  };
  const sign = /^(>=|<=|>|<)/.exec(text)?.[0];
  if (sign) {
    const value = read(text.slice(sign.length));
    if (value === undefined) return wrong(column + sign.length, what);
    if (sign === '>=') return condition(value);
    if (sign === '>') return condition(value + 1);
    if (sign === '<=') return condition(undefined, value);
    return condition(undefined, value - 1);
  }
  const [low = '', high] = text.split('..');
  const from = read(low);
  if (from === undefined) return wrong(column, what);
  if (high === undefined) return condition(from, from);
  if (high === '') return condition(from);
  const to = read(high);
  if (to === undefined) return wrong(column + low.length + 2, what);
  return condition(from, to);
}

/** Whole: µs written with the largest unit that keeps them exact. */
export function timeText(us: number): string {
  const whole = Math.round(us);
  for (const [unit, size] of [['s', 1e6], ['ms', 1e3]] as const) {
    if (whole % size === 0 && whole !== 0) return `${whole / size}${unit}`;
  }
  return `${whole}us`;
}

export const rangeText = (field: Field, from: number, to: number): string =>
  TIMES.includes(field) ? `${field}:${timeText(from)}..${timeText(to)}` : `${field}:${Math.round(from)}..${Math.round(to)}`;
export const aboveText = (field: Field, value: number): string =>
  TIMES.includes(field) ? `${field}:>${timeText(value)}` : `${field}:>${Math.round(value)}`;

const NAMES: Record<Field, string> = {
  status: 'status', err: 'error', dur: 'duration', queue: 'queued', run: 'in functions', cold: 'cold start', start: 'started', end: 'ended',
  retry: 'retries', batch: 'items', size: 'input bytes', lane: 'lane', index: 'child', key: 'key',
};

/** A condition as a chip says it: name and value. `errors` names error groups. */
export function chipOf(text: string, errors: ReadonlyMap<string, string> = new Map()): { name: string; value: string } {
  const parsed = parseCondition(text);
  if (!parsed.ok) return { name: 'filter', value: text };
  const { condition } = parsed;
  const name = NAMES[condition.field as Field] ?? condition.field;
  if (condition.field === 'status') return { name, value: (condition.values ?? []).map(value => wordOf(value.toUpperCase())).join(', ') };
  if (condition.field === 'err') return { name, value: (condition.values ?? []).map(value => errors.get(value) ?? value).join(', ') };
  if (condition.text !== undefined) return { name, value: condition.field === 'key' ? `${condition.text}…` : condition.text };
  return { name, value: rangeWords(condition) };
}

function rangeWords({ field, from, to }: Condition): string {
  const isOffset = field === 'start' || field === 'end';
  const isTime = TIMES.includes(field as Field);
  const say = (value: number): string => {
    if (field === 'index') return `#${value}`;
    if (!isTime) return String(value);
    return isOffset ? offset(value, value % 1e6 ? 1e5 : 1e6) : duration(value);
  };
  if (from !== undefined && to !== undefined) return from === to ? say(from) : `${say(from)} – ${say(to)}`;
  // "more than 0" reads better than "1 or more", and nobody sees a microsecond.
  if (from !== undefined) return isTime ? `> ${say(from % 10 === 1 ? from - 1 : from)}` : `> ${say(from - 1)}`;
  if (to !== undefined) return isTime ? `< ${say((to + 1) % 10 === 0 ? to + 1 : to)}` : `< ${say(to + 1)}`;
  return '';
}

/** Filters with `added`: of one field only the last range holds, so that a new drag replaces the old. */
export function withFilter(filters: readonly string[], added: string): string[] {
  const field = added.slice(0, added.indexOf(':'));
  return [...filters.filter(one => one.slice(0, one.indexOf(':')) !== field), added];
}
export const withoutFilter = (filters: readonly string[], gone: string): string[] => filters.filter(one => one !== gone);

/** The range of a field that the filters leave, where they say one. */
export function rangeOf(filters: readonly string[], field: Field): { from: number; to: number } | undefined {
  for (const text of filters) {
    const parsed = parseCondition(text);
    if (!parsed.ok || parsed.condition.field !== field) continue;
    const { from, to } = parsed.condition;
    if (from === undefined && to === undefined) continue;
    return { from: from ?? 0, to: to ?? Infinity };
  }
  return undefined;
}
