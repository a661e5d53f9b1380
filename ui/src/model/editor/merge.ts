// Two changes of one definition brought together, where they are about different states.

import { become } from './become';
import type { Path } from './json_text';
import { bodiesOf, isObject, valueAt, type Raw } from './machine';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Of three values of one thing what holds, where not both sides changed it, or in the same way. */
function chosen(base: unknown, mine: unknown, theirs: unknown): { value: unknown } | undefined {
  if (same(mine, theirs) || same(theirs, base)) return { value: mine };
  return same(mine, base) ? { value: theirs } : undefined;
}

/** `both` takes what both sides changed. */
type Both = (name: string) => void;

const keysOf = (...all: readonly unknown[]): string[] => [...new Set(all.flatMap(one => (isObject(one) ? Object.keys(one) : [])))];
const own = (holder: unknown, key: string): unknown => (isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined);

/** An object whose members are brought together one by one; one that nobody has is left out. */
function members(base: unknown, mine: unknown, theirs: unknown, each: (key: string, base: unknown, mine: unknown, theirs: unknown) => unknown): Raw {
  return Object.fromEntries(keysOf(theirs, mine).flatMap(key => {
    const value = each(key, own(base, key), own(mine, key), own(theirs, key));
    return value === undefined ? [] : [[key, value]];
  }));
}

function scope(base: unknown, mine: unknown, theirs: unknown, both: Both): Raw {
  return members(base, mine, theirs, (key, b, m, t) => {
    const plain = chosen(b, m, t);
    if (plain) return plain.value;
    if (key === 'States' && isObject(m) && isObject(t)) return members(b, m, t, (name, b1, m1, t1) => state(name, b1, m1, t1, both));
    both(key);
    return m;
  });
}

function state(name: string, base: unknown, mine: unknown, theirs: unknown, both: Both): unknown {
  const plain = chosen(base, mine, theirs);
  if (plain) return plain.value;
  if (!isObject(base) || !isObject(mine) || !isObject(theirs)) {
    both(name);
    return mine;
  }
  // A state is one thing, but for the states in it.
  const bodies = bodiesOf(base);
  const outside = (one: Raw): Raw => Object.fromEntries(Object.entries(one).filter(([key]) => !bodies.some(body => body[0] === key)));
  const around = chosen(outside(base), outside(mine), outside(theirs));
  if (!around || bodies.length === 0 || !same(bodiesOf(mine), bodies) || !same(bodiesOf(theirs), bodies)) {
    both(name);
    return mine;
  }
  const within = (body: Path): Raw => scope(valueAt(base, body), valueAt(mine, body), valueAt(theirs, body), both);
  const inside = new Map<string, unknown>();
  for (const body of bodies) inside.set(String(body[0]), body.length === 1 ? within(body) : [...((inside.get('Branches') as Raw[] | undefined) ?? []), within(body)]);
  return Object.fromEntries(keysOf(theirs, mine).flatMap(key => (inside.has(key) ? [[key, inside.get(key)]] : Object.hasOwn(around.value as Raw, key) ? [[key, (around.value as Raw)[key]]] : [])));
}

/** `theirs` with what `mine` changed of `base`; or the names of what both changed. */
export function merged(base: string, mine: string, theirs: string): { text: string } | { both: string[] } {
  const both: string[] = [];
  let value: unknown;
  try {
    value = scope(JSON.parse(base), JSON.parse(mine), JSON.parse(theirs), name => both.push(name));
  } catch {
    return { both: [] };
  }
  return both.length > 0 ? { both } : { text: become(theirs, value) };
}
