// The classics of tasks that somebody else answers: an approval by callback token, workers of an activity in Python and
// in Node, a saga with compensation; and what kill -9 leaves of them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { aws, awsResult, cleanUp, definitionFile, machine, root, scratch, serve, serveProcess, start, stepFunctions, until, weftProgram } from './lib.mjs';

const roleArn = 'arn:aws:iam::000000000000:role/test';
const hasBoto3 = spawnSync('python3', ['-c', 'import boto3']).status === 0;

/** A Task that has a function ask somebody, by the name in its input. */
const ask = (more = {}) => ({
  Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', End: true,
  Arguments: { FunctionName: 'ask', Payload: { name: '{% $states.input.name %}', token: '{% $states.context.Task.Token %}' } }, ...more,
});
const askFlags = directory => {
  const tokens = path.join(directory, 'tokens');
  fs.mkdirSync(tokens, { recursive: true });
  return ['--data', path.join(directory, 'data'), '--function', `ask=${path.join(root, 'tests/e2e/functions/ask.mjs')}:handler,env.TOKENS=${tokens}`];
};
const tokenOf = (directory, name) => until(() => {
  const file = path.join(directory, 'tokens', name);
  return fs.existsSync(file) && fs.readFileSync(file, 'utf8');
}, `nobody was asked for ${name}`);

async function begin(sfn, name, definition, input = {}) {
  const { stateMachineArn } = await sfn.createStateMachine({ name, roleArn, definition: JSON.stringify(definition) });
  const { executionArn } = await sfn.startExecution({ stateMachineArn, input: JSON.stringify(input) });
  return executionArn;
}
const ended = (sfn, executionArn) => until(async () => {
  const execution = await sfn.describeExecution({ executionArn });
  return execution.status !== 'RUNNING' && execution;
}, `${executionArn} does not end`);
const types = async (sfn, executionArn) => (await sfn.getExecutionHistory({ executionArn })).events.map(event => event.type);

/** Works for an activity until the test has ended: `work(input)` answers, or throws {error, cause}. */
function worker(t, sfn, activityArn, workerName, work) {
  let going = true;
  const loop = (async () => {
    while (going) {
      const { taskToken, input } = await sfn.getActivityTask({ activityArn, workerName });
      if (!taskToken) continue;
      try {
        await sfn.sendTaskSuccess({ taskToken, output: JSON.stringify(await work(JSON.parse(input))) });
      } catch (fault) {
        if (!fault.error) throw fault;
        await sfn.sendTaskFailure({ taskToken, ...fault });
      }
    }
  })().catch(() => {});  // the server ends before the worker
  cleanUp(t, () => { going = false; });
  return loop;
}

test('an approval by callback token, answered by aws-cli after a kill -9', async t => {
  const directory = scratch(t);
  const before = await serveProcess(t, askFlags(directory));
  let sfn = await stepFunctions(before.endpoint);
  const executionArn = await begin(sfn, 'approval', machine({
    Ask: ask({ Output: '{% $states.result.approved %}', TimeoutSeconds: 3600 }),
  }), { name: 'boss' });
  const token = await tokenOf(directory, 'boss');
  await until(async () => (await types(sfn, executionArn)).includes('TaskSubmitted'), 'the token is not out');
  before.child.kill('SIGKILL');
  await before.child.done;

  const endpoint = await serve(t, askFlags(directory));
  sfn = await stepFunctions(endpoint);
  const malformed = await awsResult(endpoint, 'stepfunctions', 'send-task-success', '--task-token', token, '--task-output', 'yes');
  assert.match(malformed.stderr, /InvalidOutput/);
  await aws(endpoint, 'stepfunctions', 'send-task-heartbeat', '--task-token', token);
  await sfn.sendTaskSuccess({ taskToken: token, output: '{"approved": true}' });
  assert.equal((await ended(sfn, executionArn)).output, 'true');
  assert.deepEqual(await types(sfn, executionArn), ['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted',
    'TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded']);
  for (const again of [() => sfn.sendTaskSuccess({ taskToken: token, output: '1' }), () => sfn.sendTaskFailure({ taskToken: token }), () => sfn.sendTaskHeartbeat({ taskToken: token })]) {
    await assert.rejects(again(), { name: 'TaskTimedOut', message: "Task Timed Out: 'Provided task does not exist anymore'" });
  }
  await assert.rejects(sfn.sendTaskSuccess({ taskToken: 'made up', output: '1' }), { name: 'InvalidToken', message: "Invalid Token: 'Invalid token'" });
});

test('children of a Map Run wait for tokens, each for its own, across a kill -9', async t => {
  const children = 50;
  const directory = scratch(t);
  const before = await serveProcess(t, askFlags(directory));
  const executionArn = await begin(await stepFunctions(before.endpoint), 'each', machine({
    Each: {
      Type: 'Map', Label: 'Each', End: true, Items: `{% [1..${children}].{"name": "n" & $} %}`,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Ask', States: { Ask: ask() } },
    },
  }));
  const tokens = [];
  for (let n = 1; n <= children; n++) tokens.push(await tokenOf(directory, `n${n}`));
  before.child.kill('SIGKILL');
  await before.child.done;
  const sfn = await stepFunctions(await serve(t, askFlags(directory)));
  await Promise.all(tokens.map((taskToken, n) => sfn.sendTaskSuccess({ taskToken, output: String(n + 1) })));
  const { status, output } = await ended(sfn, executionArn);
  assert.equal(status, 'SUCCEEDED');
  assert.deepEqual(JSON.parse(output), Array.from({ length: children }, (_, n) => n + 1));
});

test('a worker of an activity in Python', { skip: !hasBoto3 && 'NOT RUN: boto3 is missing (apt-get install python3-boto3)' }, async t => {
  const directory = scratch(t);
  const endpoint = await serve(t, ['--data', path.join(directory, 'data')]);
  const sfn = await stepFunctions(endpoint);
  const { activityArn } = await sfn.createActivity({ name: 'double', tags: [{ key: 'team', value: 'a' }] });
  const child = start('python3', [path.join(root, 'tests/e2e/workers/worker.py'), endpoint, activityArn, 'python']);
  cleanUp(t, () => { child.kill('SIGKILL'); return child.done; });
  const definition = { StartAt: 'Work', States: { Work: { Type: 'Task', Resource: activityArn, HeartbeatSeconds: 60, TimeoutSeconds: 3600, End: true } } };
  const good = await begin(sfn, 'double', definition, { n: 21 });
  const bad = await begin(sfn, 'double', definition, { n: -1 });
  assert.deepEqual(JSON.parse((await ended(sfn, good)).output), { n: 42, by: 'python' });
  const failed = await ended(sfn, bad);
  assert.deepEqual([failed.status, failed.error, failed.cause], ['FAILED', 'Negative', '-1 is negative']);
  const { events } = await sfn.getExecutionHistory({ executionArn: good });
  assert.equal(events.find(event => event.type === 'ActivityStarted').activityStartedEventDetails.workerName, 'python');
});

test('workers of an activity in Node share its work', async t => {
  const directory = scratch(t);
  const sfn = await stepFunctions(await serve(t, ['--data', path.join(directory, 'data')]));
  const { activityArn } = await sfn.createActivity({ name: 'square' });
  assert.equal((await sfn.createActivity({ name: 'square' })).activityArn, activityArn);
  assert.deepEqual((await sfn.listActivities({})).activities.map(activity => activity.name), ['square']);
  const executionArn = await begin(sfn, 'squares', machine({
    Each: {
      Type: 'Map', Label: 'Each', Items: '{% [1..40] %}', End: true,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Work', States: { Work: { Type: 'Task', Resource: activityArn, End: true } } },
    },
  }));
  for (const name of ['one', 'two', 'three']) worker(t, sfn, activityArn, name, n => n * n);
  const { status, output } = await ended(sfn, executionArn);
  assert.equal(status, 'SUCCEEDED');
  assert.deepEqual(JSON.parse(output), Array.from({ length: 40 }, (_, n) => (n + 1) ** 2));
  await sfn.deleteActivity({ activityArn });
  await assert.rejects(sfn.describeActivity({ activityArn }), { name: 'ActivityDoesNotExist' });
  await assert.rejects(sfn.getActivityTask({ activityArn }), { name: 'ActivityDoesNotExist' });
});

test('a saga takes back what it did when a later step fails', async t => {
  const directory = scratch(t);
  const sfn = await stepFunctions(await serve(t, askFlags(directory)));
  const done = [];
  const arns = {};
  for (const step of ['BookHotel', 'BookFlight', 'CancelHotel', 'CancelFlight']) {
    arns[step] = (await sfn.createActivity({ name: step })).activityArn;
    worker(t, sfn, arns[step], 'agency', trip => { done.push(step); return trip; });
  }
  const step = (name, Next, compensation) => ({
    Type: 'Task', Resource: arns[name], Next,
    ...compensation && { Catch: [{ ErrorEquals: ['States.ALL'], Next: compensation, Output: '{% $states.input %}' }] },
  });
  const executionArn = await begin(sfn, 'trip', machine({
    BookHotel: step('BookHotel', 'BookFlight', 'Failed'),
    BookFlight: step('BookFlight', 'Pay', 'CancelHotel'),
    Pay: ask({ Catch: [{ ErrorEquals: ['Card.Refused'], Next: 'CancelFlight', Output: '{% $states.input %}' }] }),
    CancelFlight: step('CancelFlight', 'CancelHotel'),
    CancelHotel: step('CancelHotel', 'Failed'),
    Failed: { Type: 'Fail', Error: 'Trip.Failed', Cause: 'all is taken back' },
  }), { name: 'card' });
  await sfn.sendTaskFailure({ taskToken: await tokenOf(directory, 'card'), error: 'Card.Refused', cause: 'no money' });
  const { status, error } = await ended(sfn, executionArn);
  assert.deepEqual([status, error], ['FAILED', 'Trip.Failed']);
  assert.deepEqual(done, ['BookHotel', 'BookFlight', 'CancelFlight', 'CancelHotel']);
});

test('approval and saga in JSONPath, as they are mostly kept: the order is refused, and all is taken back', async t => {
  const directory = scratch(t);
  const shop = path.join(directory, 'shop.mjs');
  fs.writeFileSync(shop, `export const handler = async ({ step, order, done }) => {
  if (step === 'charge' && order.total > 100) throw Object.assign(new Error('limit of ' + order.total), { name: 'CardRefused' });
  return { step, after: done };
};
`);
  const sfn = await stepFunctions(await serve(t, [...askFlags(directory), '--function', `shop=${shop}:handler`]));
  const step = (name, ResultPath, more) => ({
    Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', ResultSelector: { 'step.$': '$.Payload.step', 'status.$': '$.StatusCode' }, ResultPath,
    Parameters: { FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:shop:$LATEST', Payload: { step: name, 'order.$': '$.order', 'done.$': '$.done' } },
    Retry: [{ ErrorEquals: ['Lambda.ServiceException', 'Lambda.TooManyRequestsException'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }], ...more,
  });
  const definition = {
    Comment: 'Approval by callback, saga with compensation', StartAt: 'Approve',
    States: {
      Approve: {
        Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', HeartbeatSeconds: 3600, ResultPath: '$.approval', Next: 'Approved?',
        Parameters: { FunctionName: 'ask', Payload: { 'name.$': '$.order.id', 'token.$': '$$.Task.Token', 'execution.$': '$$.Execution.Name' } },
        Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: null, Next: 'Refused' }],
      },
      'Approved?': {
        Type: 'Choice', Default: 'Refused',
        Choices: [{ And: [{ Variable: '$.approval.approved', IsPresent: true }, { Variable: '$.approval.approved', BooleanEquals: true }], Next: 'Reserve' }],
      },
      Reserve: step('reserve', '$.done.reserved', { Next: 'Charge', Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Release' }] }),
      Charge: step('charge', '$.done.charged', { Next: 'Shipped', Catch: [{ ErrorEquals: ['CardRefused'], ResultPath: '$.error', Next: 'Release' }] }),
      Release: step('release', '$.done.released', { Next: 'Why' }),
      Why: { Type: 'Pass', Parameters: { 'error.$': 'States.StringToJson($.error.Cause)' }, ResultPath: '$.why', Next: 'Taken back' },
      'Taken back': { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: "States.Format('order {}: {}, taken back: {}', $.order.id, $.why.error.errorMessage, $.done.released.step)" },
      Refused: { Type: 'Fail', Error: 'Refused', CausePath: '$.approval.by' },
      Shipped: { Type: 'Succeed', OutputPath: '$.done' },
    },
  };
  const { stateMachineArn } = await sfn.createStateMachine({ name: 'order', roleArn, definition: JSON.stringify(definition) });
  const order = async (id, total, answer) => {
    const { executionArn } = await sfn.startExecution({ stateMachineArn, input: JSON.stringify({ order: { id, total }, done: {} }) });
    await sfn.sendTaskSuccess({ taskToken: await tokenOf(directory, id), output: JSON.stringify(answer) });
    const { status, output, error, cause } = await ended(sfn, executionArn);
    return output ? { status, output: JSON.parse(output) } : { status, error, cause };
  };
  assert.deepEqual(await order('small', 20, { approved: true }), {
    status: 'SUCCEEDED', output: { reserved: { step: 'reserve', status: 200 }, charged: { step: 'charge', status: 200 } },
  });
  assert.deepEqual(await order('large', 500, { approved: true }), { status: 'FAILED', error: 'CardRefused', cause: 'order large: limit of 500, taken back: release' });
  assert.deepEqual(await order('none', 20, { approved: false, by: 'boss' }), { status: 'FAILED', error: 'Refused', cause: 'boss' });
});

test('weft run says for what it waits and how to answer, and goes on then', async t => {
  const directory = scratch(t);
  const run = start(weftProgram, ['run', definitionFile(directory, machine({ Ask: ask() })), '--input', '{"name": "boss"}', ...askFlags(directory)]);
  cleanUp(t, () => { run.kill('SIGKILL'); return run.done; });
  const token = await tokenOf(directory, 'boss');
  const said = await until(() => /aws stepfunctions send-task-success --endpoint-url (\S+) --task-token (\S+) /.exec(run.text.stderr), `weft run does not say what it waits for: ${run.text.stderr}`);
  assert.match(run.text.stderr, /Ask waits for a task token/);
  assert.equal(said[2], token);
  await (await stepFunctions(said[1])).sendTaskSuccess({ taskToken: token, output: '"fine"' });
  const { code, stdout } = await run.done;
  assert.equal(code, 0, stdout);
});

test('a worker whose connection is gone is given no work: it goes to the next', async t => {
  const directory = scratch(t);
  const endpoint = await serve(t, ['--data', path.join(directory, 'data')]);
  const sfn = await stepFunctions(endpoint);
  const { activityArn } = await sfn.createActivity({ name: 'work' });
  // Polls, and leaves while it waits.
  const { hostname, port } = new URL(endpoint);
  const body = JSON.stringify({ activityArn, workerName: 'gone' });
  const socket = net.connect(Number(port), hostname);
  await new Promise(resolve => socket.on('connect', resolve));
  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const executionArn = await begin(sfn, 'm', machine({ Work: { Type: 'Task', Resource: activityArn, End: true, Arguments: 1 } }));
  const first = await new Promise(resolve => socket.once('data', resolve));
  assert.match(String(first), /taskToken/, 'one that waits gets it');
  await sfn.stopExecution({ executionArn });

  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  // Behind it in the queue once it is answered: then the poll has been read.
  await new Promise(resolve => {
    const probe = net.connect(Number(port), hostname, () => probe.write('GET /_weft/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'));
    probe.on('data', () => {}).on('close', resolve);
  });
  socket.destroy();
  await new Promise(resolve => socket.on('close', resolve));
  const { executionArn: second } = await sfn.startExecution({ stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m' });
  const { taskToken } = await sfn.getActivityTask({ activityArn, workerName: 'here' });
  await sfn.sendTaskSuccess({ taskToken, output: '2' });
  assert.equal((await ended(sfn, second)).output, '2');
  const { events } = await sfn.getExecutionHistory({ executionArn: second });
  assert.deepEqual(events.filter(event => event.type === 'ActivityStarted').map(event => event.activityStartedEventDetails.workerName), ['here']);
});
