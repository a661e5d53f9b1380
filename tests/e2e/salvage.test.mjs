// A part of a store is lost: what `weft doctor --salvage` and --accept-data-loss leave is taken over, every open execution goes on to
// the end it would have had or to one that says what is lost, and doctor tells the same.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, definitionFile, expectStatus, fanOut, invoke, root, scratch, serveProcess, start, until, weft, weftProgram } from './lib.mjs';

const gate = path.join(root, 'tests', 'e2e', 'functions', 'gate.mjs');
const COUNT = 12;
const storeOf = data => path.join(data, 'store');
const filesOf = (data, ...endings) => fs.readdirSync(storeOf(data)).filter(name => endings.some(ending => name.endsWith(ending))).map(name => path.join(storeOf(data), name)).sort();
const copyOf = (data, to) => { fs.cpSync(data, to, { recursive: true }); return to; };

/** Whether a program ends by itself, with one of these statuses. */
async function endsWith(statuses, args, what) {
  const result = await start(weftProgram, args, { timeout: 240_000 }).done;
  assert.ok(statuses.includes(result.code), `${what}: exit status ${result.code ?? result.signal}\n${result.stdout}\n${result.stderr}`);
  return result;
}

/**
 * A data directory that was stopped cleanly, everything in tables, or killed, with an open execution whose Map Run is half done, and how its
 * results are read; `flags` let it go on.
 */
async function halfDone(t, directory, { writer = false, killed = false } = {}) {
  const data = path.join(directory, 'data'), out = path.join(directory, 'out'), open = path.join(directory, 'open');
  fs.mkdirSync(out);
  const flags = ['--function', `gate=${gate}:handler,concurrency=4,timeout=600,env.GATE=${open}`, '--bucket', `out=${out}`];
  const states = {
    Free: { Type: 'Choice', Default: 'Call', Choices: [{ Condition: `{% $states.input <= ${COUNT / 2} %}`, Next: 'Done' }] },
    Done: { Type: 'Pass', End: true },
    Call: invoke('gate'),
  };
  const file = definitionFile(directory, fanOut(COUNT, states, writer && { ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'p' } } }));
  const server = await serveProcess(t, [file, '--data', data, ...flags]);
  const { stateMachines: [{ stateMachineArn }] } = await call(server.endpoint, 'ListStateMachines', {});
  const { executionArn } = await call(server.endpoint, 'StartExecution', { stateMachineArn, name: 'half', input: '{"in":1}' });
  await until(async () => {
    const { mapRuns: [run] } = await call(server.endpoint, 'ListMapRuns', { executionArn });
    return run && (await call(server.endpoint, 'DescribeMapRun', { mapRunArn: run.mapRunArn })).executionCounts.succeeded === COUNT / 2;
  }, 'half of the children do not get done');
  server.child.kill(killed ? 'SIGKILL' : 'SIGINT');
  await server.child.done;
  fs.writeFileSync(open, '');
  return { data, out, flags, executionArn, file };
}

const records = out => fs.readdirSync(out, { recursive: true }).filter(name => /SUCCEEDED.*json$/.test(name))
  .flatMap(name => JSON.parse(fs.readFileSync(path.join(out, name), 'utf8'))).map(({ Input, Output }) => ({ Input, Output }));
const inputs = Array.from({ length: COUNT }, (_, i) => i + 1);

/** Salvages `damaged`, and goes on with what is left: how the execution ended, "gone", or "nothing" where there is no copy. */
async function goOn({ damaged, saved, out, flags, executionArn, writer, what }) {
  const salvage = await endsWith([0, 1, 2], ['doctor', damaged, '--salvage', saved, '--json'], `salvage ${what}`);
  if (salvage.code === 2) {
    assert.match(salvage.stderr, /no copy was made/, what);
    return { end: 'nothing', missing: [salvage.stderr] };
  }
  const { missing, mended } = JSON.parse(salvage.stdout).salvaged;
  const whole = missing.length === 0 && mended.length === 0;
  assert.equal(salvage.code, whole ? 0 : 1, what);
  const seen = await endsWith([0], ['doctor', saved], `doctor of what is left, ${what}`);
  assert.match(seen.stdout, whole ? /nothing is missing/ : /lost before[^]*Everything that is left was read, and fits together/, what);
  fs.rmSync(out, { recursive: true });
  fs.mkdirSync(out);
  // 2: no execution is left to resume, which it says.
  const resumed = await endsWith([0, 1, 2], ['run', '--resume', '--data', saved, ...flags], `resume, ${what}`);
  if (resumed.code === 2) assert.match(resumed.stderr, /holds no execution to resume/, `${what}: ${missing} ${mended}`);
  const listed = JSON.parse((await endsWith([0], ['list', '--data', saved, '--json'], `list, ${what}`)).stdout).executions;
  assert.ok(listed.every(one => one.status !== 'RUNNING'), `${what}: ${JSON.stringify(listed)}`);
  const mine = listed.find(one => one.executionArn === executionArn);
  if (!mine) {
    assert.ok(!whole, `${what}: the execution is gone without a word`);
    return { end: 'gone', missing };
  }
  const described = JSON.parse((await endsWith([0], ['describe', executionArn, '--data', saved, '--json'], `describe, ${what}`)).stdout);
  if (mine.status !== 'SUCCEEDED') {
    assert.ok(!whole, `${what}: ${mine.status} without a loss`);
    assert.match(described.cause ?? '', /lost/, `${what}: ${missing} ${mended}`);
  } else if (writer) {
    assert.deepEqual(records(out).map(one => Number(one.Input)).sort((a, b) => a - b), inputs, what);
  } else {
    assert.deepEqual(JSON.parse(described.output), inputs, what);
  }
  return { end: mine.status, missing };
}

for (const writer of [false, true]) {
  test(`whatever file is lost, what is salvaged goes on${writer ? ', and writes whole results' : ''}`, async t => {
    const directory = scratch(t);
    const half = await halfDone(t, directory, { writer });
    const ends = new Map();
    for (const [number, file] of filesOf(half.data, '.sst', '.blob').entries()) {
      const name = path.basename(file);
      const damaged = copyOf(half.data, path.join(directory, `damaged-${number}`)), saved = path.join(directory, `saved-${number}`);
      const lost = path.join(storeOf(damaged), name);
      if (number % 2 === 0) fs.rmSync(lost);
      else fs.truncateSync(lost, Math.floor(fs.statSync(lost).size / 2));
      const { end, missing } = await goOn({ ...half, damaged, saved, writer, what: `without ${name}` });
      assert.ok(missing.some(text => text.includes(name)), `${name}: ${missing}`);
      ends.set(name, end);
      const { endpoint, child } = await serveProcess(t, ['--data', saved, ...half.flags]);
      assert.equal((await fetch(`${endpoint}/_weft/health`)).status, 200);
      child.kill('SIGINT');
      await child.done;
    }
    t.diagnostic(JSON.stringify([...ends]));
    assert.ok([...ends.values()].includes('SUCCEEDED') && [...ends.values()].includes('FAILED'), `${[...ends]}`);
  });
}

// More of them: `WEFT_SALVAGE_CASES=300 WEFT_SALVAGE_SEED=7`.
test('random damage', async t => {
  const cases = Number(process.env.WEFT_SALVAGE_CASES ?? 6);
  let state = Number(process.env.WEFT_SALVAGE_SEED ?? 1);
  const random = below => { state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; return Math.floor(state / 2 ** 32 * below); };
  const directory = scratch(t), halves = [];
  for (const [number, options] of [{}, { writer: true }, { killed: true }, { writer: true, killed: true }].entries()) {
    const place = path.join(directory, `${number}`);
    fs.mkdirSync(place);
    halves.push({ ...await halfDone(t, place, options), ...options });
  }
  const ends = {};
  for (let i = 0; i < cases; i++) {
    const half = halves[random(halves.length)];
    const damaged = copyOf(half.data, path.join(directory, 'damaged')), saved = path.join(directory, 'saved');
    let what = `case ${i}${half.killed ? ', killed' : ''}${half.writer ? ', writes results' : ''}`;
    for (let n = 1 + random(2); n > 0; n--) what += `, ${damage(storeOf(damaged), random)}`;
    const { end } = await goOn({ ...half, damaged, saved, what });
    ends[end] = (ends[end] ?? 0) + 1;
    fs.rmSync(damaged, { recursive: true });
    fs.rmSync(saved, { recursive: true, force: true });
  }
  t.diagnostic(JSON.stringify(ends));
});

/** Damages a file of a store, and says how. */
function damage(store, random) {
  const names = fs.readdirSync(store).sort(), name = names[random(names.length)], file = path.join(store, name);
  const bytes = fs.readFileSync(file), at = random(Math.max(1, bytes.length));
  switch (bytes.length === 0 ? 0 : random(5)) {
    case 0: fs.rmSync(file); return `${name} deleted`;
    case 1: fs.truncateSync(file, at); return `${name} cut to ${at} of ${bytes.length}`;
    case 2: bytes.fill(0, at, Math.min(bytes.length, at + 1 + random(4_096))); break;
    default: bytes[at] ^= 1 << random(8);
  }
  fs.writeFileSync(file, bytes);
  return `${name} damaged at ${at} of ${bytes.length}`;
}

test('an execution that writes results waits for their bucket', async t => {
  const directory = scratch(t);
  const { data, flags, executionArn } = await halfDone(t, directory, { writer: true });
  const without = flags.slice(0, 2);
  const refused = await weft(['run', '--resume', '--data', data, ...without]);
  expectStatus(refused, 2, 'weft run --resume without the bucket');
  assert.match(refused.stderr, /writes results to the bucket 'out', which was not given: add --bucket out=/);
  const server = await serveProcess(t, ['--data', data, ...without]);
  assert.match(server.child.text.stderr, /half is open and waits\. The definition writes results to the bucket 'out'/);
  assert.equal((await call(server.endpoint, 'DescribeExecution', { executionArn })).status, 'RUNNING');
  server.child.kill('SIGINT');
  await server.child.done;
  expectStatus(await weft(['run', '--resume', '--data', data, ...flags]), 0, 'weft run --resume');
});

test('doctor looks at the files that opening does not need, too', async t => {
  const directory = scratch(t);
  const { data } = await halfDone(t, directory);
  const names = fs.readdirSync(storeOf(data)).filter(name => /^(OPTIONS-|IDENTITY$|MANIFEST\.copy$)/.test(name));
  assert.ok(names.length >= 3, `${names}`);
  for (const name of names) {
    const damaged = copyOf(data, path.join(directory, `damaged-${name}`)), file = path.join(storeOf(damaged), name);
    const bytes = fs.readFileSync(file);
    bytes[Math.floor(bytes.length / 2)] ^= 1;
    fs.writeFileSync(file, bytes);
    const seen = await weft(['doctor', damaged]);
    expectStatus(seen, 1, `doctor with a bit of ${name} flipped`);
    assert.match(seen.stdout, new RegExp(`DAMAGED: the file\\s+\\S*${name.replace('.', '\\.')}`));
    fs.rmSync(file);
    expectStatus(await weft(['doctor', damaged]), 1, `doctor without ${name}`);
  }
  expectStatus(await weft(['doctor', data]), 0, 'doctor');
});

test('--accept-data-loss decides before it does anything, and doctor tells what it could not read', async t => {
  const directory = scratch(t);
  const { data } = await halfDone(t, directory);
  const [manifest] = fs.readdirSync(storeOf(data)).filter(name => name.startsWith('MANIFEST-')).map(name => path.join(storeOf(data), name));
  const bytes = fs.readFileSync(manifest);
  bytes[Math.floor(bytes.length / 3)] ^= 1;
  fs.writeFileSync(manifest, bytes);
  const before = fs.readdirSync(data, { recursive: true }).sort();
  const refused = await weft(['serve', '--listen', '127.0.0.1:0', '--data', data, '--accept-data-loss']);
  expectStatus(refused, 2, 'weft serve --accept-data-loss');
  assert.doesNotMatch(refused.stderr, /data is lost/);
  assert.match(refused.stderr, /--accept-data-loss cannot go past it: .*MANIFEST.*--salvage copies what can be read/);
  assert.deepEqual(fs.readdirSync(data, { recursive: true }).sort().filter(name => name !== 'endpoint'), before.filter(name => name !== 'endpoint'));
  const seen = await weft(['doctor', data]);
  expectStatus(seen, 1, 'weft doctor');
  assert.match(seen.stdout, /executions +not read: the store cannot be opened/);
  assert.doesNotMatch(seen.stdout, /format +none/);
});

test('a log that is gone is named', async t => {
  const directory = scratch(t), data = path.join(directory, 'data');
  const before = await serveProcess(t, ['--data', data]);
  before.child.kill('SIGINT');
  await before.child.done;
  const { endpoint, child } = await serveProcess(t, ['--data', data]);
  for (let i = 0; i < 5; i++) await call(endpoint, 'CreateActivity', { name: `a${i}` });
  child.kill('SIGKILL');
  await child.done;
  const [log] = filesOf(data, '.log').sort((a, b) => fs.statSync(b).size - fs.statSync(a).size);
  fs.rmSync(log);
  const refused = await weft(['list', '--data', data]);
  expectStatus(refused, 2, 'weft list');
  assert.match(refused.stderr, new RegExp(`E_LOST_TAIL.*${path.basename(log)} is missing`));
});
