// State machines that `weft serve` has from the start, and what --watch takes up while it runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, expectStatus, scratch, serveProcess, stepFunctions, until, weft } from './lib.mjs';

const definition = comment => ({ Comment: comment, StartAt: 'S', States: { S: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f', Payload: { comment } }, OutputPath: '$.Payload', End: true } } });
const arn = name => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const run = async (sfn, name) => {
  const { executionArn } = await sfn.startExecution({ stateMachineArn: arn(name) });
  const execution = await until(async () => {
    const one = await sfn.describeExecution({ executionArn });
    return one.status !== 'RUNNING' && one;
  }, `${executionArn} does not end`);
  assert.equal(execution.status, 'SUCCEEDED', execution.cause);
  return JSON.parse(execution.output);
};

test('with --watch a changed definition is a new revision, and changed code runs at once', async t => {
  const directory = scratch(t);
  const file = definitionFile(directory, definition('one'), 'orders.asl.json');
  const code = path.join(directory, 'code');
  fs.mkdirSync(code);
  const write = answer => fs.writeFileSync(path.join(code, 'f.mjs'), `import { answer } from './lib/answer.mjs';\nexport const handler = e => ({ ...e, answer, pid: process.pid });\n`)
    ?? (fs.mkdirSync(path.join(code, 'lib'), { recursive: true }), fs.writeFileSync(path.join(code, 'lib', 'answer.mjs'), `export const answer = ${answer};\n`));
  write(1);
  const server = await serveProcess(t, [file, '--watch', '--data', path.join(directory, 'data'), '--function', `f=${path.join(code, 'f.mjs')}:handler,concurrency=1`]);
  const sfn = await stepFunctions(server.endpoint);
  const first = await run(sfn, 'orders');
  assert.deepEqual([first.comment, first.answer], ['one', 1]);
  assert.equal((await run(sfn, 'orders')).pid, first.pid, 'warm');

  fs.writeFileSync(path.join(code, 'lib', 'answer.mjs'), 'export const answer = 2;\n');
  const second = await until(async () => {
    const one = await run(sfn, 'orders');
    return one.answer === 2 && one;
  }, 'changed code does not run');
  assert.notEqual(second.pid, first.pid);

  // As editors save.
  fs.writeFileSync(`${file}~`, JSON.stringify(definition('two')));
  fs.renameSync(`${file}~`, file);
  const revision = await until(async () => (await sfn.describeStateMachine({ stateMachineArn: arn('orders') })).revisionId, 'no revision');
  assert.equal((await run(sfn, 'orders')).comment, 'two');

  // What is wrong changes nothing.
  fs.writeFileSync(file, '{"StartAt": "S"}');
  fs.writeFileSync(path.join(code, 'lib', 'answer.mjs'), 'export const answer = 3;\n');
  await until(async () => (await run(sfn, 'orders')).answer === 3, 'changed code does not run');
  assert.equal((await sfn.describeStateMachine({ stateMachineArn: arn('orders') })).revisionId, revision);
  fs.writeFileSync(file, JSON.stringify(definition('three')));
  await until(async () => (await sfn.describeStateMachine({ stateMachineArn: arn('orders') })).revisionId !== revision, 'no revision after a mistake');
  server.child.kill('SIGTERM');
  const { stderr } = await server.child.done;
  assert.match(stderr, /weft: the code of f has changed: new processes\n/);
  assert.match(stderr, new RegExp(`weft: orders: revision ${revision}\n`));
  assert.match(stderr, /These fields are required: \[States\][^]*orders\.asl\.json is no valid state machine definition; what was there stays\n/);
});

test('with --watch a machine that changes its type is a new one, and one that is taken out stays: both are said', async t => {
  const directory = scratch(t);
  const template = path.join(directory, 'template.yaml');
  const machine = (name, type) => `
  ${name}:
    Type: AWS::Serverless::StateMachine
    Properties: { Name: ${name.toLowerCase()}, Type: ${type}, Definition: { StartAt: S, States: { S: { Type: Succeed } } } }
`;
  const write = text => (fs.writeFileSync(`${template}~`, `Resources:${text}`), fs.renameSync(`${template}~`, template));
  write(machine('One', 'STANDARD') + machine('Two', 'STANDARD'));
  const server = await serveProcess(t, [template, '--watch', '--data', path.join(directory, 'data')]);
  const sfn = await stepFunctions(server.endpoint);
  const { executionArn } = await sfn.startExecution({ stateMachineArn: arn('one') });
  const type = async name => (await sfn.describeStateMachine({ stateMachineArn: arn(name) })).type;
  write(machine('One', 'EXPRESS'));
  await until(async () => (await type('one').catch(() => '')) === 'EXPRESS', 'its type does not change');
  assert.equal(await type('two'), 'STANDARD');
  assert.equal((await sfn.describeExecution({ executionArn })).status, 'SUCCEEDED');
  server.child.kill('SIGTERM');
  const stderr = (await server.child.done).stderr.replace(/\s+/g, ' ');
  assert.match(stderr, /weft: one was STANDARD and is EXPRESS now\. AWS changes no type: the state machine before it is deleted, and this is a new one\./);
  assert.match(stderr, /weft: two is in no definition any more; its state machine stays until somebody calls DeleteStateMachine/);
});

test('weft serve TEMPLATE serves all state machines of a template with its functions', async t => {
  const directory = scratch(t);
  fs.mkdirSync(path.join(directory, 'src'));
  fs.writeFileSync(path.join(directory, 'src', 'app.js'), 'exports.handler = async e => ({ ...e, from: process.env.FROM });\n');
  const machine = comment => `
  ${comment}:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: ${comment.toLowerCase()}
      DefinitionSubstitutions: { F: !GetAtt F.Arn }
      Definition:
        Comment: ${comment}
        StartAt: S
        States: { S: { Type: Task, Resource: "\${F}", End: true } }
`;
  const template = path.join(directory, 'template.yaml');
  fs.writeFileSync(template, `Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: f, CodeUri: src, Handler: app.handler, Runtime: nodejs20.x, Environment: { Variables: { FROM: here } } }
${machine('One')}${machine('Two')}`);
  const server = await serveProcess(t, [template, '--data', path.join(directory, 'data')]);
  const sfn = await stepFunctions(server.endpoint);
  assert.equal((await run(sfn, 'one')).from, 'here');
  assert.equal((await run(sfn, 'two')).from, 'here');
  const wrong = await weft(['serve', path.join(directory, 'none.yaml'), '--data', path.join(directory, 'other')]);
  expectStatus(wrong, 2, 'weft serve of a file that is not there');
});
