// What two values have in common, as one: what did not change is the same object afterwards, so that whatever was made of it still holds.

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `after`, each part of which that says the same as in `before` (also in the order of its members) is the one that is there. It may change
 * `after`, which nobody else has yet. */
export function shared(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before;
  if (Array.isArray(before) && Array.isArray(after)) {
    let same = before.length === after.length;
    for (let i = 0; i < after.length; i += 1) {
      after[i] = shared(before[i], after[i]) as never;
      same &&= Object.is(after[i], before[i]);
    }
    return same ? before : after;
  }
  if (!isMembers(before) || !isMembers(after)) return after;
  const [names, there] = [Object.keys(after), Object.keys(before)];
  let same = names.length === there.length;
  names.forEach((name, i) => {
    // Of its own: what every object has under such a name is none of the members.
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    const now = shared(old, after[name]);
    if (now !== after[name]) Object.defineProperty(after, name, { value: now, writable: true, enumerable: true, configurable: true });
    same &&= there[i] === name && Object.is(now, old);
  });
  return same ? before : after;
}
