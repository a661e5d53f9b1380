// What a template says of its state machines beside their definitions, and its activities.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, expectStatus, machine, scratch, serve, stepFunctions, weft } from './lib.mjs';

const account = 'arn:aws:states:us-east-1:000000000000';

const template = `Resources:
  Outer:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A: {Type: Task, Resource: !Ref Work, TimeoutSeconds: 300, End: true}
      Role: arn:aws:iam::123456789012:role/outer
      Logging:
        Level: ALL
        IncludeExecutionData: true
        Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]
      Tracing: {Enabled: true}
      Tags: {team: orders}
  Inner:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::123456789012:role/inner
      DefinitionString: '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'
      LoggingConfiguration: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
      Tags: [{Key: team, Value: stock}]
  Log: {Type: 'AWS::Logs::LogGroup'}
  Work:
    Type: AWS::StepFunctions::Activity
    Properties: {Name: work, Tags: [{Key: team, Value: orders}]}
  Unnamed: {Type: 'AWS::StepFunctions::Activity'}
`;

function written(t) {
  const folder = scratch(t);
  const file = path.join(folder, 'template.yaml');
  fs.writeFileSync(file, template);
  return { folder, file, data: path.join(folder, 'data') };
}

test('weft serve TEMPLATE makes its activities, and gives its state machines their settings', async t => {
  const { file, data } = written(t);
  const endpoint = await serve(t, [file, '--data', data]);
  const sfn = await stepFunctions(endpoint);
  assert.deepEqual((await sfn.listActivities({})).activities.map(one => one.activityArn), [`${account}:activity:Unnamed`, `${account}:activity:work`]);
  assert.deepEqual((await sfn.listTagsForResource({ resourceArn: `${account}:activity:work` })).tags, [{ key: 'team', value: 'orders' }]);
  const destinations = [{ cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:Log:*' } }];
  const seen = {};
  for (const name of ['Outer', 'Inner']) {
    const stateMachineArn = `${account}:stateMachine:${name}`;
    const { roleArn, loggingConfiguration, tracingConfiguration } = await sfn.describeStateMachine({ stateMachineArn });
    const { tags } = await sfn.listTagsForResource({ resourceArn: stateMachineArn });
    seen[name] = { roleArn, loggingConfiguration, tracingConfiguration, tags };
  }
  assert.deepEqual(seen, {
    Outer: {
      roleArn: 'arn:aws:iam::123456789012:role/outer',
      loggingConfiguration: { level: 'ALL', includeExecutionData: true, destinations },
      tracingConfiguration: { enabled: true },
      tags: [{ key: 'team', value: 'orders' }],
    },
    Inner: {
      roleArn: 'arn:aws:iam::123456789012:role/inner',
      loggingConfiguration: { level: 'ERROR', includeExecutionData: false, destinations },
      tracingConfiguration: { enabled: false },
      tags: [{ key: 'team', value: 'stock' }],
    },
  });
  const { executionArn } = await sfn.startExecution({ stateMachineArn: `${account}:stateMachine:Outer`, input: '{"n":1}' });
  const { taskToken, input } = await sfn.getActivityTask({ activityArn: `${account}:activity:work` });
  assert.deepEqual(JSON.parse(input), { n: 1 });
  await sfn.sendTaskSuccess({ taskToken, output: '2' });
  const log = await weft(['history', executionArn, '--log-events', '--data', data]);
  expectStatus(log, 0, 'weft history --log-events');
  const lines = log.stdout.trim().split('\n').map(line => JSON.parse(line));
  assert.equal(lines[0].type, 'ExecutionStarted');
  assert.equal(lines[0].details.input, '{"n":1}');
});

test('weft validate TEMPLATE lists activities', async t => {
  const { file } = written(t);
  const text = await weft(['validate', file]);
  expectStatus(text, 0, 'weft validate');
  assert.match(text.stdout, /template\.yaml:24:3: Work, activity 'work'/);
  assert.match(text.stdout, /activities: 2; errors: 0, warnings: 0/);
  const listing = JSON.parse((await weft(['validate', file, '--json'])).stdout);
  assert.deepEqual(listing.activities.map(one => [one.resource, one.name]), [['Work', 'work'], ['Unnamed', 'Unnamed']]);
  assert.deepEqual(listing.otherResources.map(one => one.resource), ['Log']);
});

test('a task of an activity that does not exist is named before anything runs', async t => {
  const folder = scratch(t);
  const data = path.join(folder, 'data');
  const arn = `${account}:activity:gone`;
  const file = definitionFile(folder, machine({ First: { Type: 'Pass', Next: 'A' }, A: { Type: 'Task', Resource: arn, End: true } }));
  const run = await weft(['run', file, '--data', data]);
  expectStatus(run, 2, 'weft run');
  assert.match(run.stderr, /waits for workers of the activity '\S+:activity:gone', which does not exist/);
  const listed = await weft(['list', '--data', data]);
  assert.doesNotMatch(listed.stdout, /machine/, 'nothing ran');
  const endpoint = await serve(t, [file, '--data', data]);
  const sfn = await stepFunctions(endpoint);
  const made = await sfn.createStateMachine({ name: 'other', roleArn: 'arn:aws:iam::000000000000:role/r', definition: fs.readFileSync(file, 'utf8') });
  assert.equal(made.stateMachineArn, `${account}:stateMachine:other`);
});

test('a role that has no ARN is refused, and an execution keeps the date and the settings of its revision', async t => {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data')]);
  const sfn = await stepFunctions(endpoint);
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const definition = JSON.stringify(machine({ A: { Type: 'Succeed' } }));
  for (const odd of ['r', 'arn:aws:s3:::bucket', 'arn:aws:iam::1:user/u', 'arn:aws:iam::1:role/']) {
    const refused = { name: 'InvalidArn', message: `Invalid Role Arn: '${odd}'` };
    await assert.rejects(sfn.createStateMachine({ name: 'm', roleArn: odd, definition }), refused);
  }
  const { stateMachineArn, creationDate } = await sfn.createStateMachine({ name: 'm', roleArn, definition });
  await assert.rejects(sfn.updateStateMachine({ stateMachineArn, roleArn: 'r' }), { name: 'InvalidArn', message: "Invalid Role Arn: 'r'" });
  const begun = async executionArn => {
    const { updateDate, loggingConfiguration, tracingConfiguration } = await sfn.describeStateMachineForExecution({ executionArn });
    return [updateDate, loggingConfiguration.level, tracingConfiguration.enabled];
  };
  const logging = level => ({ level, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:g:*' } }] });
  const first = (await sfn.startExecution({ stateMachineArn })).executionArn;
  assert.deepEqual(await begun(first), [creationDate, 'OFF', false]);
  const updated = (await sfn.updateStateMachine({ stateMachineArn, roleArn: `${roleArn}2`, loggingConfiguration: logging('ERROR'), tracingConfiguration: { enabled: true } })).updateDate;
  const second = (await sfn.startExecution({ stateMachineArn })).executionArn;
  await sfn.updateStateMachine({ stateMachineArn, roleArn: `${roleArn}3`, loggingConfiguration: logging('ALL'), tracingConfiguration: { enabled: false } });
  const wanted = [[creationDate, 'OFF', false], [updated, 'ERROR', true]];
  assert.deepEqual([await begun(first), await begun(second)], wanted);
  await sfn.deleteStateMachine({ stateMachineArn });
  assert.deepEqual([await begun(first), await begun(second)], wanted);
});

test('weft convert takes the state machine of a template, and values for names', async t => {
  const { folder, file } = written(t);
  const several = await weft(['convert', file]);
  expectStatus(several, 2, 'weft convert');
  assert.match(several.stderr, /several state machines: add --resource with one of Outer, Inner/);
  const inner = await weft(['convert', file, '--resource', 'Inner']);
  expectStatus(inner, 0, 'weft convert --resource');
  assert.deepEqual(JSON.parse(inner.stdout), { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Succeed' } } });
  const definition = { StartAt: 'A', States: { A: { Type: 'Choice', Choices: [{ Variable: '$.a', StringEquals: '${Wanted}', Next: 'B' }], Default: 'B' }, B: { Type: 'Pass', Result: { w: '${Wanted}' }, End: true } } };
  const machineFile = definitionFile(folder, definition);
  const unfilled = await weft(['convert', machineFile]);
  expectStatus(unfilled, 0, 'weft convert');
  assert.match(unfilled.stderr, /'A' keeps JSONPath: \$\{Wanted\} has no value: give it one with --substitute Wanted=VALUE/);
  assert.deepEqual(JSON.parse(unfilled.stdout).States, { A: definition.States.A, B: { Type: 'Pass', Output: { w: '${Wanted}' }, End: true, QueryLanguage: 'JSONata' } });
  const filled = await weft(['convert', machineFile, '--substitute', 'Wanted=yes']);
  expectStatus(filled, 0, 'weft convert --substitute');
  assert.match(filled.stdout, /= \\"yes\\"/);
});
