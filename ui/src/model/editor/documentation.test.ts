import { expect, it } from 'vitest';
import { aboutMember, aboutType } from './documentation';
import { fieldsOf, membersAt, membersOf } from './members';

it('every type of state and every member that the editor knows is told about', () => {
  for (const language of ['JSONata', 'JSONPath'] as const) {
    for (const [what, names] of Object.entries(fieldsOf(language))) for (const name of names) expect(aboutMember(name), `${what} ${name}`).toMatch(/^[A-Z].*[.\]]$/);
    for (const type of ['', 'Task', 'Map', 'Parallel', 'Choice', 'Wait', 'Pass', 'Succeed', 'Fail']) {
      expect(aboutType(type), type).toMatch(/\.$/);
      const groups = membersOf(type, language);
      expect(new Set(groups.map(([holder]) => holder)).size).toBe(groups.length);
    }
  }
  expect(Object.fromEntries(membersOf('Map', 'JSONata'))['ReaderConfig']).toContain('InputType');
  expect(membersOf('Task', 'JSONPath').map(([holder]) => holder)).toEqual(['', 'Credentials', 'Retry', 'Catch']);
  // Names that objects have from their making are no members.
  expect([aboutMember('constructor'), aboutType('toString')]).toEqual([undefined, undefined]);
});

it('what somebody writes freely has no members that are known', () => {
  const machine = { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Task', Resource: 'r', Arguments: { Comment: 1 }, Catch: [{ ErrorEquals: [] }], End: true } } };
  expect(membersAt(['States', 'A'], machine)).toContain('TimeoutSeconds');
  expect(membersAt(['States', 'A', 'Catch', 0], machine)).toContain('ErrorEquals');
  expect(membersAt(['States', 'A', 'Arguments'], machine)).toEqual([]);
});
