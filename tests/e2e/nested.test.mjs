// Nested executions as a user of `weft run` meets them: the flag that brings their state machines, what they started without
// waiting for it, and kill -9 while they run.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, expectStatus, fanOut, invoke, machine, root, scratch, serve, start, until, weft, weftProgram, weftRun } from './lib.mjs';

const startExecution = (pattern, name, more = {}) => ({
  Type: 'Task', Resource: `arn:aws:states:::states:startExecution${pattern}`, End: true,
  Arguments: { StateMachineArn: `arn:aws:states:eu-west-1:123456789012:stateMachine:${name}`, Input: '{% $states.input %}' },
  ...more,
});
const list = async data => JSON.parse((await weft(['list', '--data', data, '--limit', '100', '--json'])).stdout).executions;

test('a state machine that was not given is named before anything starts', async t => {
  const directory = scratch(t);
  const outer = definitionFile(directory, machine({ Run: startExecution('', 'inner') }), 'outer.asl.json');
  const missing = await weft(['run', outer, '--data', path.join(directory, 'data')]);
  expectStatus(missing, 2, 'weft run');
  assert.equal(missing.stderr.trim().split('\n').at(-1),
    "weft: The definition starts the state machine 'inner', which was not given: add --state-machine inner=FILE");
  const wrong = await weft(['run', outer, '--data', path.join(directory, 'data'), '--state-machine', outer]);
  expectStatus(wrong, 2, 'weft run');
  assert.match(wrong.stderr, /there is another state machine 'outer'; name one of them with NAME=FILE/);
});

test('what was started without waiting ends with the run, in its trace', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const outer = definitionFile(directory, machine({ Run: startExecution('', 'inner') }), 'outer.asl.json');
  const inner = definitionFile(directory, machine({ Pause: { Type: 'Wait', Seconds: 1, End: true } }), 'pause.asl.json');
  const { report, ...result } = await weftRun([outer, '--state-machine', `inner=${inner}`, '--data', data]);
  expectStatus(result, 0, 'weft run');
  assert.equal(report.status, 'SUCCEEDED');
  const executions = await list(data);
  assert.deepEqual(executions.map(each => each.status), ['SUCCEEDED', 'SUCCEEDED']);
  const drawn = await weft(['trace', 'latest', '--data', data]);
  assert.match(drawn.stdout, /^outer .*\n(?:.*\n)*.*Run · Task.*\n.*\n? *.* Pause · Wait/m);
});

test('what nested executions of children log is bounded with the children, and read with them', async t => {
  const COUNT = 60, BUDGET = 5;
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const outer = definitionFile(directory, fanOut(COUNT, {
    Say: { ...invoke('speak'), End: undefined, Next: 'Start' },
    Start: startExecution('.sync:2', 'inner', { Output: '{% $states.result.Output %}' }),
  }), 'outer.asl.json');
  const inner = definitionFile(directory, machine({ Say: invoke('speak') }), 'inner.asl.json');
  const source = path.join(directory, 'speak.mjs');
  fs.writeFileSync(source, "export const handler = async event => { console.log(`item ${JSON.stringify(event)}.`); return event; };\n");
  const result = await weftRun([outer, '--state-machine', inner, '--name', 'talk', '--data', data, '--detail-budget', `${BUDGET}`,
    '--function', `speak=${source}:handler,concurrency=2`]);
  expectStatus(result, 0, 'weft run');
  const logs = async (...more) => {
    const answer = await weft(['logs', ...more, '--json']);
    expectStatus(answer, 0, `weft logs ${more}`);
    return answer.stdout;
  };
  const { lines } = JSON.parse(await logs('talk', '--data', data));
  const kept = [...new Set(lines.map(line => line.index))];
  assert.equal(kept.length, BUDGET);
  assert.deepEqual(lines.map(line => [line.index, line.nested === undefined]),
    kept.flatMap(index => [[index, true], [index, false]]), 'each child, then what it started');
  assert.ok(lines.every(line => line.child && line.map && line.state === 'Say'));
  const { child, nested } = lines.find(line => line.nested);
  assert.equal(JSON.parse(await logs('talk', '--data', data, '--child', child)).lines.length, 2);
  assert.deepEqual(JSON.parse(await logs('talk', '--data', data, '--child', nested)).lines.map(line => line.nested), [nested]);
  assert.equal(JSON.parse(await logs(nested, '--data', data)).lines.length, 1);
  const text = await weft(['logs', 'talk', '--data', data]);
  assert.match(text.stdout, /\[\d+\] inner  stdout/);
  // Those of the others are gone, their histories are not.
  const executions = (await list(data)).filter(each => each.stateMachineArn.endsWith(':inner'));
  assert.equal(executions.length, COUNT);
  const lost = executions.find(each => !lines.some(line => line.nested === each.executionArn)).executionArn;
  const one = await weft(['logs', lost, '--data', data]);
  assert.match(one.stderr, /this execution's functions were not kept, nor those of the child that started it: detail kept for 5 of 60/);
  assert.match((await weft(['history', lost, '--data', data])).stdout, /ExecutionSucceeded/);
  const whole = await logs('talk', '--data', data);
  const grep = await logs('talk', '--data', data, '--grep', `item ${kept[0] + 1}.`);
  assert.equal(JSON.parse(grep).lines.length, 2);
  const endpoint = await serve(t, ['--data', data]);
  assert.equal(await logs('talk', '--endpoint', endpoint), whole);
  assert.equal(await logs('talk', '--endpoint', endpoint, '--grep', `item ${kept[0] + 1}.`), grep);
  const ask = async question => (await fetch(`${endpoint}/_weft/v1/exec/logs?${new URLSearchParams(question)}`)).json();
  const arn = JSON.parse(whole).arn;
  const pages = [];
  for (let page = await ask({ arn, limit: 1 }); ; page = await ask({ arn, limit: 1, after: page.next })) {
    pages.push(...page.lines);
    if (!page.next) break;
  }
  assert.deepEqual(pages, lines);
});

test('nested executions survive two kill -9 and run once each', async t => {
  const COUNT = 30;
  const directory = scratch(t);
  const data = path.join(directory, 'data'), marks = path.join(directory, 'marks'), limit = path.join(directory, 'limit');
  fs.mkdirSync(marks);
  const outer = definitionFile(directory, fanOut(COUNT, {
    Start: startExecution('.sync:2', 'inner', { Output: '{% $states.result.Output %}' }),
  }), 'outer.asl.json');
  const inner = definitionFile(directory, machine({ Call: invoke('count') }), 'inner.asl.json');
  const flags = ['--data', data, '--function',
    `count=${path.join(root, 'tests', 'e2e', 'functions', 'counted.mjs')}:handler,concurrency=2,timeout=600,env.MARKS=${marks},env.LIMIT=${limit}`];
  for (let kill = 0; kill < 2; kill++) {
    const most = (kill + 1) * COUNT / 3;
    fs.writeFileSync(limit, String(most));
    const run = start(weftProgram, kill === 0 ? ['run', outer, '--state-machine', inner, ...flags] : ['run', '--resume', ...flags]);
    await until(() => run.exitCode !== null || fs.readdirSync(marks).length >= most, `no progress: ${run.text.stderr}`);
    assert.equal(run.exitCode, null, run.text.stderr);
    run.kill('SIGKILL');
    await run.done;
  }
  fs.writeFileSync(limit, 'Infinity');
  const last = await weftRun(['--resume', ...flags]);
  expectStatus(last, 0, 'weft run --resume');
  const executions = await list(data);
  assert.equal(executions.length, COUNT + 1, 'each child started one');
  assert.ok(executions.every(each => each.status === 'SUCCEEDED'));
  const described = JSON.parse((await weft(['describe', 'latest', '--data', data, '--json'])).stdout);
  assert.equal(described.output, JSON.stringify(Array.from({ length: COUNT }, (_, i) => i + 1)));
});
