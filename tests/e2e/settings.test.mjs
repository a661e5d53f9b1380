// weft.toml: with it `weft run machine.asl.json` is enough, and so is what follows a kill -9.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, expectStatus, fanOut, invoke, pasted, scratch, start, until, weft, weftProgram } from './lib.mjs';

const handler = `import fs from 'node:fs';
export async function handler(n) {
  fs.writeFileSync(process.env.OUT + '/' + n, '');
  while (n > 5 && !fs.existsSync(process.env.OUT + '/go')) await new Promise(resolve => setTimeout(resolve, 20));
  return n * 2;
}
`;

const settings = `# Of the tests.
data = "my data"
input = { from = "here" }
payload-bytes = 100

[function.double]
path = "double.mjs"
concurrency = 3
env = { OUT = "OUT_DIRECTORY" }
`;

/** A folder with a machine, its function and weft.toml. */
function project(t) {
  const directory = scratch(t);
  const out = path.join(directory, 'out');
  fs.mkdirSync(out);
  fs.writeFileSync(path.join(directory, 'double.mjs'), handler);
  fs.writeFileSync(path.join(directory, 'weft.toml'), settings.replace('OUT_DIRECTORY', out));
  definitionFile(directory, fanOut(20, { Double: invoke('double') }));
  return { directory, out };
}

test('weft.toml alone carries a run through kill -9 and --resume, and the commands after it', async t => {
  const { directory, out } = project(t);
  const here = { cwd: directory };
  const run = start(weftProgram, ['run', 'machine.asl.json'], here);
  await until(() => run.exitCode !== null || fs.readdirSync(out).some(name => Number(name) > 5), `no progress: ${run.text.stderr}`);
  assert.equal(run.exitCode, null, run.text.stderr);
  run.kill('SIGKILL');
  await run.done;
  assert.match(run.text.stderr, /settings of weft\.toml/);
  assert.ok(fs.existsSync(path.join(directory, 'my data', 'store')));

  fs.writeFileSync(path.join(out, 'go'), '');
  const resumed = await weft(['run', 'machine.asl.json', '--resume'], here);
  expectStatus(resumed, 0, 'weft run machine.asl.json --resume');
  assert.doesNotMatch(resumed.stderr, /has changed/);
  assert.match(resumed.stdout, /children +20 succeeded/);
  const next = /weft (trace \S+)\n$/.exec(resumed.stdout);
  assert.ok(next, `no --data where weft.toml names it: ${resumed.stdout}`);
  const trace = await pasted(next[1], here);
  expectStatus(trace, 0, next[1]);
  assert.match(trace.stdout, /Each/);
  const tried = await weft(['test-state', 'machine.asl.json', '--state', 'Double', '--input', '4'], here);
  expectStatus(tried, 0, 'weft test-state');
  const list = await weft(['list', '--status', 'succeeded', '--json'], here);
  expectStatus(list, 0, 'weft list');
  const { executions } = JSON.parse(list.stdout);
  assert.equal(executions.length, 1);
  const { input } = JSON.parse((await weft(['describe', 'latest', '--json'], here)).stdout);
  assert.deepEqual(JSON.parse(input), { from: 'here' });

  // From elsewhere: beside the definition; what to type next names the data directory, quoted.
  const again = await weft(['run', path.join(directory, 'machine.asl.json'), '--resume']);
  expectStatus(again, 0, 'weft run --resume with nothing open');
  assert.match(again.stderr, /Nothing of 'machine' is open/);
  const quoted = /weft (trace \S+ --data '.*my data')\n$/.exec(again.stdout);
  assert.ok(quoted, again.stdout);
  expectStatus(await pasted(quoted[1]), 0, quoted[1]);
  // A definition that has changed since is told, and is not what goes on.
  const other = definitionFile(directory, fanOut(1, { Double: invoke('double') }), 'other.asl.json');
  const nothing = await weft(['run', other, '--resume']);
  expectStatus(nothing, 2, 'weft run other.asl.json --resume');
  assert.match(nothing.stderr, /holds no execution of 'other' to resume/);
});

test('the command line wins over the file, and a wrong file stops every command that reads it', async t => {
  const { directory, out } = project(t);
  const here = { cwd: directory };
  fs.writeFileSync(path.join(out, 'go'), '');
  const elsewhere = path.join(directory, 'elsewhere');
  const run = await weft(['run', 'machine.asl.json', '--data', 'elsewhere', '--input', '{"from": "there"}'], here);
  expectStatus(run, 0, 'weft run --data');
  assert.ok(fs.existsSync(path.join(elsewhere, 'store')));
  assert.match(run.stdout, /weft trace \S+ --data elsewhere\n$/);
  const { input } = JSON.parse((await weft(['describe', 'latest', '--data', 'elsewhere', '--json'], here)).stdout);
  assert.deepEqual(JSON.parse(input), { from: 'there' });

  fs.appendFileSync(path.join(directory, 'weft.toml'), 'concurency = 3\n');
  for (const command of [['run', 'machine.asl.json'], ['list'], ['serve'], ['invoke', 'double'], ['validate', 'machine.asl.json']]) {
    const wrong = await weft(command, here);
    expectStatus(wrong, 2, command.join(' '));
    assert.equal(wrong.stderr,
      "weft: weft.toml:10:1: function.double.concurency = 3: there is no such key; did you mean 'concurrency'?\n");
  }
  expectStatus(await weft(['instrument', 'machine.asl.json'], here), 0, 'weft instrument');
});
