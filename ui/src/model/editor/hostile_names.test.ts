// Names of states that somebody could have chosen to break something.
import { describe, expect, it } from 'vitest';
import { chartOf, Layouts } from './chart';
import { flat } from './geometry';
import { JsonText } from './json_text';
import { keyOf, slotsOf, statesOf } from './machine';
import { memberNames, memberValues } from './members';
import { copied, insert, move, removeStates, rename } from './operations';
import { become } from './become';
import { diffStates } from './diff';

/** Of objects' own members, numbers, markup, control characters, what joins and turns letters, half a letter, names of fields. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '1', '0', '-1', '</script><img src=x onerror=alert(1)>', '"quoted"', 'back\\slash', 'a\nb\tc', '\u202ertl', '👩‍👩‍👧‍👦'.repeat(7), 'States', 'Next', ' ', 'έ', '\ud800', '%s ${x} {{y}}', 'a/b~1'];

it('all in one machine, with ways on which dagre lays out, have places', () => {
  const States = Object.fromEntries(NAMES.map((name, i) => [name, i === NAMES.length - 1 ? { Type: 'Succeed' } : { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: NAMES[Math.min(NAMES.length - 1, i + 2)] }], Default: NAMES[i + 1] }]));
  const plane = flat(new Layouts().layOut(chartOf({ QueryLanguage: 'JSONata', StartAt: NAMES[0], States })));
  expect(plane.boxes.length).toBe(NAMES.length + 1);
  expect([...plane.boxes, ...plane.targets, ...plane.lines.flatMap(line => line.points)].filter(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y))).toEqual([]);
});

it('are no members that the code proposes something for', () => {
  for (const name of NAMES) {
    expect(memberValues(name)).toEqual([]);
    expect(memberNames(['States', 'A', 'Parameters', name], { States: { A: { Type: 'Pass', Parameters: { [name]: {} } } } })).toEqual([]);
  }
});

describe.each(NAMES)('a state called %j', name => {
  const text = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Next: name }, [name === '__proto__' ? 'X' : name]: { Type: 'Map', ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } }, Next: 'B' }, B: { Type: 'Succeed' } } }, null, 2).replace('"X"', '"__proto__"');
  const path = ['States', name];
  it('is read, drawn, moved, copied, renamed and taken away', () => {
    const machine = JSON.parse(text) as unknown;
    expect(statesOf(machine).map(one => one.name).sort()).toEqual(['A', 'B', 'In', name].sort());
    const plane = flat(new Layouts().layOut(chartOf(machine)));
    expect(plane.boxes.filter(box => !box.node.mark).length).toBe(4);
    const fragment = copied(machine, [path]);
    expect(Object.keys(fragment.states)).toEqual([name]);
    const one = new JsonText(text);
    const [put] = insert(one, ['States', 'A', 'Next'], fragment);
    expect(statesOf(JSON.parse(one.text)).length).toBe(6);
    removeStates(one, [put!]);
    expect(JSON.parse(one.text)).toEqual(machine);
    const there = rename(one, path, 'Plain');
    expect(JSON.parse(one.text).States.A.Next).toBe('Plain');
    rename(one, there, name);
    expect(one.text).toBe(text);
    move(one, [path], ['StartAt']);
    expect(JSON.parse(one.text).StartAt).toBe(name);
    expect(statesOf(JSON.parse(one.text)).length).toBe(4);
    move(one, [['States', 'B']], [...path, 'ItemProcessor', 'StartAt']);
    expect(keyOf(statesOf(JSON.parse(one.text)).find(s => s.name === 'B')!.path)).toBe(keyOf([...path, 'ItemProcessor', 'States', 'B']));
    expect(slotsOf(JSON.parse(one.text), []).every(slot => slot.to === undefined || [name, 'A'].includes(slot.to))).toBe(true);
    expect(JSON.parse(become(text, JSON.parse(one.text)))).toEqual(JSON.parse(one.text));
    expect(diffStates(machine, JSON.parse(one.text)).length).toBeGreaterThan(0);
  });
});
