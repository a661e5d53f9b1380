// What lies on the disk is damaged: nothing that was acknowledged goes missing without a word.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, definitionFile, expectStatus, machine, scratch, serveProcess, until, weft } from './lib.mjs';

const START = 'StartExecution', COUNT = 20;
const big = 'x'.repeat(3_000);

/** A server whose executions have ended; all have been acknowledged. */
async function withExecutions(t, data) {
  const server = await serveProcess(t, ['--data', data]);
  const created = await call(server.endpoint, 'CreateStateMachine', {
    name: 'echo', roleArn: 'arn:aws:iam::000000000000:role/x', definition: JSON.stringify(machine({ End: { Type: 'Succeed' } })),
  });
  for (let i = 0; i < COUNT; i++)
    await call(server.endpoint, START, { stateMachineArn: created.stateMachineArn, name: `n${i}`, input: JSON.stringify({ big: `${i}${big}` }) });
  const ended = { stateMachineArn: created.stateMachineArn, statusFilter: 'SUCCEEDED' };
  await until(async () => (await call(server.endpoint, 'ListExecutions', ended)).executions.length === COUNT, 'the executions do not end');
  return { ...server, stateMachineArn: created.stateMachineArn };
}

const storeFiles = (data, ending) => fs.readdirSync(path.join(data, 'store')).filter(name => name.endsWith(ending)).map(name => path.join(data, 'store', name));

function flip(file, at) {
  const bytes = fs.readFileSync(file);
  bytes[at] ^= 1;
  fs.writeFileSync(file, bytes);
}

const executions = async (data, ...flags) => {
  const listed = await weft(['list', '--data', data, '--limit', '1000', '--json', ...flags]);
  expectStatus(listed, 0, 'weft list');
  return JSON.parse(listed.stdout).executions.length;
};

test('a bit of the log that flipped is told, by every command, and can be accepted', async t => {
  const directory = scratch(t), data = path.join(directory, 'data');
  const { child } = await withExecutions(t, data);
  child.kill('SIGKILL');
  await child.done;
  assert.equal(await executions(data), COUNT);
  const log = storeFiles(data, '.log').sort((a, b) => fs.statSync(a).size - fs.statSync(b).size).at(-1);
  flip(log, Math.floor(fs.statSync(log).size / 2));
  const file = definitionFile(directory, machine({ End: { Type: 'Succeed' } }));
  for (const command of [['list'], ['serve', '--listen', '127.0.0.1:0'], ['serve', file, '--listen', '127.0.0.1:0'], ['run', '--resume'], ['run', file], ['list']]) {
    const refused = await weft([...command, '--data', data]);
    expectStatus(refused, 2, `weft ${command.join(' ')}`);
    assert.match(refused.stderr, /^weft: E_LOST_TAIL: the store .* ends with commit \d+, and commit \d+ was written: the last \d+ commits are missing \(.*\.log\)/);
  }
  const seen = await weft(['doctor', data]);
  expectStatus(seen, 1, 'weft doctor');
  assert.match(seen.stdout, /DAMAGED: E_LOST_TAIL/);
  const accepted = await weft(['run', file, '--data', data, '--accept-data-loss']);
  expectStatus(accepted, 0, 'weft run --accept-data-loss');
  assert.match(accepted.stderr, /warning: data is lost: E_LOST_TAIL.*kept in .*store\.damaged-1/);
  assert.ok(fs.existsSync(path.join(data, 'store.damaged-1', path.basename(log))));
  const left = await executions(data);
  assert.ok(left > 1 && left < COUNT, `${left} executions`);
  const after = await weft(['doctor', data]);
  expectStatus(after, 0, 'weft doctor after it');
  assert.match(after.stdout, /lost before .*E_LOST_TAIL/);
});

test('a clean stop leaves nothing in the log, and a file that is missing or foreign is named', async t => {
  const directory = scratch(t), data = path.join(directory, 'data');
  const { child } = await withExecutions(t, data);
  child.kill('SIGINT');
  await child.done;
  assert.deepEqual(storeFiles(data, '.log').map(log => fs.statSync(log).size), [0]);
  const whole = await weft(['doctor', data]);
  expectStatus(whole, 0, 'weft doctor');
  assert.match(whole.stdout, /stopped cleanly[^]*20, 0 open[^]*nothing is missing/);
  for (const file of storeFiles(data, '.sst').slice(0, 2)) {
    const kept = `${file}.kept`;
    fs.renameSync(file, kept);
    const refused = await weft(['list', '--data', data]);
    expectStatus(refused, 2, 'weft list');
    assert.match(refused.stderr, new RegExp(`${path.basename(file)} is missing`));
    fs.renameSync(kept, file);
  }
  const [manifest] = fs.readdirSync(path.join(data, 'store')).filter(name => name.startsWith('MANIFEST')).map(name => path.join(data, 'store', name));
  const bytes = fs.readFileSync(manifest);
  for (const cut of [1, 150, 400]) {
    fs.writeFileSync(manifest, bytes.subarray(0, bytes.length - cut));
    const before = fs.readdirSync(path.join(data, 'store'));
    const refused = await weft(['serve', '--listen', '127.0.0.1:0', '--data', data]);
    expectStatus(refused, 2, 'weft serve');
    assert.match(refused.stderr, /MANIFEST-\d+ is cut/);
    assert.deepEqual(fs.readdirSync(path.join(data, 'store')), before);
  }
  fs.writeFileSync(manifest, bytes);
  assert.equal(await executions(data), COUNT);
});

test('a definition is not served over one that cannot be read', async t => {
  const directory = scratch(t), data = path.join(directory, 'data');
  const file = definitionFile(directory, machine({ End: { Type: 'Succeed' } }));
  const serve = () => serveProcess(t, [file, '--data', data]);
  const stop = server => { server.child.kill('SIGINT'); return server.child.done; };
  await stop(await serve());
  const tables = new Map(storeFiles(data, '.sst').map(name => [name, fs.readFileSync(name)]));
  const refused = [];
  for (const [name, bytes] of tables) {
    flip(name, 30);
    const tried = await weft(['serve', file, '--listen', '127.0.0.1:0', '--data', data, '--port-file', '/nowhere/port']);
    fs.writeFileSync(name, bytes);
    expectStatus(tried, 2, 'weft serve');
    // What it has no need to read yet, it goes past: to the port file that cannot be written.
    if (/\/nowhere\/port/.test(tried.stderr)) continue;
    assert.match(tried.stderr, new RegExp(`failed: Corruption: .*${path.basename(name)}`));
    refused.push(name);
  }
  assert.ok(refused.length > 0, 'none of the tables was read');
  const { endpoint } = await serve();
  assert.equal((await call(endpoint, 'ListStateMachines', {})).stateMachines.length, 1);
});

test('a store that is found damaged while it is served is read on, and takes nothing', async t => {
  const directory = scratch(t), data = path.join(directory, 'data');
  const first = await withExecutions(t, data);
  first.child.kill('SIGINT');
  await first.child.done;
  const { endpoint, child } = await serveProcess(t, ['--data', data]);
  const health = () => fetch(`${endpoint}/_weft/health`);
  assert.equal((await health()).status, 200);
  const [blob] = storeFiles(data, '.blob');
  const bytes = fs.readFileSync(blob);
  for (let at = 70; at < bytes.length - 40; at += 97) bytes[at] ^= 0x55;
  fs.writeFileSync(blob, bytes);
  const executionArn = `${first.stateMachineArn.replace(':stateMachine:', ':execution:')}:n3`;
  await assert.rejects(call(endpoint, 'GetExecutionHistory', { executionArn }), new RegExp(path.basename(blob)));
  const red = await health();
  assert.equal(red.status, 503);
  const body = await red.json();
  assert.equal(body.status, 'damaged');
  assert.match(body.damage, new RegExp(path.basename(blob)));
  await assert.rejects(call(endpoint, START, { stateMachineArn: first.stateMachineArn, name: 'late' }), /damaged, and nothing is written any more/);
  const { executions: listed } = await call(endpoint, 'ListExecutions', { stateMachineArn: first.stateMachineArn });
  assert.equal(listed.length, COUNT);
  child.kill('SIGINT');
  await child.done;
});

/** Every file of a directory with its bytes. */
const contents = directory => Object.fromEntries(fs.readdirSync(directory, { recursive: true }).map(name => path.join(directory, name))
  .filter(name => fs.statSync(name).isFile()).map(name => [name, fs.readFileSync(name, 'latin1')]));

test('what can be read is salvaged into a new directory, and what is missing there is told', async t => {
  const directory = scratch(t), data = path.join(directory, 'data');
  const saved = name => path.join(directory, name);
  const { child, stateMachineArn } = await withExecutions(t, data);
  const busy = await weft(['doctor', data, '--salvage', saved('busy')]);
  expectStatus(busy, 2, 'weft doctor --salvage beside a server');
  assert.match(busy.stderr, /a weft works on/);
  assert.ok(!fs.existsSync(saved('busy')));
  child.kill('SIGINT');
  await child.done;

  const whole = await weft(['doctor', data, '--salvage', saved('whole')]);
  expectStatus(whole, 0, 'weft doctor --salvage');
  assert.match(whole.stdout, /Everything was copied/);
  assert.equal(await executions(saved('whole')), COUNT);
  const execution = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:n7`;
  const [before, after] = await Promise.all([data, saved('whole')].map(where => weft(['history', execution, '--data', where, '--json'])));
  expectStatus(before, 0, 'weft history');
  assert.equal(after.stdout, before.stdout);
  const again = await weft(['doctor', data, '--salvage', saved('whole')]);
  expectStatus(again, 2, 'weft doctor --salvage into what is there');
  assert.match(again.stderr, /is there already/);
  expectStatus(await weft(['doctor', data, '--salvage', path.join(data, 'in')]), 2, 'weft doctor --salvage into itself');
  const nothing = scratch(t);
  fs.cpSync(data, path.join(nothing, 'data'), { recursive: true });
  for (const name of fs.readdirSync(path.join(nothing, 'data', 'store')).filter(name => name.startsWith('MANIFEST')))
    fs.rmSync(path.join(nothing, 'data', 'store', name));
  const none = await weft(['doctor', path.join(nothing, 'data'), '--salvage', path.join(nothing, 'saved')]);
  expectStatus(none, 2, 'weft doctor --salvage without a manifest');
  assert.match(none.stderr, /no copy was made/);
  assert.ok(!fs.existsSync(path.join(nothing, 'saved')), 'half a copy stays');

  const [blob] = storeFiles(data, '.blob');
  const table = storeFiles(data, '.sst').sort((a, b) => fs.statSync(a).size - fs.statSync(b).size).at(-1);
  flip(blob, Math.floor(fs.statSync(blob).size / 2));
  fs.truncateSync(table, Math.floor(fs.statSync(table).size / 2));
  const damaged = contents(data);
  const part = await weft(['doctor', data, '--salvage', saved('part'), '--json']);
  expectStatus(part, 1, 'weft doctor --salvage of damaged files');
  const { damage, salvaged } = JSON.parse(part.stdout);
  assert.ok(damage.some(text => text.includes(path.basename(table))), `${damage}`);
  for (const file of [blob, table])
    assert.ok(salvaged.missing.some(text => text.includes(path.basename(file))), `${file}: ${salvaged.missing}`);
  assert.ok(salvaged.keys > COUNT, `${salvaged.keys} keys`);
  assert.deepEqual(contents(data), damaged, 'the damaged directory was changed');
  assert.deepEqual(fs.readdirSync(saved('part')).filter(name => name.startsWith('store')), ['store']);
  const seen = await weft(['doctor', saved('part')]);
  assert.match(seen.stdout, /lost before .*salvaged from/);
  expectStatus(await weft(['list', '--data', saved('part')]), 0, 'weft list of what was salvaged');
  const { endpoint } = await serveProcess(t, ['--data', saved('part')]);
  assert.equal((await fetch(`${endpoint}/_weft/health`)).status, 200);
});
