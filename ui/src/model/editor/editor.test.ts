import { describe, expect, it } from 'vitest';
import { parseTree, type Node } from 'jsonc-parser';
import { become } from './become';
import { catalogue, EMPTY, search, TEMPLATES } from './catalogue';
import { memberNames } from './members';
import { chartOf, Layouts, type ChartNode, type ChartWay } from './chart';
import { flat } from './geometry';
import { History } from './history';
import { JsonText } from './json_text';
import { narrowed, pathProposals, proposals } from './jsonata';
import { slotsOf, stateOfPath, statesOf } from './machine';
import { copied, insert, move, removeStates, rename, setMode, whyNotNamed } from './operations';

const item = (id: string) => catalogue(['resize']).find(one => one.id === id)!;

const ODD = `{ "StartAt":"A",   "Comment" : "kept  as it is",
    "States": {
        "A": {"Type":"Pass",  "Next":"B"},
        "B": { "Type": "Choice", "Choices": [ { "Variable": "$.x", "NumericEquals": 1.50, "Next": "C" } ],
               "Default": "A" },
        "C": {
            "Type": "Map",
            "ItemProcessor": { "StartAt": "D", "States": { "D": { "Type": "Pass", "End": true } } },
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "E"}],
            "End": true
        },
        "E": { "Type": "Fail" }
    }
}
`;
/** The lines that differ. */
const changed = (before: string, after: string) => after.split('\n').filter(line => !before.split('\n').includes(line));

describe('text that is changed in place', () => {
  it('touches the span it is about', () => {
    const text = new JsonText(ODD);
    text.set(['States', 'B', 'Choices', 0, 'NumericEquals'], 2);
    expect(text.text).toBe(ODD.replace('1.50', '2'));
    text.set(['States', 'B', 'Choices', 0, 'NumericEquals'], 2);
    text.rename(['States', 'A'], 'Ä "quoted"');
    expect(text.text).toBe(ODD.replace('1.50', '2').replace('"A": {', '"Ä \\"quoted\\"": {'));
  });
  it('comes to mean something else by as few changes as there are', () => {
    const after = JSON.parse(ODD);
    after.States.A = { Type: 'Pass', Output: '{% 1 %}', Next: 'B' };
    after.States.C.Catch[0].ErrorEquals = ['X'];
    delete after.Comment;
    const text = become(ODD, after);
    expect(JSON.parse(text)).toEqual(after);
    expect(Object.keys(JSON.parse(text).States.A)).toEqual(['Type', 'Output', 'Next']);
    expect(changed(ODD, text).filter(line => !/"StartAt"|"States"|^\}?\{?$/.test(line))).toEqual(['        "A": { "Type": "Pass", "Output": "{% 1 %}", "Next": "B" },', '            "Catch": [ { "ErrorEquals": [ "X" ], "Next": "E" } ],']);
    expect(become(ODD, JSON.parse(ODD))).toBe(ODD);
    expect(become('{"a":1}', { a: 2, b: [1] })).toBe('{"a":2,"b":[1]}');
  });
  it('leaves a value that is the same as somebody wrote it', () => {
    const text = new JsonText(ODD);
    text.set(['States', 'B', 'Choices', 0, 'NumericEquals'], 1.5);
    expect(text.text).toBe(ODD);
  });
  it('adds members in the style of their object, at their place', () => {
    const text = new JsonText(ODD);
    text.insert(['States', 'A'], 'Comment', 'x', ['Type']);
    text.insert(['States', 'C'], 'MaxConcurrency', 5, ['Type']);
    text.insert(['States', 'C'], 'ItemSelector', { a: 1 }, ['Type', 'MaxConcurrency']);
    expect(changed(ODD, text.text)).toEqual([
      '        "A": {"Type":"Pass",  "Comment":"x",  "Next":"B"},',
      '            "MaxConcurrency": 5,', '            "ItemSelector": {', '                "a": 1', '            },',
    ]);
    for (const key of ['MaxConcurrency', 'ItemSelector']) text.remove(['States', 'C', key]);
    text.remove(['States', 'A', 'Comment']);
    expect(text.text).toBe(ODD);
  });
  it('adds, takes away and orders elements', () => {
    const text = new JsonText('{"a":[],"b":[1,2,3]}');
    text.add(['a'], { x: 1 });
    text.add(['b'], 0, 0);
    text.reorder(['b'], 3, 1);
    text.remove(['b', 0]);
    expect(text.text).toBe('{"a":[{"x":1}],"b":[3,1,2]}');
    text.remove(['a', 0]);
    text.remove(['b']);
    expect(text.text).toBe('{"a":[]}');
  });
  it('is its own, also where two begin as one', () => {
    const [one, other] = [new JsonText(ODD), new JsonText(ODD)];
    expect(one.has(['States', 'A'])).toBe(true);
    other.remove(['States', 'A']);
    one.set(['States', 'E', 'Type'], 'Succeed');
    expect(one.text).toBe(ODD.replace('"Fail"', '"Succeed"'));
  });
  it('keeps carriage returns', () => {
    const text = new JsonText('{\r\n\t"States": {}\r\n}\r\n');
    text.insert(['States'], 'A', { Type: 'Pass' });
    expect(text.text).toBe('{\r\n\t"States": {\r\n\t\t"A": {\r\n\t\t\t"Type": "Pass"\r\n\t\t}\r\n\t}\r\n}\r\n');
  });
});

describe('operations', () => {
  it('puts a state on a way', () => {
    const text = new JsonText(ODD);
    const [path] = insert(text, ['States', 'A', 'Next'], item('wait').make('JSONPath'));
    expect(path).toEqual(['States', 'Wait']);
    expect(text.get(['States', 'A', 'Next'])).toBe('Wait');
    expect(text.get(['States', 'Wait', 'Next'])).toBe('B');
    expect(text.keys(['States'])).toEqual(['A', 'Wait', 'B', 'C', 'E']);
  });
  it('puts one at the end, at the start, into a body, on a rule and on a catcher', () => {
    const text = new JsonText(ODD);
    insert(text, ['States', 'C', 'Next'], item('pass').make('JSONPath'));
    expect([text.get(['States', 'C', 'Next']), text.get(['States', 'Pass', 'End'])]).toEqual(['Pass', true]);
    insert(text, ['StartAt'], item('pass').make('JSONPath'));
    expect([text.get(['StartAt']), text.get(['States', 'Pass 2', 'Next'])]).toEqual(['Pass 2', 'A']);
    insert(text, ['States', 'C', 'ItemProcessor', 'StartAt'], item('pass').make('JSONPath'));
    expect(text.get(['States', 'C', 'ItemProcessor', 'States', 'Pass 3', 'Next'])).toBe('D');
    insert(text, ['States', 'B', 'Choices', 0, 'Next'], item('fn:resize').make('JSONPath'));
    expect(text.get(['States', 'Resize', 'Next'])).toBe('C');
    insert(text, ['States', 'C', 'Catch', 0, 'Next'], item('wait').make('JSONPath'));
    expect(text.get(['States', 'Wait', 'Next'])).toBe('E');
  });
  it('builds the machine from nothing', () => {
    const text = new JsonText(EMPTY);
    insert(text, ['StartAt'], item('map').make('JSONata'));
    setMode(text, ['States', 'Map'], 'DISTRIBUTED');
    insert(text, ['States', 'Map', 'ItemProcessor', 'StartAt'], item('fn:resize').make('JSONata'));
    expect(JSON.parse(text.text)).toEqual({
      QueryLanguage: 'JSONata', StartAt: 'Map',
      States: { Map: { Type: 'Map', End: true, ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Resize',
        States: { Resize: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'resize', Payload: '{% $states.input %}' }, Output: '{% $states.result.Payload %}', End: true } },
      } } },
    });
  });
  it('leads past a state that is taken away', () => {
    const text = new JsonText(ODD);
    removeStates(text, [['States', 'A']]);
    // B leads to itself where it led to A: nothing else follows.
    expect([text.get(['StartAt']), text.get(['States', 'B', 'Default'])]).toEqual(['B', 'B']);
    removeStates(text, [['States', 'E']]);
    expect(text.has(['States', 'C', 'Catch'])).toBe(false);
    removeStates(text, [['States', 'C']]);
    expect(text.get(['States', 'B', 'Choices', 0, 'Next'])).toBeUndefined();
    removeStates(text, [['States', 'B']]);
    expect(JSON.parse(text.text)).toEqual({ Comment: 'kept  as it is', States: {} });
  });
  it('moves a state as it is written', () => {
    const text = new JsonText(ODD);
    expect(move(text, [['States', 'A']], ['States', 'C', 'ItemProcessor', 'States', 'D', 'Next'])).toEqual([['States', 'C', 'ItemProcessor', 'States', 'A']]);
    expect(text.get(['States', 'C', 'ItemProcessor', 'States', 'D', 'Next'])).toBe('A');
    expect(text.get(['States', 'C', 'ItemProcessor', 'States', 'A'])).toEqual({ Type: 'Pass', End: true });
    expect(text.get(['StartAt'])).toBe('B');
    // Onto its own ways: nothing changes.
    const before = text.text;
    move(text, [['States', 'E']], ['States', 'C', 'Catch', 0, 'Next']);
    expect(text.text).toBe(before);
  });
  it('shows a way to a state that is not there as open, with its name', () => {
    const marks = (to: string | undefined): string[][] => chartOf({ StartAt: 'A', States: { A: { Type: 'Choice', Choices: [{ ...(to === undefined ? {} : { Next: to }) }], Default: 'B' }, B: { Type: 'Succeed' } } }).states.filter(one => (one as ChartNode).mark === 'open').map(one => [one.detail]);
    expect([marks('Nowhere'), marks(undefined), marks('B')]).toEqual([[['Nowhere']], [['']], []]);
  });
  it('renames with all that names it, and only in its scope', () => {
    const text = new JsonText(ODD);
    rename(text, ['States', 'C'], 'New');
    rename(text, ['States', 'E'], 'Bad');
    rename(text, ['States', 'A'], 'First');
    expect(text.text).toBe(ODD.replace('"Next": "C"', '"Next": "New"').replace('"C": {', '"New": {').replace('"E": {', '"Bad": {').replace('"Next": "E"', '"Next": "Bad"')
      .replace('"StartAt":"A"', '"StartAt":"First"').replace('"A": {', '"First": {').replace('"Default": "A"', '"Default": "First"'));
    const machine = JSON.parse(text.text) as unknown;
    expect(whyNotNamed(machine, ['States', 'New'], 'D')).toMatch(/already/);
    expect(whyNotNamed(machine, ['States', 'New'], 'x'.repeat(81))).toMatch(/80/);
    expect(whyNotNamed(machine, ['States', 'New'], 'New')).toBeUndefined();
  });
  it('leaves a catcher of a state that moves as it is', () => {
    const text = new JsonText(ODD);
    move(text, [['States', 'E']], ['States', 'A', 'Next']);
    expect(text.get(['States', 'C', 'Catch'])).toEqual([{ ErrorEquals: ['States.ALL'], Next: 'E' }]);
    expect(text.get(['States', 'A', 'Next'])).toBe('E');
  });
  it('copies with fresh names, also in bodies', () => {
    const text = new JsonText(ODD);
    const fragment = copied(text.get([]), [['States', 'C'], ['States', 'A']]);
    insert(text, ['States', 'A', 'Next'], fragment);
    const names = statesOf(text.get([])).map(state => state.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['C 2', 'D 2', 'A 2']));
    expect(text.has(['States', 'C 2', 'Catch'])).toBe(false);
  });
  it('forgets of a Map what only the distributed mode knows', () => {
    const text = new JsonText(JSON.stringify(TEMPLATES[0]!.definition, null, 2));
    setMode(text, ['States', 'Process images'], 'INLINE');
    expect(text.keys(['States', 'Process images'])).toEqual(['Type', 'ItemSelector', 'MaxConcurrency', 'ItemProcessor', 'Output', 'End']);
    expect(text.get(['States', 'Process images', 'ItemProcessor', 'ProcessorConfig'])).toEqual({ Mode: 'INLINE' });
  });
  it('finds the state of a path, whatever states are called', () => {
    expect(stateOfPath(['States', 'States', 'ItemProcessor', 'States', 'x', 'Retry', 0])).toEqual(['States', 'States', 'ItemProcessor', 'States', 'x']);
    expect(stateOfPath(['States', 'a', 'Branches', 1, 'States', 'b', 'Output', 'States', 'no'])).toEqual(['States', 'a', 'Branches', 1, 'States', 'b']);
    expect(stateOfPath(['StartAt'])).toBeUndefined();
  });
});

describe('what can be put in', () => {
  for (const language of ['JSONata', 'JSONPath'] as const) {
    it(`every item leaves no way open, in ${language}`, () => {
      for (const one of catalogue(['resize'])) {
        if (one.id === 'choice') continue;
        const text = new JsonText(EMPTY);
        insert(text, ['StartAt'], one.make(language));
        insert(text, ['StartAt'], one.make(language));
        expect(text.text, one.id).not.toContain('\\u0000');
        for (const slot of slotsOf(text.get([]), [])) if (slot.kind === 'choice') expect(slot.to, one.id).toBeTruthy();
        const names = statesOf(text.get([])).map(state => state.name);
        expect(new Set(names).size, one.id).toBe(names.length);
      }
    });
  }
  it('is found by its title and by what it is about', () => {
    const all = catalogue(['resize']);
    expect(search(all, 'map').map(one => one.title).slice(0, 2)).toEqual(['Map', 'Distributed Map']);
    expect(search(all, 'saga').map(one => one.id)).toEqual(['saga']);
    expect(search(all, 'resi')[0]?.id).toBe('fn:resize');
    expect(search(all, 'nothing such')).toEqual([]);
  });
});

describe('the drawing', () => {
  it('has every slot as a line, and open ends', () => {
    const text = new JsonText(EMPTY);
    const drawn = () => chartOf(JSON.parse(text.text)).ways.map(way => [(way as ChartWay).slot.join('/'), way.to.replace('\u0000', '')]);
    expect(drawn()).toEqual([['StartAt', 'empty']]);
    insert(text, ['StartAt'], item('choice').make('JSONata'));
    expect(drawn()).toEqual([['StartAt', 'Choice'], ['States/Choice/Choices/0/Next', 'open States/Choice/Choices/0/Next'], ['States/Choice/Default', 'open States/Choice/Default']]);
    insert(text, ['States', 'Choice', 'Choices', 0, 'Next'], item('pass').make('JSONata'));
    expect(drawn().at(-1)).toEqual(['States/Pass/Next', 'end']);
  });
  it('is laid out anew only where it changed', () => {
    const layouts = new Layouts();
    const machine = JSON.parse(ODD) as unknown;
    const first = layouts.layOut(chartOf(machine));
    const again = layouts.layOut(chartOf(machine));
    expect(again.lines.map(line => line.points)).toEqual(first.lines.map(line => line.points));
    expect(first.boxes.find(box => box.node.name === 'C')!.inner[0]!.boxes.map(box => box.node.name)).toEqual(['\u0000start', 'D', '\u0000end']);
  });
});

describe('states in a row', () => {
  it('are laid out as one, with lines from box to box; what leads back is not among them', () => {
    const states: Record<string, unknown> = { Choose: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'A' }], Default: 'End' }, End: { Type: 'Succeed' } };
    for (const [name, next] of [['Start', 'Choose'], ['A', 'B'], ['B', 'C'], ['C', 'D'], ['D', 'Start']]) states[name!] = { Type: 'Pass', Next: next };
    const { boxes, lines } = flat(new Layouts().layOut(chartOf({ StartAt: 'Start', States: states })));
    const of = (name: string) => boxes.find(box => box.node.name === name)!;
    for (const [a, b] of [['A', 'B'], ['B', 'C'], ['Start', 'Choose'], ['Choose', 'End']]) expect(of(a!).y + of(a!).h, `${a} ${b}`).toBeLessThanOrEqual(of(b!).y);
    for (const line of lines.filter(one => one.way.from !== one.way.to)) {
      const [from, to] = [of(line.way.from), of(line.way.to)];
      const edge = (box: typeof from, at: { x: number; y: number }) => at.x >= box.x - 1 && at.x <= box.x + box.w + 1 && at.y >= box.y - 1 && at.y <= box.y + box.h + 1;
      expect(edge(from, line.points[0]!) && edge(to, line.points.at(-1)!), `${line.way.from} ${line.way.to}`).toBe(true);
    }
    // No two boxes are in one place.
    for (const a of boxes) for (const b of boxes) if (a !== b) expect(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, `${a.node.name} ${b.node.name}`).toBe(true);
  });
});

describe('steps', () => {
  it('go back and forth, and join letters of one field', () => {
    const history = new History();
    const step = (text: string) => ({ text, selection: [] });
    history.push(step('a'), '');
    history.push(step('b'), 'name');
    history.push(step('c'), 'name');
    expect(history.undo(step('d'))?.text).toBe('b');
    expect(history.undo(step('b'))?.text).toBe('a');
    expect(history.undo(step('a'))).toBeUndefined();
    expect(history.redo(step('a'))?.text).toBe('b');
    expect(history.redo(step('b'))?.text).toBe('d');
    history.push(step('d'), 'name');
    expect(history.canRedo).toBe(false);
  });
});

describe('what is half written', () => {
  it('is drawn as far as it goes', () => {
    for (const odd of [
      {}, { States: 3 }, { StartAt: 1, States: { A: null, B: 'x', C: [] } }, { StartAt: 'A', States: { A: {} } }, { StartAt: 'A', States: { A: { Type: 'Choice', Choices: [null, 5, { Next: 7 }], Default: [] } } },
      { StartAt: 'A', States: { A: { Type: 'Task', Retry: [null], Catch: { a: 1 }, Resource: 9, Arguments: 'x', Next: {} } } }, { StartAt: 'A', States: { A: { Type: 'Map', ItemProcessor: { States: [] }, ItemReader: { Arguments: 3 } }, P: { Type: 'Parallel', Branches: [1, {}] } } },
      { StartAt: 'nope', States: { A: { Type: 'Wait', Seconds: {}, Next: 'nope' }, B: { Type: 'Fail', Error: 3 } } },
    ]) {
      const plane = flat(new Layouts().layOut(chartOf(odd)));
      expect(plane.boxes.length, JSON.stringify(odd)).toBeGreaterThan(0);
    }
  });
});

describe('the tree of a text under change', () => {
  it('is at every step the one that the text gives, read anew', () => {
    const shape = (node: Node | undefined): unknown => node && [node.type, node.offset, node.length, node.value, node.children?.map(shape), node.children?.every(child => child.parent === node)];
    const text = new JsonText(ODD);
    const same = (): void => expect(shape(text.node([]))).toEqual(shape(parseTree(text.text)));
    text.node([]);
    for (const id of ['pass', 'choice', 'map', 'parallel', 'wait']) { insert(text, ['StartAt'], item(id).make('JSONata')); same(); }
    for (const name of text.keys(['States'])) { rename(text, ['States', name], `${name} anew`); same(); }
    for (const name of text.keys(['States'])) { removeStates(text, [['States', name]]); same(); }
    text.set(['Comment'], 'x');
    same();
    text.remove(['Comment']);
    same();
  });
});

describe('what fits at a place of an expression', () => {
  const machine = { States: { A: { Type: 'Pass', Assign: { total: 1, 'path.$': '$' } }, B: { Type: 'Map', ItemProcessor: { States: { C: { Type: 'Choice', Choices: [{ Assign: { inner: 2 } }] } } } } } };
  const of = (text: string) => { const found = proposals(text, machine); return found && narrowed(found, text).map(one => one.label); };
  it('are members of $states, variables and functions', () => {
    expect(of('"a": "{% $states.')).toEqual(['input', 'result', 'errorOutput', 'context']);
    expect(of('{% $states.context.Map.Item.V')).toEqual(['Value']);
    expect(of('{% $to')).toEqual(['$total', '$toMillis']);
    expect(of('{% $inn')).toEqual(['$inner']);
    expect(of('$sum')).toBeUndefined();
    expect(of('{% 1 %}" $s')).toBeUndefined();
    expect(of('{% $states.input.x')).toBeUndefined();
  });
  it('are the context object and intrinsic functions in JSONPath', () => {
    const paths = (text: string) => { const found = pathProposals(text, machine); return found && narrowed(found, text).map(one => one.label); };
    expect(paths('"key.$": "$$.Map.Item.')).toEqual(['Index', 'Value', 'Key', 'Source']);
    expect(paths('States.ArrayG')).toEqual(['ArrayGetItem']);
    expect(paths('$pa')).toEqual(['$path']);
    expect(paths('$.a')).toBeUndefined();
  });
  it('are the variables that a state can read: not those of bodies, and in a Distributed Map none from around it', () => {
    const child = { Type: 'Pass', Assign: { own: 1 } };
    const all = (mode: string) => ({ States: { A: { Type: 'Pass', Assign: { outer: 1 } }, M: { Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: mode }, States: { C: child } } } } });
    const at = (value: unknown, path: (string | number)[]) => narrowed(proposals('{% $o', value, path)!, '{% $o').map(one => one.label);
    const inner = ['States', 'M', 'ItemProcessor', 'States', 'C'];
    expect(at(all('INLINE'), ['States', 'A'])).toEqual(['$outer']);
    expect(at(all('INLINE'), inner)).toEqual(['$outer', '$own']);
    expect(at(all('DISTRIBUTED'), inner)).toEqual(['$own']);
  });
  it('are names of members, by the type and language of the state and by what is there', () => {
    const value = { QueryLanguage: 'JSONata', States: { T: { Type: 'Task', Resource: 'r', Retry: [{}], Arguments: { x: {} } }, P: { Type: 'Pass', QueryLanguage: 'JSONPath' }, C: { Type: 'Choice', QueryLanguage: 'JSONPath', Choices: [{ And: [{}] }] } } };
    const at = (path: (string | number)[]) => memberNames(path, value).map(one => one.label);
    expect(at([])).toEqual(['Comment', 'StartAt', 'TimeoutSeconds', 'Version']);
    expect(at(['States', 'T'])).toEqual(expect.arrayContaining(['Output', 'Catch', 'End']));
    for (const none of ['Resource', 'ResultPath', 'Choices', 'Parameters']) expect(at(['States', 'T'])).not.toContain(none);
    expect(at(['States', 'P'])).toContain('ResultPath');
    expect(at(['States', 'T', 'Retry', 0])).toContain('BackoffRate');
    expect(at(['States', 'C', 'Choices', 0, 'And', 0])).toContain('NumericGreaterThanEqualsPath');
    expect(at(['States', 'T', 'Arguments', 'x'])).toEqual([]);
    expect(at(['States'])).toEqual([]);
  });
});
