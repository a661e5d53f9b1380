// Definitions that others wrote (WEFT_SHARED/data/real-definitions): read, drawn, changed and changed back, each
// keeps its bytes. Without them it says so.
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { chartOf, Layouts } from './chart';
import { flat } from './geometry';
import { JsonText } from './json_text';
import { bodiesOf, slotsOf, statesOf, type Raw } from './machine';
import { insert, move, removeStates, rename } from './operations';

const file = path.join(process.env.WEFT_SHARED ?? path.resolve(process.cwd(), '../../shared'), 'data/real-definitions/definitions.jsonl');
const all = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line) as { id: string; definition: string }) : [];

const STATES_TRIED = 8; // of each definition

it(all.length ? `${all.length} definitions of others` : 'NOT RUN: there are no definitions of others', () => {
  for (const { id, definition } of all) {
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
