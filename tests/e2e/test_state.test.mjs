// One state alone: `weft test-state`, and TestState with a function and over HTTP; state machines that change; tags.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { aws, call, cleanUp, definitionFile, expectStatus, scratch, serve, until, weft } from './lib.mjs';

const role = 'arn:aws:iam::000000000000:role/r';
const functions = directory => {
  const file = path.join(directory, 'f.mjs');
  fs.writeFileSync(file, 'export const twice = e => ({ twice: 2 * e.n });\nexport const boom = () => { throw new TypeError("no"); };\n');
  return ['--function', `twice=${file}:twice`, '--function', `boom=${file}:boom`];
};
const task = (name, more = {}) => ({ Type: 'Task', Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`, End: true, ...more });

test('weft test-state runs one state of a machine and shows its data on the way', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const definition = definitionFile(directory, {
    StartAt: 'Ask',
    States: {
      Ask: task('twice', { Parameters: { 'n.$': '$.x' }, ResultPath: '$.answer', End: undefined, Next: 'Check' }),
      Check: { Type: 'Choice', Choices: [{ Variable: '$.answer.twice', NumericGreaterThan: 5, Next: 'Big' }], Default: 'Small' },
      Big: { Type: 'Succeed' },
      Small: { Type: 'Fail', Error: 'Small' },
    },
  });
  const run = (...args) => weft(['test-state', definition, '--data', data, ...functions(directory), ...args]);
  const asked = await run('--state', 'Ask', '--input', '{"x": 4}');
  expectStatus(asked, 0, 'weft test-state');
  assert.deepEqual(asked.stdout.trimEnd().split('\n').map(line => line.replace(/ {2,}/g, ' ')), [
    'SUCCEEDED, next: Check',
    ' input {"x": 4}',
    ' afterInputPath {"x": 4}',
    ' afterParameters {"n":4}',
    ' result {"twice":8}',
    ' afterResultSelector {"twice":8}',
    ' afterResultPath {"x":4,"answer":{"twice":8}}',
    ' output {"x":4,"answer":{"twice":8}}',
  ]);
  const checked = await run('--state', 'Check', '--input', '{"answer":{"twice":1}}', '--level', 'INFO', '--json');
  assert.deepEqual(JSON.parse(checked.stdout), { output: '{"answer":{"twice":1}}', nextState: 'Small', status: 'SUCCEEDED' });
  const failed = await run('--state', 'Ask', '--input', '{"x": 4}', '--mock-error', 'Boom:it did: twice');
  expectStatus(failed, 1, 'weft test-state of a state that fails');
  assert.match(failed.stdout, /^FAILED\n +error +Boom\n +cause +it did: twice\n/);
  const unnamed = await run('--input', '{"x": 4}');
  expectStatus(unnamed, 2, 'weft test-state of a whole machine');
  assert.match(unnamed.stderr.replace(/\s+/g, ' '), /holds a whole state machine: add --state with one of Ask, Check, Big, Small/);
  const secret = await run('--state', 'Ask', '--input', '{"x": 4, "password": "hunter2"}', '--json');
  assert.match(JSON.parse(secret.stdout).output, /"password":"\[redacted\]"/);
  assert.ok(!secret.stdout.includes('hunter2'));
  assert.match((await run('--state', 'Ask', '--input', '{"x": 4, "password": "hunter2"}', '--json', '--show-secrets')).stdout, /hunter2/);
  const wrong = await run('--state', 'Nobody');
  expectStatus(wrong, 2, 'weft test-state of no state');
  assert.equal(wrong.stderr, 'weft: State not found in definition (ValidationException)\n');
  assert.ok(!fs.existsSync(path.join(data, 'test-state')), 'the test left nothing behind');
});

test('TestState calls a function, retries on paper, and shows what an HTTP task sent', async t => {
  const directory = scratch(t);
  const requests = [];
  const server = http.createServer((request, response) => {
    requests.push(request.url);
    response.writeHead(request.url.startsWith('/missing') ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end('{"ok": true}');
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  cleanUp(t, () => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  const connection = path.join(directory, 'shop.json');
  fs.writeFileSync(connection, JSON.stringify({
    AuthorizationType: 'BASIC', AuthParameters: {
      BasicAuthParameters: { Username: 'u', Password: 'canary-1' },
      InvocationHttpParameters: { QueryStringParameters: [{ Key: 'token', Value: 'canary-2' }] },
    },
  }));
  const endpoint = await serve(t, ['--data', path.join(directory, 'data'), '--connection', `shop=${connection}`, ...functions(directory)]);
  const testState = request => call(endpoint, 'TestState', { roleArn: role, ...request, definition: JSON.stringify(request.definition) });

  const retriable = await testState({ definition: task('boom', { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2 }] }), inspectionLevel: 'DEBUG' });
  assert.equal(retriable.status, 'RETRIABLE');
  assert.equal(retriable.error, 'TypeError');
  assert.deepEqual(retriable.inspectionData.errorDetails, { retryIndex: 0, retryBackoffIntervalSeconds: 2 });
  const tooLong = await testState({ definition: task('gone') });
  assert.equal(tooLong.error, 'Lambda.ResourceNotFoundException');

  const ask = Path => ({
    Type: 'Task', Resource: 'arn:aws:states:::http:invoke', End: true,
    Parameters: { ApiEndpoint: `${url}${Path}`, Method: 'POST', RequestBody: { a: 1 }, Headers: { 'x-mine': '1' }, Authentication: { ConnectionArn: 'arn:aws:events:us-east-1:000000000000:connection/shop/1' } },
  });
  const hidden = await testState({ definition: ask('/v1'), inspectionLevel: 'TRACE' });
  assert.equal(hidden.status, 'SUCCEEDED');
  assert.doesNotMatch(JSON.stringify(hidden), /canary/);
  assert.equal(hidden.inspectionData.request.url, `${url}/v1`);
  assert.equal(hidden.inspectionData.request.method, 'POST');
  assert.equal(hidden.inspectionData.request.protocol, 'http');
  assert.equal(hidden.inspectionData.request.body, '{"a":1}');
  assert.match(hidden.inspectionData.request.headers, /^\[x-mine: 1, .*User-Agent: Amazon\|StepFunctions\|HttpInvoke\|us-east-1/i);
  assert.equal(hidden.inspectionData.response.statusCode, '200');
  assert.equal(hidden.inspectionData.response.statusMessage, 'OK');
  assert.equal(hidden.inspectionData.response.body, '{"ok": true}');
  const shown = await testState({ definition: ask('/missing'), inspectionLevel: 'TRACE', revealSecrets: true });
  assert.equal(shown.error, 'States.Http.StatusCode.404');
  assert.equal(shown.inspectionData.request.url, `${url}/missing?token=canary-2`);
  assert.match(shown.inspectionData.request.headers, /Authorization: Basic /i);
  assert.equal(shown.inspectionData.response.statusCode, '404');
  assert.equal((await testState({ definition: ask('/v1'), inspectionLevel: 'DEBUG' })).inspectionData.request, undefined);
  assert.ok(requests.every(one => one.endsWith('?token=canary-2')));
});

test('a state machine changes while it runs, and AWS clients see its revisions and tags', async t => {
  const directory = scratch(t);
  const endpoint = await serve(t, ['--data', path.join(directory, 'data')]);
  const definition = (comment, state) => JSON.stringify({ Comment: comment, StartAt: 'S', States: { S: state } });
  const { activityArn } = await aws(endpoint, 'stepfunctions', 'create-activity', '--name', 'work', '--tags', 'key=team,value=a');
  const { stateMachineArn } = await aws(endpoint, 'stepfunctions', 'create-state-machine', '--name', 'm', '--role-arn', role,
    '--definition', definition('one', { Type: 'Task', Resource: activityArn, End: true }), '--tags', 'key=team,value=a');
  const one = await aws(endpoint, 'stepfunctions', 'start-execution', '--state-machine-arn', stateMachineArn, '--name', 'one');
  const updated = await aws(endpoint, 'stepfunctions', 'update-state-machine', '--state-machine-arn', stateMachineArn,
    '--definition', definition('two', { Type: 'Pass', Result: 2, End: true }));
  assert.match(updated.revisionId, /^[0-9a-f-]{36}$/);
  const two = await aws(endpoint, 'stepfunctions', 'start-execution', '--state-machine-arn', stateMachineArn, '--name', 'two');
  const machineOf = async execution => aws(endpoint, 'stepfunctions', 'describe-state-machine-for-execution', '--execution-arn', execution);
  const [old, fresh] = [await machineOf(one.executionArn), await machineOf(two.executionArn)];
  assert.equal(JSON.parse(old.definition).Comment, 'one');
  assert.equal(old.revisionId, undefined);
  assert.equal(JSON.parse(fresh.definition).Comment, 'two');
  assert.equal(fresh.revisionId, updated.revisionId);
  const described = await aws(endpoint, 'stepfunctions', 'describe-state-machine', '--state-machine-arn', stateMachineArn);
  assert.equal(described.revisionId, updated.revisionId);
  const work = await aws(endpoint, 'stepfunctions', 'get-activity-task', '--activity-arn', activityArn);
  await call(endpoint, 'SendTaskSuccess', { taskToken: work.taskToken, output: '1' });
  const output = async arn => (await aws(endpoint, 'stepfunctions', 'describe-execution', '--execution-arn', arn)).output;
  await until(async () => await output(one.executionArn) === '1', 'the old revision ends as it began');
  await until(async () => await output(two.executionArn) === '2', 'the new revision does not end');

  await aws(endpoint, 'stepfunctions', 'tag-resource', '--resource-arn', activityArn, '--tags', 'key=cost,value=7');
  await aws(endpoint, 'stepfunctions', 'untag-resource', '--resource-arn', stateMachineArn, '--tag-keys', 'team');
  const tags = async arn => (await aws(endpoint, 'stepfunctions', 'list-tags-for-resource', '--resource-arn', arn)).tags;
  assert.deepEqual(await tags(activityArn), [{ key: 'team', value: 'a' }, { key: 'cost', value: '7' }]);
  assert.deepEqual(await tags(stateMachineArn), []);
  for (const [operation, request, error] of [
    ['UpdateStateMachine', { stateMachineArn, publish: true, roleArn: role }, 'ValidationException'],
    ['UpdateStateMachine', { stateMachineArn: `${stateMachineArn}/label`, roleArn: role }, 'ValidationException'],
    ['UpdateStateMachine', { stateMachineArn, definition: '{}' }, 'InvalidDefinition'],
    ['UpdateStateMachine', { stateMachineArn, encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY' } }, 'InvalidEncryptionConfiguration'],
    ['TagResource', { resourceArn: `${stateMachineArn}x`, tags: [] }, 'ResourceNotFound'],
    ['TagResource', { resourceArn: stateMachineArn }, 'ValidationException'],
    ['TagResource', { resourceArn: stateMachineArn, tags: [{ key: '' }] }, 'ValidationException'],
    ['TagResource', { resourceArn: stateMachineArn, tags: [{ key: 'Aws:x' }] }, 'ValidationException'],
    ['TagResource', { resourceArn: stateMachineArn, tags: [{ key: 'a*b' }] }, 'ValidationException'],
    ['TagResource', { resourceArn: stateMachineArn, tags: [{ key: 'a', value: '<b>' }] }, 'ValidationException'],
    ['CreateActivity', { name: 'tagged', tags: [{ key: 'aws:x' }] }, 'ValidationException'],
    ['CreateStateMachine', { name: 'tagged', roleArn: role, definition: '{}', tags: [{ key: 'aws:x' }] }, 'ValidationException'],
    ['UntagResource', { resourceArn: stateMachineArn, tagKeys: [5] }, 'SerializationException'],
    ['ListTagsForResource', { resourceArn: 'no' }, 'InvalidArn'],
  ]) {
    const response = await fetch(endpoint, {
      method: 'POST', headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}` }, body: JSON.stringify(request),
    });
    const refused = await response.json();
    assert.equal(refused.__type, error, JSON.stringify(refused));
  }
});
