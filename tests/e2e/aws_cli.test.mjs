// Debian's aws-cli drives `weft serve`.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { aws, awsResult, call, machine, scratch, serve, until } from './lib.mjs';

const role = 'arn:aws:iam::123456789012:role/any';
const fanOut = machine({
  'Each number': {
    Type: 'Map', Label: 'Numbers', Items: '{% $states.input.numbers %}', MaxConcurrency: 2,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Double',
      States: { Double: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } },
    },
    End: true,
  },
});

test('aws stepfunctions creates, starts, describes, lists, stops and deletes', async t => {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data')]);
  const sfn = (...args) => aws(endpoint, 'stepfunctions', ...args);

  const { stateMachineArn } = await sfn('create-state-machine', '--name', 'numbers', '--role-arn', role,
    '--definition', JSON.stringify(fanOut));
  assert.match(stateMachineArn, /^arn:aws:states:us-east-1:\d{12}:stateMachine:numbers$/);
  const described = await sfn('describe-state-machine', '--state-machine-arn', stateMachineArn);
  assert.equal(described.definition, JSON.stringify(fanOut));
  assert.deepEqual([described.status, described.type, described.roleArn], ['ACTIVE', 'STANDARD', role]);
  const { stateMachines } = await sfn('list-state-machines');
  assert.deepEqual(stateMachines.map(each => each.stateMachineArn), [stateMachineArn]);

  const { executionArn } = await sfn('start-execution', '--state-machine-arn', stateMachineArn, '--name', 'first',
    '--input', '{"numbers": [1, 2, 3]}');
  const execution = await until(async () => {
    const answer = await sfn('describe-execution', '--execution-arn', executionArn);
    return answer.status !== 'RUNNING' && answer;
  }, 'the execution does not end');
  assert.equal(execution.status, 'SUCCEEDED');
  assert.equal(execution.output, '[2,4,6]');
  assert.equal(execution.input, '{"numbers": [1, 2, 3]}');

  const { events } = await sfn('get-execution-history', '--execution-arn', executionArn);
  assert.deepEqual(events.map(event => event.type),
    ['ExecutionStarted', 'MapStateEntered', 'MapStateStarted', 'MapRunStarted', 'MapRunSucceeded', 'MapStateSucceeded', 'MapStateExited',
      'ExecutionSucceeded']);
  assert.deepEqual(events.map(event => event.id), [1, 2, 3, 4, 5, 6, 7, 8]);

  await call(endpoint, 'CreateActivity', { name: 'a' });
  const { mapRuns: [{ mapRunArn }] } = await sfn('list-map-runs', '--execution-arn', executionArn);
  const mapRun = await sfn('describe-map-run', '--map-run-arn', mapRunArn);
  assert.deepEqual([mapRun.status, mapRun.maxConcurrency, mapRun.executionCounts.succeeded, mapRun.executionCounts.total],
    ['SUCCEEDED', 2, 3, 3]);

  const { executions: children } = await sfn('list-executions', '--map-run-arn', mapRunArn);
  assert.equal(children.length, 3);
  const child = await sfn('get-execution-history', '--execution-arn', children[0].executionArn);
  assert.deepEqual(child.events.map(event => event.type),
    ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
  assert.equal((await sfn('list-executions', '--state-machine-arn', stateMachineArn)).executions.length, 1);

  // The client's Region does not matter, that of an ARN does.
  const elsewhere = (...args) => sfn(...args, '--region', 'eu-west-1');
  const again = await elsewhere('start-execution', '--state-machine-arn', stateMachineArn, '--input', '{"numbers": []}');
  assert.match(again.executionArn, /^arn:aws:states:us-east-1:000000000000:execution:numbers:/);
  for (const [operation, member, arn, error] of [
    ['StartExecution', 'stateMachineArn', stateMachineArn, 'StateMachineDoesNotExist'],
    ['StartSyncExecution', 'stateMachineArn', stateMachineArn, 'StateMachineDoesNotExist'],
    ['DescribeStateMachine', 'stateMachineArn', stateMachineArn, 'StateMachineDoesNotExist'],
    ['UpdateStateMachine', 'stateMachineArn', stateMachineArn, 'StateMachineDoesNotExist'],
    ['ListExecutions', 'stateMachineArn', stateMachineArn, 'StateMachineDoesNotExist'],
    ['ListTagsForResource', 'resourceArn', stateMachineArn, 'ResourceNotFound'],
    ['TagResource', 'resourceArn', stateMachineArn, 'ResourceNotFound'],
    ['UntagResource', 'resourceArn', stateMachineArn, 'ResourceNotFound'],
    ['DescribeStateMachineForExecution', 'executionArn', executionArn, 'ExecutionDoesNotExist'],
    ['DescribeExecution', 'executionArn', executionArn, 'ExecutionDoesNotExist'],
    ['GetExecutionHistory', 'executionArn', executionArn, 'ExecutionDoesNotExist'],
    ['StopExecution', 'executionArn', executionArn, 'ExecutionDoesNotExist'],
    ['RedriveExecution', 'executionArn', executionArn, 'ExecutionDoesNotExist'],
    ['ListMapRuns', 'executionArn', executionArn, 'ExecutionDoesNotExist'],
    ['DescribeMapRun', 'mapRunArn', mapRunArn, 'ResourceNotFound'],
    ['UpdateMapRun', 'mapRunArn', mapRunArn, 'ResourceNotFound'],
    ['ListExecutions', 'mapRunArn', mapRunArn, 'ResourceNotFound'],
    ['DescribeActivity', 'activityArn', 'arn:aws:states:us-east-1:000000000000:activity:a', 'ActivityDoesNotExist'],
    ['GetActivityTask', 'activityArn', 'arn:aws:states:us-east-1:000000000000:activity:a', 'ActivityDoesNotExist'],
  ]) {
    for (const [here, there] of [['us-east-1', 'eu-west-1'], ['000000000000', '123456789012']]) {
      const body = { [member]: arn.replace(here, there), roleArn: role, tags: [], tagKeys: [], maxConcurrency: 1 };
      await assert.rejects(call(endpoint, operation, body), new RegExp(error), `${operation} ${body[member]}`);
    }
  }
  await sfn('delete-state-machine', '--state-machine-arn', stateMachineArn.replace('us-east-1', 'eu-west-1'));
  assert.equal((await sfn('list-state-machines')).stateMachines.length, 1, 'that of another Region is not deleted here');

  await sfn('delete-state-machine', '--state-machine-arn', stateMachineArn);
});

test('aws stepfunctions stop-execution aborts a waiting execution', async t => {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data')]);
  const sfn = (...args) => aws(endpoint, 'stepfunctions', ...args);
  const { stateMachineArn } = await sfn('create-state-machine', '--name', 'waits', '--role-arn', role,
    '--definition', JSON.stringify(machine({ Wait: { Type: 'Wait', Seconds: 3600, End: true } })));
  const { executionArn } = await sfn('start-execution', '--state-machine-arn', stateMachineArn);
  await sfn('stop-execution', '--execution-arn', executionArn, '--error', 'Enough', '--cause', 'seen all');
  const execution = await sfn('describe-execution', '--execution-arn', executionArn);
  assert.deepEqual([execution.status, execution.error, execution.cause], ['ABORTED', 'Enough', 'seen all']);
});

test('errors reach aws-cli with the names of AWS', async t => {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data')]);
  const missing = await awsResult(endpoint, 'stepfunctions', 'describe-execution', '--execution-arn',
    'arn:aws:states:us-east-1:123456789012:execution:none:none');
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /ExecutionDoesNotExist/);
  const bad = await awsResult(endpoint, 'stepfunctions', 'create-state-machine', '--name', 'bad', '--role-arn', role,
    '--definition', '{"StartAt": "A", "States": {}}');
  assert.match(bad.stderr, /InvalidDefinition/);
});
