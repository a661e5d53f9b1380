// An execution that failed goes on: through RedriveExecution (aws-cli, boto3), through weft redrive, and after a kill -9.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {
  aws, awsResult, definitionFile, expectStatus, fanOut, invoke, keysOf, root, scratch, serve, start, until, weft, weftProgram,
} from './lib.mjs';

const COUNT = 30;
const numbers = Array.from({ length: COUNT }, (_, i) => i + 1);
const repaired = path.join(root, 'tests', 'e2e', 'functions', 'repaired.mjs');

function place(t) {
  const directory = scratch(t);
  const marks = path.join(directory, 'marks'), fixed = path.join(directory, 'fixed');
  fs.mkdirSync(marks);
  const flags = ['--data', path.join(directory, 'data'),
    '--function', `repaired=${repaired}:handler,concurrency=2,timeout=600,env.MARKS=${marks},env.FIXED=${fixed}`];
  return { directory, marks, flags, fix: () => fs.writeFileSync(fixed, '') };
}

const machine = (type, more = {}) => {
  const definition = fanOut(COUNT, { Call: invoke('repaired') }, { ToleratedFailurePercentage: undefined, ...more });
  definition.States.Each.ItemProcessor.ProcessorConfig.ExecutionType = type;
  return definition;
};

/** How often each number was called. */
const calls = marks => Object.fromEntries(keysOf(marks).map(key => [key, fs.statSync(path.join(marks, key)).size]));

for (const type of ['STANDARD', 'EXPRESS']) {
  test(`weft redrive: only the children that failed run again (${type})`, async t => {
    const { directory, marks, flags, fix } = place(t);
    const file = definitionFile(directory, machine(type, { ToleratedFailureCount: 9, MaxConcurrency: 1 }));
    expectStatus(await weft(['run', file, '--name', 'r', ...flags]), 1, 'weft run');
    const before = calls(marks);
    assert.deepEqual(Object.values(before).every(count => count === 1), true);
    fix();
    const redriven = await weft(['redrive', '--json', ...flags]);
    expectStatus(redriven, 0, 'weft redrive');
    assert.deepEqual(JSON.parse(JSON.parse(redriven.stdout).output), numbers);
    for (const [number, count] of Object.entries(calls(marks))) {
      assert.equal(count, before[number] && number % 3 === 0 ? 2 : 1, `calls with ${number}`);
    }
    expectStatus(await weft(['redrive', ...flags]), 2, 'weft redrive of one that succeeded');
    const trace = await weft(['trace', 'latest', '--data', path.join(directory, 'data')]);
    assert.match(trace.stdout, /redrive 1/);
  });
}

test('RedriveExecution by aws-cli: counts, dates, histories, lists', async t => {
  const { directory, flags, fix } = place(t);
  const file = definitionFile(directory, machine('STANDARD', { ToleratedFailureCount: 9 }));
  expectStatus(await weft(['run', file, '--name', 'r', ...flags]), 1, 'weft run');
  const endpoint = await serve(t, flags);
  const sfn = (...args) => aws(endpoint, 'stepfunctions', ...args);
  const { stateMachines } = await sfn('list-state-machines');
  const { executions } = await sfn('list-executions', '--state-machine-arn', stateMachines[0].stateMachineArn);
  const { executionArn } = executions[0];
  const failed = await sfn('describe-execution', '--execution-arn', executionArn);
  assert.deepEqual([failed.status, failed.redriveCount, failed.redriveStatus], ['FAILED', 0, 'REDRIVABLE']);
  fix();
  const { redriveDate } = await sfn('redrive-execution', '--execution-arn', executionArn, '--client-token', 'once');
  assert.deepEqual(await sfn('redrive-execution', '--execution-arn', executionArn, '--client-token', 'once'), { redriveDate });
  const done = await until(async () => {
    const view = await sfn('describe-execution', '--execution-arn', executionArn);
    return view.status !== 'RUNNING' && view;
  }, 'the redriven execution does not end');
  assert.deepEqual([done.status, done.redriveCount, done.redriveDate, done.redriveStatus, done.redriveStatusReason],
    ['SUCCEEDED', 1, redriveDate, 'NOT_REDRIVABLE', 'Execution is SUCCEEDED and cannot be redriven']);
  const refused = await awsResult(endpoint, 'stepfunctions', 'redrive-execution', '--execution-arn', executionArn);
  assert.match(refused.stderr, /ExecutionNotRedrivable.*Execution is SUCCEEDED and cannot be redriven/);

  const { mapRuns } = await sfn('list-map-runs', '--execution-arn', executionArn);
  assert.equal(mapRuns.length, 1, 'a redrive goes on with the same Map Run');
  const { mapRunArn } = mapRuns[0];
  const run = await sfn('describe-map-run', '--map-run-arn', mapRunArn);
  const all = { pending: 0, running: 0, succeeded: COUNT, failed: 0, timedOut: 0, aborted: 0, total: COUNT, resultsWritten: COUNT,
    failuresNotRedrivable: 0, pendingRedrive: 0 };
  const { startDate, stopDate, redriveDate: mapRunRedriveDate, ...members } = run;
  assert.deepEqual(members, { mapRunArn, executionArn, status: 'SUCCEEDED', maxConcurrency: 0, toleratedFailurePercentage: 0, toleratedFailureCount: 9,
    itemCounts: all, executionCounts: all, redriveCount: 1 });
  assert.ok(startDate < redriveDate - 0.001 && mapRunRedriveDate >= redriveDate - 1 && stopDate >= mapRunRedriveDate, JSON.stringify(run));
  const listed = filter => sfn('list-executions', '--map-run-arn', mapRunArn, ...filter).then(answer => answer.executions);
  const again = await listed(['--redrive-filter', 'REDRIVEN']);
  assert.ok(again.length >= 10 && again.every(child => child.redriveCount === 1 && child.startDate < child.redriveDate));
  const once = await listed(['--redrive-filter', 'NOT_REDRIVEN']);
  assert.ok(once.every(child => child.redriveCount === 0 && child.redriveDate === undefined));
  assert.equal(new Set([...again, ...once].map(child => child.executionArn)).size, COUNT);
  assert.equal(again.length + once.length, COUNT);
  assert.deepEqual(await listed(['--redrive-filter', 'REDRIVEN', '--status-filter', 'FAILED']), []);
  assert.deepEqual(await listed(['--status-filter', 'PENDING_REDRIVE']), []);
  const parents = filter => sfn('list-executions', '--state-machine-arn', stateMachines[0].stateMachineArn, '--redrive-filter', filter)
    .then(answer => answer.executions.map(one => [one.executionArn, one.redriveCount, one.redriveDate]));
  assert.deepEqual(await parents('REDRIVEN'), [[executionArn, 1, redriveDate]]);
  assert.deepEqual(await parents('NOT_REDRIVEN'), []);
  const { events } = await sfn('get-execution-history', '--execution-arn', executionArn);
  assert.deepEqual(events.slice(-7).map(event => event.type), ['ExecutionFailed', 'ExecutionRedriven', 'MapRunRedriven', 'MapRunSucceeded',
    'MapStateSucceeded', 'MapStateExited', 'ExecutionSucceeded']);
  assert.deepEqual(events.at(-5).mapRunRedrivenEventDetails, { mapRunArn, redriveCount: 1 });
  const child = await sfn('describe-execution', '--execution-arn', again[0].executionArn);
  assert.deepEqual([child.status, child.redriveCount], ['SUCCEEDED', 1]);
  const history = await sfn('get-execution-history', '--execution-arn', again[0].executionArn);
  assert.ok(history.events.some(event => event.type === 'ExecutionRedriven'));
});

test('RedriveExecution by boto3', async t => {
  const { directory, flags, fix } = place(t);
  const file = definitionFile(directory, machine('STANDARD'));
  expectStatus(await weft(['run', file, '--name', 'r', ...flags]), 1, 'weft run');
  fix();
  const endpoint = await serve(t, flags);
  const script = `
import boto3, sys, time
sfn = boto3.client('stepfunctions', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='a', aws_secret_access_key='b')
machine = sfn.list_state_machines()['stateMachines'][0]['stateMachineArn']
arn = sfn.list_executions(stateMachineArn=machine)['executions'][0]['executionArn']
assert 'redriveDate' in sfn.redrive_execution(executionArn=arn)
try:
    sfn.redrive_execution(executionArn='arn:aws:states:us-east-1:000000000000:execution:none:none')
except sfn.exceptions.ExecutionDoesNotExist: pass
while sfn.describe_execution(executionArn=arn)['status'] == 'RUNNING': pass
try:
    sfn.redrive_execution(executionArn=arn)
except sfn.exceptions.ExecutionNotRedrivable as error: print(error.response['Error']['Message'])
`;
  const result = await start('python3', ['-c', script, endpoint]).done;
  expectStatus(result, 0, 'boto3');
  assert.match(result.stdout, /Execution is SUCCEEDED and cannot be redriven/);
});

test('a redrive survives kill -9', async t => {
  const { directory, marks, flags, fix } = place(t);
  const file = definitionFile(directory, machine('STANDARD', { ToleratedFailureCount: 9 }));
  expectStatus(await weft(['run', file, '--name', 'r', ...flags]), 1, 'weft run');
  const before = Object.values(calls(marks)).reduce((sum, count) => sum + count, 0);
  fix();
  const run = start(weftProgram, ['redrive', ...flags]);
  await until(() => run.exitCode !== null || Object.values(calls(marks)).reduce((sum, count) => sum + count, 0) > before, 'no progress');
  run.kill('SIGKILL');
  await run.done;
  if (run.exitCode !== 0) expectStatus(await weft(['run', '--resume', ...flags]), 0, 'weft run --resume');
  const listed = await weft(['describe', 'r', '--json', '--data', path.join(directory, 'data')]);
  expectStatus(listed, 0, 'weft describe');
  assert.equal(JSON.parse(listed.stdout).status, 'SUCCEEDED');
  assert.deepEqual(Object.keys(calls(marks)).map(Number).sort((a, b) => a - b), numbers);
});

test('what goes on or reads makes no data directory; what --resume cannot take is refused', async t => {
  const { directory, flags, fix } = place(t);
  const none = path.join(directory, 'none');
  for (const command of [['redrive'], ['run', '--resume'], ['replay', 'latest'], ['list'], ['describe', 'latest'], ['trace', 'latest'], ['history', 'latest'],
    ['explain', 'latest'], ['logs', 'latest'], ['metrics']]) {
    const result = await weft([...command, '--data', none]);
    expectStatus(result, 2, command.join(' '));
    assert.match(result.stderr, /none/, command.join(' '));
    assert.equal(fs.existsSync(none), false, `${command[0]} made the directory`);
  }
  const file = definitionFile(directory, machine('STANDARD'));
  fix();
  expectStatus(await weft(['run', file, '--name', 'r', '--input', '{"a":1}', ...flags]), 0, 'weft run');
  const resume = more => weft(['run', '--resume', ...more, ...flags]);
  const refused = await resume(['--input', '{"a":2}']);
  expectStatus(refused, 2, '--input');
  assert.match(refused.stderr, /--input: arn:[^ ]*:r began with another input/);
  assert.match((await resume(['--name', 'other'])).stderr, /--name other: what --resume goes on with is arn:[^ ]*:r;/);
  expectStatus(await resume(['--input', '{ "a": 1 }', '--name', 'r']), 0, 'the same input');
});
