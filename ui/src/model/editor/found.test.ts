import { describe, expect, it } from 'vitest';
import type { Finding } from '../../api/types';
import { absent } from './absent';
import { foundAt, gathered, locate } from './findings';
import { JsonText } from './json_text';
import { slotWords } from './describe';
import { definitionOf } from '../../views/editor/export';
import { flat } from './geometry';
import { chartOf, Layouts } from './chart';
import { copied, insert, move } from './operations';

const written = (machine: unknown): string => JSON.stringify(machine, null, 2);
/** A finding about the line that holds a text. */
function at(text: string, part: string, message: string): Finding {
  const lines = text.split('\n');
  const line = lines.findIndex(one => one.includes(part));
  return { severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, line: line + 1, column: (lines[line] ?? '').search(/\S/) + 1 };
}

describe('what is found', () => {
  const machine = { QueryLanguage: 'JSONata', StartAt: 'C', States: { C: { Type: 'Choice', Choices: [{ Condition: '{% 1' }] }, M: { Type: 'Map', ItemProcessor: { States: {} }, End: true }, P: { Type: 'Parallel', Branches: [{ States: {} }, { StartAt: 'X', States: { X: { Type: 'Succeed' } } }], End: true } } };
  const text = written(machine);
  const rule = ['States', 'C', 'Choices', 0];
  const lacking = { ...at(text, '"Choices"', 'These fields are required: [Next, Other]'), line: text.split('\n').findIndex(one => one.includes('"Condition"')), column: 11 };

  it('stands at the member that it is about, also where that is not there yet', () => {
    const [one] = locate(text, [lacking]);
    expect(one?.path).toEqual([...rule, 'Next']);
    expect(one?.state).toBe('["States","C"]');
  });
  it('stands at no field that shows only what holds it', () => {
    const located = locate(text, [lacking]);
    expect(foundAt(located, [rule], false)).toBeUndefined();
    expect(foundAt(located, [], false)).toBeUndefined();
    expect(foundAt(located, [[]], false)).toBeUndefined();
    expect(foundAt(located, [rule], true)).toBe(located[0]);
    expect(foundAt(located, [[...rule, 'Next']], false)).toBe(located[0]);
  });
  it('is said once of each body without states, with its place', () => {
    const found = (path: (string | number)[], message: string) => ({ ...at(text, '"C": {', message), path, state: undefined, from: 0, to: 1 });
    const inP = ['States', 'P', 'Branches', 0];
    const all = gathered(machine, [
      found(['States', 'M', 'ItemProcessor', 'StartAt'], 'These fields are required: [StartAt]'), found(['States', 'M', 'ItemProcessor', 'States'], 'Value cannot be empty'),
      found([...inP, 'StartAt'], 'These fields are required: [StartAt]'), found([...inP, 'States'], 'Value cannot be empty'), found(['States', 'C', 'Choices'], 'Value cannot be empty'),
    ]);
    expect(all.map(one => one.message)).toEqual(['“M” has no state in it yet', 'Branch 1 of “P” has no state in it yet', 'Value cannot be empty']);
  });
});

describe('what a definition names and the server has not', () => {
  const map = (bucket: string) => ({ Type: 'Map', ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: bucket } }, ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { 'Bucket.$': '$.b', Bucket: bucket } }, ItemProcessor: { StartAt: 'F', States: { F: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Arguments: { FunctionName: 'arn:aws:lambda:us-east-1:1:function:resize:1' }, End: true } } }, End: true });
  const start = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', Arguments: { StateMachineArn: 'arn:aws:states:us-east-1:1:stateMachine:Other:3' }, Next: 'M' };
  const found = (bucket: string, here: Parameters<typeof absent>[2]) => {
    const machine = { StartAt: 'S', States: { S: start, M: map(bucket) } };
    const text = written(machine);
    return absent(text, machine, here).map(one => [one.path.slice(2).join('.'), one.message, text.slice(one.from, one.to), one.severity]);
  };
  it('is a warning at its name', () => {
    expect(found('pictures', { buckets: ['photos'], functions: ['watermark'], machines: [] })).toEqual([
      ['Arguments.StateMachineArn', 'This server has no state machine “Other”', '"arn:aws:states:us-east-1:1:stateMachine:Other:3"', 'WARNING'],
      ['ItemReader.Arguments.Bucket', 'This server has no bucket “pictures”: it has photos', '"pictures"', 'WARNING'],
      ['ResultWriter.Parameters.Bucket', 'This server has no bucket “pictures”: it has photos', '"pictures"', 'WARNING'],
      ['ItemProcessor.States.F.Arguments.FunctionName', 'This server has no function “resize”: it has watermark', '"arn:aws:lambda:us-east-1:1:function:resize:1"', 'WARNING'],
    ]);
  });
  it('is none where it is here, is known first when it runs, or nobody knows what is here', () => {
    expect(found('pictures', { buckets: ['pictures'], functions: ['resize'], machines: [{ name: 'Other', arn: '' }] })).toEqual([]);
    expect(found('{% $b %}', { buckets: [] })).toEqual([]);
    expect(found('pictures', {})).toEqual([]);
  });
  it('is also a name that is empty', () => {
    expect(found('', { buckets: ['pictures'] }).map(([, message]) => message)).toEqual(['The bucket of the items has no name', 'The bucket of the results has no name']);
  });
});

describe('several states that do not lead to each other', () => {
  const machine = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'C' }, C: { Type: 'Wait', Seconds: 1, Next: 'D' }, D: { Type: 'Fail' } } };
  const way = (text: JsonText): string[] => {
    const names: string[] = [];
    for (let at = text.get(['StartAt']); typeof at === 'string' && !names.includes(at); at = text.get(['States', at, 'Next'])) names.push(at);
    return names;
  };
  const paths = (...names: string[]) => names.map(name => ['States', name]);

  it('stand one behind the other where they are put in, in the order of the machine', () => {
    const text = new JsonText(written(machine));
    expect(insert(text, ['States', 'C', 'Next'], copied(machine, paths('C', 'A')))).toEqual(paths('A 2', 'C 2'));
    expect(way(text)).toEqual(['A', 'B', 'C', 'A 2', 'C 2', 'D']);
  });
  it('those that end last', () => {
    const text = new JsonText(written({ ...machine, StartAt: 'D', States: { D: machine.States.D, A: machine.States.A, B: machine.States.B, C: machine.States.C } }));
    insert(text, ['StartAt'], copied(text.get([]), paths('D', 'B')));
    expect(way(text)).toEqual(['B 2', 'D 2']);
  });
  it('and so where they are moved to', () => {
    const text = new JsonText(written({ StartAt: 'A', States: { ...machine.States, D: { Type: 'Pass', Next: 'E' }, E: { Type: 'Fail' } } }));
    move(text, paths('C', 'A'), ['States', 'D', 'Next']);
    expect(way(text)).toEqual(['B', 'D', 'A', 'C', 'E']);
  });
});

describe('a file that comes in', () => {
  it('says what of YAML does not come with it', () => {
    expect(definitionOf('{"StartAt": "A"} ')).toEqual({ definition: '{"StartAt": "A"} ', lost: undefined });
    expect(definitionOf('StartAt: A # here\nStates:\n  # all\n  A: { Type: Succeed, Comment: "no # comment" }\n').lost).toBe('2 comments');
    expect(definitionOf('StartAt: A\nStates:\n  A: &a { Type: Succeed }\n  B: *a\n').lost).toBe('anchors, which are written out');
    expect(definitionOf('StartAt: A\nStates: { A: { Type: Succeed } }\n').lost).toBeUndefined();
  });
});

describe('ways out of a Choice', () => {
  const machine = { StartAt: 'C', States: { C: { Type: 'Choice', Choices: [{ Variable: '$.total', NumericGreaterThan: 100, Next: 'W' }, { Variable: '$.x', IsPresent: true, Next: 'V' }], Default: 'U' }, U: { Type: 'Succeed' }, V: { Type: 'Succeed' }, W: { Type: 'Wait', Seconds: 1, Next: 'V' } } };
  const plane = flat(new Layouts().layOut(chartOf(machine)));
  it('have their places clear of the arrows', () => {
    for (const line of plane.lines) {
      const [target, end] = [plane.targets.find(one => one.key === line.way.key)!, line.points.at(-1)!];
      expect(Math.hypot(target.x - end.x, target.y - end.y), line.way.key).toBeGreaterThan(15);
    }
  });
  it('as have those of a line that is no straight one', () => {
    const map = { Type: 'Map', ItemProcessor: { StartAt: 'R', States: { R: { Type: 'Pass', End: true } } }, End: true };
    const apart = flat(new Layouts().layOut(chartOf({ StartAt: 'M', States: { M: map, T: { Type: 'Pass', End: true } } })));
    for (const line of apart.lines) {
      const [target, end] = [apart.targets.find(one => one.key === line.way.key)!, line.points.at(-1)!];
      expect(Math.hypot(target.x - end.x, target.y - end.y), line.way.key).toBeGreaterThan(15);
    }
  });
  it('are called by what they are', () => {
    expect(slotWords(['States', 'C', 'Default'])).toBe('“C”, otherwise');
    expect(slotWords(['States', 'C', 'Choices', 1, 'Next'])).toBe('“C”, rule 2');
    expect(slotWords(['States', 'M', 'Catch', 0, 'Next'])).toBe('“M”, catcher 1');
    expect(slotWords(['States', 'M', 'ItemProcessor', 'StartAt'])).toBe('first in “M”');
    expect(slotWords(['States', 'M', 'ItemProcessor', 'States', 'D', 'Next'])).toBe('behind “D”');
    expect(slotWords(['StartAt'])).toBe('first');
  });
});
