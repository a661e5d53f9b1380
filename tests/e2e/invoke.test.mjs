// Functions alone: `weft invoke`, and Lambda's API for aws-cli and boto3.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { aws, awsResult, definitionFile, expectStatus, invoke, machine, root, scratch, serve, start, weft, weftRun } from './lib.mjs';

const file = path.join(root, 'tests/e2e/functions/lambda_calls.py');
const debians = '/usr/lib/python3/dist-packages';
const add = `add=${file}:add,init_timeout=600,timeout=30,memory=256,env.STAGE=test`;
const twice = `twice=${file}:twice,init_timeout=600,timeout=600,env.PYTHONPATH=${debians}`;
const boto3 = spawnSync('python3', ['-c', 'import boto3'], { env: { ...process.env, PYTHONPATH: debians } }).status === 0;
const needsBoto3 = !boto3 && 'NOT RUN: boto3 is missing (apt-get install python3-boto3)';

test('weft invoke prints the answer, logs beside it, and fails when the function does', async t => {
  const directory = scratch(t);
  const here = { cwd: directory };
  fs.writeFileSync(path.join(directory, 'weft.toml'), `data = "d"\n[function.add]\npath = "${file}"\nhandler = "add"\nmemory = 256\n`);
  const done = await weft(['invoke', 'add', '--payload', '{"a": 1, "b": 2}'], here);
  expectStatus(done, 0, 'weft invoke');
  assert.deepEqual(JSON.parse(done.stdout), { sum: 3, arn: 'arn:aws:lambda:us-east-1:000000000000:function:add' });
  assert.match(done.stderr,
    /^START RequestId: (\S+) Version: \$LATEST\nadding 1 2\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tInit Duration: [\d.]+ ms\n$/);
  assert.ok(!fs.existsSync(path.join(directory, 'd', 'invoke')), 'the call left nothing behind');

  fs.writeFileSync(path.join(directory, 'event.json'), '{"a": -1, "b": 2}');
  const failed = await weft(['invoke', 'add', '--payload', '@event.json'], here);
  expectStatus(failed, 1, 'weft invoke of a function that throws');
  assert.equal(JSON.parse(failed.stdout).errorType, 'ValueError');
  assert.match(failed.stderr, /\tStatus: error\n$/);
  const { stdout } = await weft(['invoke', 'add', '--payload', '@event.json', '--json'], here);
  const report = JSON.parse(stdout);
  assert.equal(report.functionError, 'Unhandled');
  assert.equal(report.payload.errorMessage, 'a is negative');
  assert.match(report.log, /^START RequestId/);

  for (const [args, says] of [
    [['invoke', 'ad'], "weft: There is no function 'ad'; did you mean 'add'?\n"],
    [['invoke', 'add', '--payload', '{'], /^weft: --payload is not JSON: /],
    [['invoke', 'add', '--payload', '@no.json'], /^weft: --payload: Cannot read no\.json: /],
  ]) {
    const wrong = await weft(args, here);
    expectStatus(wrong, 2, args.join(' '));
    typeof says === 'string' ? assert.equal(wrong.stderr, says) : assert.match(wrong.stderr, says);
  }
});

test('aws lambda invokes, lists and shows the functions of weft serve', async t => {
  const directory = scratch(t);
  const endpoint = await serve(t, ['--data', path.join(directory, 'data'), '--function', add]);
  const answerFile = path.join(directory, 'answer.json');
  const call = (...args) => awsResult(endpoint, 'lambda', 'invoke', ...args, answerFile);
  const answer = () => JSON.parse(fs.readFileSync(answerFile, 'utf8'));
  // Versions 1 and 2 read a payload on the command line differently, and one of a file the same.
  const payloadFile = path.join(directory, 'payload.json');
  const payload = text => (fs.writeFileSync(payloadFile, text), ['--payload', `fileb://${payloadFile}`]);

  const invoked = await call('--function-name', 'add', ...payload('{"a": 1, "b": 2}'), '--log-type', 'Tail');
  expectStatus(invoked, 0, 'aws lambda invoke');
  const head = JSON.parse(invoked.stdout);
  assert.equal(answer().sum, 3);
  assert.deepEqual([head.StatusCode, head.ExecutedVersion, head.FunctionError], [200, '$LATEST', undefined]);
  assert.match(Buffer.from(head.LogResult, 'base64').toString(), /\nadding 1 2\nEND RequestId: .*\nREPORT RequestId: .*\tMemory Size: 256 MB/);

  const alias = await call('--function-name', 'arn:aws:lambda:us-east-1:000000000000:function:add', '--qualifier', 'live',
    ...payload('{"a": 2, "b": 2}'));
  expectStatus(alias, 0, 'aws lambda invoke with a qualifier');
  assert.equal(answer().arn, 'arn:aws:lambda:us-east-1:000000000000:function:add:live');

  const failed = await call('--function-name', 'add', ...payload('{"a": -1, "b": 2}'));
  expectStatus(failed, 0, 'aws lambda invoke of a function that throws');
  assert.equal(JSON.parse(failed.stdout).FunctionError, 'Unhandled');
  assert.equal(answer().errorType, 'ValueError');

  const event = await call('--function-name', 'add', '--invocation-type', 'Event', ...payload('{"a": 1, "b": 2}'));
  assert.equal(JSON.parse(event.stdout).StatusCode, 202);
  const dry = await call('--function-name', 'add', '--invocation-type', 'DryRun');
  assert.equal(JSON.parse(dry.stdout).StatusCode, 204);

  const missing = await call('--function-name', 'nope');
  assert.match(missing.stderr, /\(ResourceNotFoundException\) when calling the Invoke operation: Function not found: arn:aws:lambda:us-east-1:000000000000:function:nope/);
  const wrong = await call('--function-name', 'add', ...payload('{'));
  assert.match(wrong.stderr, /\(InvalidRequestContentException\).*Could not parse request body into json/);
  const big = path.join(directory, 'big.json');
  fs.writeFileSync(big, JSON.stringify('x'.repeat(6_300_000)));
  const large = await call('--function-name', 'add', '--payload', `fileb://${big}`);
  assert.match(large.stderr, /\(RequestTooLargeException\).*smaller than 6291456 bytes/);

  const { Functions } = await aws(endpoint, 'lambda', 'list-functions');
  assert.deepEqual(Functions.map(each => each.FunctionName), ['add']);
  const { Configuration, Code } = await aws(endpoint, 'lambda', 'get-function', '--function-name', 'add');
  assert.deepEqual([Configuration.Handler, Configuration.MemorySize, Configuration.Timeout, Configuration.State],
    ['lambda_calls.add', 256, 30, 'Active']);
  assert.match(Configuration.Runtime, /^python3\.\d+$/);
  assert.deepEqual(Configuration.Environment, { Variables: { STAGE: 'test' } });
  assert.equal(Code.Location, `file://${file}`);
  const alone = await aws(endpoint, 'lambda', 'get-function-configuration', '--function-name', 'add');
  assert.deepEqual(alone, Configuration);
  const created = await awsResult(endpoint, 'lambda', 'delete-function', '--function-name', 'add');
  assert.match(created.stderr, /UnknownOperationException.*Weft has no operation DELETE/);
});

test('boto3 does the same, from a program and from within a function', { skip: needsBoto3 }, async t => {
  const directory = scratch(t);
  const endpoint = await serve(t, ['--data', path.join(directory, 'served'), '--function', add]);
  const program = `
import boto3, json
client = boto3.client("lambda", endpoint_url="${endpoint}", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
answer = client.invoke(FunctionName="add", Payload=b'{"a": 20, "b": 22}', LogType="Tail")
print(json.dumps([answer["StatusCode"], json.load(answer["Payload"])["sum"], "LogResult" in answer]))
try:
    client.get_function(FunctionName="nope")
except client.exceptions.ResourceNotFoundException as error:
    print(error)
`;
  const said = await start('python3', ['-c', program], { env: { PYTHONPATH: debians } }).done;
  expectStatus(said, 0, 'python3');
  assert.match(said.stdout, /^\[200, 42, true\]\n.*ResourceNotFoundException.*Function not found/);

  const { report, ...result } = await weftRun([definitionFile(directory, machine({ Work: invoke('twice') })), '--input', '{"n": 21}',
    '--data', path.join(directory, 'data'), '--function', add, '--function', twice]);
  assert.equal(report?.status, 'SUCCEEDED', result.stdout + result.stderr);
  assert.deepEqual(JSON.parse(report.output), { sum: 42, status: 200, version: '$LATEST', functions: ['add', 'twice'] });
});

test('lambda:invoke calls as its InvocationType says, and weft run waits for the events', async t => {
  const directory = scratch(t);
  fs.writeFileSync(path.join(directory, 'mark.mjs'),
    "import fs from 'node:fs';\nexport const handler = async event => { console.log('called'); fs.appendFileSync(process.env.MARKS, JSON.stringify(event) + '\\n'); return 7; };\n");
  const marks = path.join(directory, 'marks');
  const calls = () => fs.existsSync(marks) ? fs.readFileSync(marks, 'utf8').trim().split('\n').length : 0;
  const run = async args => {
    const definition = { QueryLanguage: 'JSONata', StartAt: 'F', States: { F: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: args, End: true } } };
    fs.writeFileSync(path.join(directory, 'm.asl.json'), JSON.stringify(definition));
    const done = await weftRun(['m.asl.json', '--data', 'd', '--function', `mark=mark.mjs:handler,env.MARKS=${marks}`,
      '--input', '{"bad": "Bogus", "gone": "gone", "whole": {"FunctionName": "mark", "Payloadd": 1}}'], { cwd: directory });
    return { ...done, ...done.report, output: done.report?.output && JSON.parse(done.report.output) };
  };
  const event = await run({ FunctionName: 'mark', InvocationType: 'Event', Payload: { n: 1 } });
  expectStatus(event, 0, 'Event');
  assert.equal(event.output.StatusCode, 202);
  assert.equal(event.output.Payload, '');
  assert.equal(event.output.ExecutedVersion, undefined);
  assert.doesNotMatch(event.output.SdkHttpMetadata.HttpHeaders.Date, /1970/);
  assert.equal(calls(), 1, 'a cold function was called before the run ended');

  const dry = await run({ FunctionName: 'mark', InvocationType: 'DryRun' });
  assert.equal(dry.output.StatusCode, 204);
  assert.equal(calls(), 1, 'DryRun calls nothing');

  const tail = await run({ FunctionName: 'mark', LogType: 'Tail', Qualifier: '3' });
  assert.match(Buffer.from(tail.output.LogResult, 'base64').toString(), /^START RequestId[^]*called[^]*Memory Size: \d+ MB/);
  assert.equal(calls(), 2);

  for (const [args, error, cause] of [
    [{ FunctionName: '{% $states.input.gone %}', InvocationType: 'Event' }, 'Lambda.ResourceNotFoundException', /Function not found/],
    [{ FunctionName: 'mark', InvocationType: '{% $states.input.bad %}' }, 'Lambda.AWSLambdaException', /Value 'Bogus' at 'invocationType' failed to satisfy constraint/],
    [{ FunctionName: 'mark:2', Qualifier: '3' }, 'Lambda.InvalidParameterValueException', /does not match the specified qualifier/],
    ['{% $states.input.whole %}', 'States.Runtime', /The field 'Payloadd' is not supported by Step Functions/],
  ]) {
    const failed = await run(args);
    expectStatus(failed, 1, JSON.stringify(args));
    assert.equal(failed.error, error);
    assert.match(failed.cause, cause);
  }
  expectStatus(await run({ FunctionName: 'mark', InvocationType: 'Bogus' }), 2, 'a wrong word');
  assert.equal(calls(), 2, 'none of these was called');
});
