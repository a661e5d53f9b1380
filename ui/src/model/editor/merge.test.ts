import { describe, expect, it } from 'vitest';
import { merged } from './merge';

const BASE = { Comment: 'c', StartAt: 'A', States: { A: { Type: 'Pass', Next: 'M' }, M: { Type: 'Map', ItemProcessor: { StartAt: 'D', States: { D: { Type: 'Pass', Next: 'E' }, E: { Type: 'Pass', End: true } } }, Next: 'P' }, P: { Type: 'Parallel', Branches: [{ StartAt: 'X', States: { X: { Type: 'Succeed' } } }, { StartAt: 'Y', States: { Y: { Type: 'Succeed' } } }], End: true } } };
type Machine = typeof BASE & { States: Record<string, any> };
const changed = (...changes: ((machine: Machine) => void)[]): string => {
  const machine = structuredClone(BASE) as Machine;
  changes.forEach(change => change(machine));
  return JSON.stringify(machine, null, 2);
};
const base = changed();
const both = (mine: (machine: Machine) => void, theirs: (machine: Machine) => void) => merged(base, changed(mine), changed(theirs));

describe('two changes', () => {
  const comment = (machine: Machine): void => { machine.Comment = 'other'; };
  const first = (machine: Machine): void => { machine.States.A = { Type: 'Wait', Seconds: 1, Next: 'M' }; };
  const added = (machine: Machine): void => { machine.States.B = { Type: 'Fail' }; };
  const gone = (machine: Machine): void => { delete machine.States.P; machine.States.M.Next = undefined; machine.States.M.End = true; };
  const inner = (name: string) => (machine: Machine): void => { machine.States.M.ItemProcessor.States[name].Comment = `of ${name}`; };
  const branch = (i: number, name: string) => (machine: Machine): void => { machine.States.P.Branches[i].States[name].Comment = name; };

  it.each([[comment, first], [first, added], [first, gone], [inner('D'), inner('E')], [branch(0, 'X'), branch(1, 'Y')], [branch(0, 'X'), first]])('of different states are one', (mine, theirs) => {
    for (const [a, b] of [[mine, theirs], [theirs, mine]] as const) {
      const one = both(a, b);
      expect('text' in one && JSON.parse(one.text)).toEqual(JSON.parse(changed(a, b)));
    }
  });
  it('of the same are told by name', () => {
    expect(both(first, machine => { machine.States.A.Comment = 'x'; })).toEqual({ both: ['A'] });
    expect(both(comment, machine => { machine.Comment = 'yet another'; })).toEqual({ both: ['Comment'] });
    expect(both(inner('D'), machine => { machine.States.M.ItemProcessor.States.D.Comment = 'x'; })).toEqual({ both: ['D'] });
    expect(both(gone, branch(0, 'X'))).toEqual({ both: ['P'] });
  });
  it('that are alike are one', () => expect(both(first, first)).toEqual({ text: changed(first) }));
  it('of which one is no JSON are left apart', () => expect(merged(base, '{', base)).toEqual({ both: [] }));
  it('keep the way in which theirs is written', () => {
    const theirs = base.replace(/"X": \{[^}]*\}/, '"X": {"Type":  "Succeed"}').replace('"c"', '"theirs"');
    const one = merged(base, changed(inner('D')), theirs);
    expect('text' in one && one.text).toBe(changed(inner('D'), machine => { machine.Comment = 'theirs'; }).replace(/"X": \{[^}]*\}/, '"X": {"Type":  "Succeed"}'));
  });
});
