import { parseTree, type Node } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { chartOf, Charts, Layouts, type ChartNode } from './chart';
import { flat } from './geometry';
import { JsonText, treeOf } from './json_text';
import { insert, move, OUT, removeStates } from './operations';
import { drawnOf, partAround } from './seen';
import { shared } from './shared';

const N = 120;
/** Each fifth catches to the last, so that many ways run beside one another. */
const machine = { QueryLanguage: 'JSONata', StartAt: 'S0', States: Object.fromEntries(Array.from({ length: N }, (_, i) => [`S${i}`, i === N - 1 ? { Type: 'Succeed' } : i % 5 === 4 ? { Type: 'Task', Resource: 'r', Catch: [{ ErrorEquals: ['States.ALL'], Next: `S${N - 1}` }], Next: `S${i + 1}` } : i === 7 ? { Type: 'Map', ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } }, Next: 'S8' } : { Type: 'Pass', Next: `S${i + 1}` }])) };
const copy = (): typeof machine => JSON.parse(JSON.stringify(machine)) as typeof machine;
const plain = (node: Node | undefined): unknown => node && { type: node.type, offset: node.offset, length: node.length, value: node.value as unknown, colon: node.colonOffset, children: node.children?.map(plain) };

describe('a long machine', () => {
  it('keeps what did not change as the same objects', () => {
    const changed = copy();
    Object.assign(changed.States.S3 as object, { Comment: 'new' });
    const now = shared(machine, changed) as typeof machine;
    expect(now).toEqual({ ...machine, States: { ...machine.States, S3: { ...machine.States.S3, Comment: 'new' } } });
    expect(now.States.S4).toBe(machine.States.S4);
    expect(now.States.S3).not.toBe(machine.States.S3);
    expect(shared(machine, copy())).toBe(machine);
    expect(shared({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual({ b: 2, a: 1 });
    expect(Object.keys(shared({ a: 1, b: 2 }, { b: 2, a: 1 }) as object)).toEqual(['b', 'a']);
    const odd = JSON.parse('{"__proto__": {"x": 1}, "toString": 2}') as object;
    expect(JSON.stringify(shared({}, odd))).toBe('{"__proto__":{"x":1},"toString":2}');
  });

  it('is drawn as one that is drawn for the first time, and anew only where it looks otherwise', () => {
    const charts = new Charts();
    const before = charts.of(machine);
    const said = copy();
    Object.assign(said.States.S3 as object, { Comment: 'seen by nobody' });
    expect(charts.of(shared(machine, said))).toBe(before);
    const inner = copy();
    (inner.States.S7 as { ItemProcessor: { States: { In: object } } }).ItemProcessor.States.In = { Type: 'Wait', Seconds: 1, End: true };
    const after = charts.of(shared(machine, inner));
    expect(after).toEqual(chartOf(inner));
    expect(after.states.filter((one, i) => one !== before.states[i]).map(one => one.name)).toEqual(['S7']);
    // A body under another name is another: its states have other paths.
    const older = copy();
    const { ItemProcessor, ...rest } = older.States.S7 as { ItemProcessor: object };
    older.States.S7 = { ...rest, Iterator: ItemProcessor } as never;
    const renamed = charts.of(shared(inner, older));
    expect(renamed).toEqual(chartOf(older));
    expect((renamed.states.find(one => one.name === 'S7')?.scopes[0]?.states[1] as ChartNode).path).toContain('Iterator');
  });

  it('has the tree of its text after each change', () => {
    const text = new JsonText(JSON.stringify(machine, null, 2));
    treeOf(text.text);
    const holds = (): void => expect(plain(treeOf(text.text))).toEqual(plain(parseTree(text.text)));
    insert(text, ['States', 'S2', 'Next'], { start: 'W', states: { W: { Type: 'Wait', Seconds: 1, Next: OUT } } });
    holds();
    move(text, [['States', 'W']], ['States', 'S50', 'Next']);
    holds();
    removeStates(text, [['States', 'W'], ['States', 'S0'], ['States', `S${N - 1}`]]);
    holds();
    text.set(['StartAt'], 'S1');
    text.set(['States', 'S1', 'Comment'], 'x');
    text.remove(['QueryLanguage']);
    text.rename(['States', 'S1'], 'First "one"');
    holds();
  });

  it('is drawn in part: what is seen, and of lines in one place one', () => {
    const plane = flat(new Layouts().layOut(chartOf(machine)));
    const middle = plane.boxes.find(box => box.node.name === 'S60');
    const seen = { left: -500, right: 2_000, top: (middle?.y ?? 0) - 300, bottom: (middle?.y ?? 0) + 300 };
    const part = drawnOf(plane, seen);
    expect(part.boxes.map(box => box.node.name)).toContain('S60');
    expect(part.boxes.length).toBeLessThan(12);
    const reaching = plane.lines.filter(line => line.bounds.top < seen.bottom && line.bounds.bottom > seen.top).length;
    expect(part.lines.length).toBeLessThan(reaching - 8);
    expect(drawnOf(plane, undefined)).toBe(plane);
    // What goes on far from there is cut where nobody sees it; the rest is where it was.
    const far = part.lines.filter(line => line.bounds.bottom > seen.bottom + 200 || line.bounds.top < seen.top - 200);
    expect(far.length).toBeGreaterThan(0);
    for (const line of part.lines) {
      const whole = plane.lines.find(one => one.way.key === line.way.key)?.points ?? [];
      expect(line.points.every(({ y }) => y >= seen.top - 30 && y <= seen.bottom + 30) || !far.includes(line), line.way.key).toBe(true);
      expect(line.points.filter(({ y }) => y > seen.top && y < seen.bottom), line.way.key).toEqual(whole.filter(({ y }) => y > seen.top && y < seen.bottom));
      expect(line.goesOn ?? false, line.way.key).toBe(line.points.at(-1) !== whole.at(-1));
    }
    expect(drawnOf(plane, seen, true).boxes).toBe(plane.boxes);
    // Going on a little needs nothing else; far on it does.
    const drawn = partAround({ left: 0, right: 100, top: 0, bottom: 100 }, { left: 0, right: 0, top: 0, bottom: 0 });
    expect(partAround({ left: 10, right: 110, top: 40, bottom: 140 }, drawn)).toBe(drawn);
    expect(partAround({ left: 10, right: 110, top: 140, bottom: 240 }, drawn)).not.toBe(drawn);
  });
});
