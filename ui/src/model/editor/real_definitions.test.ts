// Definitions that others wrote (WEFT_SHARED/data/real-definitions): read, drawn, changed and changed back, each
// keeps its bytes. Without them it says so.
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { chartOf, Layouts } from './chart';
import { flat } from './geometry';
import { JsonText } from './json_text';
import { bodiesOf, slotsOf, statesOf, type Raw } from './machine';
import { History } from './history';
import { insert, move, removeStates, rename, whyNotMoved } from './operations';

const file = path.join(process.env.WEFT_SHARED ?? path.resolve(process.cwd(), '../../shared'), 'data/real-definitions/definitions.jsonl');
const all = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line) as { id: string; definition: string }) : [];

const STATES_TRIED = 8; // of each definition

// Written past vitest, which would hold it back: tests/run.mjs lists what was not run.
if (!all.length) process.stderr.write(`NOT RUN: 324 definitions of others in the editor's model: no ${file}\n`);

it.skipIf(!all.length)('definitions of others', async () => {
  for (const { id, definition } of all) {
    await new Promise(done => { setTimeout(done); }); // vitest wants to hear of a test while it runs
    const machine = JSON.parse(definition) as unknown;
    const states = statesOf(machine);
    const plane = flat(new Layouts().layOut(chartOf(machine)));
    expect(plane.boxes.filter(box => !box.node.mark).length, id).toBe(states.length);
    expect([...plane.boxes, ...plane.targets].every(one => Number.isFinite(one.x) && Number.isFinite(one.y)), id).toBe(true);
    for (const text of [definition, JSON.stringify(machine, null, '\t').replaceAll('\n', '\r\n')]) {
      for (const { path: at, name, state } of states.slice(0, STATES_TRIED)) {
        const one = new JsonText(text);
        // A member put in and taken out again, and a name there and back, leave no trace.
        one.insert(at, 'Comment 2', { a: [1] }, ['Type']);
        one.remove([...at, 'Comment 2']);
        expect(one.text, `${id} ${name}`).toBe(text);
        rename(one, rename(one, at, 'Another name'), name);
        expect(JSON.parse(one.text), `${id} ${name}`).toEqual(machine);
        // A state put before it and taken out: what led to it leads to it again.
        const ahead = slotsOf(machine, at.slice(0, -2)).find(slot => slot.to === name);
        if (ahead) {
          const paths = insert(one, ahead.path, { start: 'Put in', states: { 'Put in': { Type: 'Pass', Next: '\u0000out' } } });
          expect(one.get([...(paths[0] ?? []), 'Next']), `${id} ${name}`).toBe(name);
          removeStates(one, paths);
          expect(JSON.parse(one.text), `${id} ${name}`).toEqual(machine);
        }
        // Moved to other places and back by a step: not a byte is another.
        for (const slot of slotsOf(machine, []).slice(0, 3)) {
          const [history, moved] = [new History(), new JsonText(text)];
          history.push({ text, selection: [] }, '');
          if (whyNotMoved(machine, [at], slot.path) === undefined) move(moved, [at], slot.path);
          expect(history.undo({ text: moved.text, selection: [] })?.text, `${id} ${name}`).toBe(text);
          expect(statesOf(JSON.parse(moved.text)).length, `${id} ${name}`).toBe(states.length);
        }
        // Into every body around: all that is left names states that are there.
        const body = bodiesOf(state as Raw)[0];
        const other = states.find(it => it.scope.length === 0 && it.name !== name && it.path.join() !== at.slice(0, 2).join());
        if (body && other) {
          move(one, [other.path], [...at, ...body, 'StartAt']);
          const after = JSON.parse(one.text) as unknown;
          expect(statesOf(after).map(it => it.name).sort(), `${id} ${name}`).toEqual(states.map(it => it.name).sort());
          const scope = [...at, ...body];
          const known = new Set(statesOf(after).filter(it => it.scope.join() === scope.join()).map(it => it.name));
          for (const slot of slotsOf(after, scope)) if (slot.from === other.name && slot.to !== undefined) expect(known.has(slot.to), `${id} ${name} ${slot.path.join('/')}`).toBe(true);
        }
      }
    }
  }
}, 120_000);
