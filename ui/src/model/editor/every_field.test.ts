// Every field that the language has (as the editor proposes them), in both query languages: it is in the machines that the page's tests touch
// the forms of, and the text stays the same, byte for byte, when a member is changed and changed back or taken out and put back by a step.
import { describe, expect, it } from 'vitest';
// @ts-expect-error It is data of the page's tests.
import { everyField } from '../../../../tests/ui/every_field.mjs';
import { JsonText, type Path } from './json_text';
import { isObject, statesOf, valueAt } from './machine';
import { fieldsOf } from './members';

/** Objects and lists with their paths. */
function* within(value: unknown, path: Path = []): Generator<[Path, unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    yield [at, one];
    yield* within(one, at);
  }
}
/** Members that stand in no machine which has all others: each excludes one that is there, or says where it goes on. */
const OTHERWISE = new Set(['End', 'Next']);
/** Tests stand within each other: what one can have all can. */
const kindOf = (name: string): string => (/^(And|Or|Not)$/.test(name) ? 'Choices' : name);

describe.each(Object.entries(everyField as Record<string, string>))('every field in %s', (language, text) => {
  const machine = JSON.parse(text) as unknown;
  it('is in the machine that has them all', () => {
    const there = new Map<string, Set<string>>();
    const note = (kind: string, value: unknown): void => { for (const one of Array.isArray(value) ? value : [value]) if (isObject(one)) there.set(kind, new Set([...(there.get(kind) ?? []), ...Object.keys(one)])); };
    note('machine', machine);
    for (const { path, state } of statesOf(machine)) {
      note(String(state.Type), state);
      for (const [at, value] of within(state)) {
        const kind = at.findLast(step => typeof step === 'string');
        if (!at.includes('States') && typeof at.at(-1) === 'string') note(kindOf(String(kind)), value);
        expect(valueAt(machine, [...path, ...at])).toEqual(value);
      }
    }
    const missing = Object.entries(fieldsOf(language as 'JSONata' | 'JSONPath')).flatMap(([kind, names]) => names.filter(name => !there.get(kindOf(kind))?.has(name) && !OTHERWISE.has(name)).map(name => `${kind}.${name}`));
    expect(missing).toEqual([]);
  });
  it('keeps its bytes when it is touched', () => {
    let touched = 0;
    for (const [path, value] of within(machine)) {
      const one = new JsonText(text);
      const raw = one.raw(path) as string;
      one.set(path, value);
      expect(one.text, path.join('/')).toBe(text);
      one.setRaw(path, '"something else"');
      one.setRaw(path, raw);
      expect(one.text, path.join('/')).toBe(text);
      if (typeof path.at(-1) === 'string') {
        one.insert(path.slice(0, -1), 'Put in', { a: [1] }, [String(path.at(-1))]);
        one.remove([...path.slice(0, -1), 'Put in']);
        one.rename(path, 'Another name');
        one.rename([...path.slice(0, -1), 'Another name'], String(path.at(-1)));
        expect(one.text, path.join('/')).toBe(text);
      }
      touched += 1;
    }
    expect(touched).toBeGreaterThan(200);
  });
});
