// `weft replay`: one child again, with its input, on the same or a changed function and definition.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, expectStatus, fanOut, invoke, pasted, scratch, weft } from './lib.mjs';

const broken = `export async function handler(n) {
  if (n === 7) throw Object.assign(new Error('no sevens'), { name: 'SevenError' });
  return { n, doubled: n * 2 };
}
`;
const mended = broken.replace(/  if .*\n/, '');
const each = { Double: invoke('double') };

async function ran(t) {
  const directory = scratch(t);
  const functions = { broken: path.join(directory, 'broken.mjs'), mended: path.join(directory, 'mended.mjs') };
  fs.writeFileSync(functions.broken, broken);
  fs.writeFileSync(functions.mended, mended);
  fs.writeFileSync(path.join(directory, 'weft.toml'), '[function]\ndouble = "broken.mjs"\n');
  definitionFile(directory, fanOut(10, each));
  const here = { cwd: directory };
  expectStatus(await weft(['run', 'machine.asl.json'], here), 0, 'weft run');
  const failed = await weft(['trace', 'latest', '--filter', 'status:FAILED err:SevenError'], here);
  expectStatus(failed, 0, 'weft trace --filter');
  const child = /^one of them: weft trace (\S+)$/m.exec(failed.stdout)?.[1];
  assert.ok(child, failed.stdout);
  return { directory, functions, here, child };
}

test('a failed child runs again: the same as it is, otherwise with a mended function', async t => {
  const { functions, here, child } = await ran(t);
  const same = await weft(['replay', child], here);
  expectStatus(same, 1, 'weft replay with the same function');
  assert.match(same.stdout, /^status +FAILED +FAILED$/m);
  assert.match(same.stdout, /^error +SevenError +SevenError$/m);

  const other = await weft(['replay', child, '--function', `double=${functions.mended}`], here);
  expectStatus(other, 0, 'weft replay with a mended function');
  assert.match(other.stdout, /^status +FAILED +SUCCEEDED$/m);
  assert.match(other.stdout, /^error +SevenError +-$/m);
  assert.match(other.stdout, /^States\nDouble +\S+ \S+, 1 failed +\S+ \S+$/m);
  assert.match(other.stdout, /^\+ {2}"doubled": 14$/m);
  assert.match(other.stdout, /^-TaskFailed SevenError\n-ExecutionFailed SevenError$/m);
  assert.match(other.stdout, /^\+TaskSucceeded$/m);
  const next = /weft (trace \S+ --data \S+)\n$/.exec(other.stdout);
  assert.ok(next, other.stdout);
  expectStatus(await pasted(next[1], here), 0, next[1]);

  const { code, stdout } = await weft(['replay', child, '--function', `double=${functions.mended}`, '--json'], here);
  assert.equal(code, 0);
  const report = JSON.parse(stdout);
  assert.deepEqual(report.differs, ['status', 'output', 'error', 'states', 'events']);
  assert.deepEqual(JSON.parse(report.replayed.output), { n: 7, doubled: 14 });
  assert.equal(report.recorded.status, 'FAILED');
  // What was recorded is as it was.
  assert.equal(JSON.parse((await weft(['describe', child, '--json'], here)).stdout).status, 'FAILED');
});

test('a child runs again on a changed definition, and a whole execution does, too', async t => {
  const { directory, functions, here, child } = await ran(t);
  const caught = fanOut(10, {
    Double: { ...invoke('double'), Catch: [{ ErrorEquals: ['SevenError'], Next: 'Skip' }] },
    Skip: { Type: 'Pass', Output: 'skipped', End: true },
  });
  const changed = definitionFile(directory, caught, 'changed.asl.json');
  const replayed = await weft(['replay', child, '--definition', changed], here);
  expectStatus(replayed, 0, 'weft replay --definition');
  assert.match(replayed.stdout, /^Skip +not entered +/m);
  assert.match(replayed.stdout, /^\+"skipped"$/m);

  const renamed = definitionFile(directory, { ...caught, StartAt: 'Every', States: { Every: caught.States.Each } }, 'renamed.asl.json');
  const without = await weft(['replay', child, '--definition', renamed], here);
  expectStatus(without, 2, 'weft replay with a definition that lost the Map');
  assert.match(without.stderr, /has no Distributed Map 'Each', whose child it was, but 'Every'/);

  const whole = await weft(['replay', 'latest', '--function', `double=${functions.mended}`, '--into', 'again', '--json'], here);
  expectStatus(whole, 0, 'weft replay latest');
  assert.equal(JSON.parse(JSON.parse(whole.stdout).replayed.output).length, 10);
  assert.ok(fs.existsSync(path.join(directory, 'again', 'store')));
});
