// Mistakes give one clear sentence and a failing exit status.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { cleanUp, definitionFile, expectStatus, invoke, machine, scratch, serve, start, until, weft, weftProgram } from './lib.mjs';

const pass = machine({ A: { Type: 'Pass', End: true } });

/** Asserts that weft failed by itself and said, on stderr, one line that matches. */
function expectSentence(result, pattern) {
  const said = `status ${result.code}, signal ${result.signal}\n--- stdout\n${result.stdout}\n--- stderr\n${result.stderr}`;
  assert.equal(result.signal, null, said);
  assert.notEqual(result.code, 0, said);
  const lines = result.stderr.split('\n').filter(line => line.trim());
  const sentence = lines.find(line => pattern.test(line));
  assert.ok(sentence, `no line like ${pattern}: ${said}`);
  assert.ok(sentence.length < 500, `not one clear sentence: ${said}`);
}

test('a bad definition: every finding with line and column', async t => {
  const directory = scratch(t);
  const file = definitionFile(directory, '{\n  "QueryLanguage": "JSONata",\n  "StartAt": "A",\n  "States": {\n'
    + '    "A": {"Type": "Pass", "Next": "Nowhere"},\n    "B": {"Type": "Dance", "End": true}\n  }\n}\n');
  const validated = await weft(['validate', file]);
  assert.notEqual(validated.code, 0);
  const said = validated.stdout + validated.stderr;
  assert.match(said, /machine\.asl\.json:5:\d+: .*Nowhere/);
  assert.match(said, /machine\.asl\.json:6:\d+: .*(Dance|Type)/);
  const run = await weft(['run', file, '--input', '{}', '--data', path.join(directory, 'data')]);
  expectSentence(run, /Nowhere/);
});

test('a definition that is not JSON', async t => {
  const directory = scratch(t);
  const result = await weft(['validate', definitionFile(directory, '{"StartAt": "A",,}')]);
  assert.notEqual(result.code, 0);
  assert.match(result.stdout + result.stderr, /:1:\d+: /);
});

test('a good definition validates', async t => {
  const result = await weft(['validate', definitionFile(scratch(t), pass)]);
  assert.equal(result.code, 0, result.stdout + result.stderr);
});

// A Catch that takes everything would make a success of what cannot run.
const unsupported = resource => machine({
  Put: { Type: 'Task', Resource: resource, Arguments: { FunctionName: 'f', TableName: 't' }, End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Fine' }] },
  Fine: { Type: 'Succeed' },
});
for (const [resource, reason] of [
  ['arn:aws:states:::dynamodb:putItem', /'arn:aws:states:::dynamodb:putItem' cannot be run: this version runs .*http:invoke/],
  ['arn:aws:states:::aws-sdk:s3:listBuckets', /aws-sdk:s3:listBuckets' cannot be run/],
  ['arn:aws:states:::sqs:sendMessage.waitForTaskToken', /sqs:sendMessage.waitForTaskToken' cannot be run/],
]) {
  test(`a task that this version cannot run is refused in each way to start it: ${resource}`, async t => {
    const directory = scratch(t);
    const file = definitionFile(directory, unsupported(resource));
    const validated = await weft(['validate', file]);
    assert.notEqual(validated.code, 0);
    assert.match(validated.stdout + validated.stderr, reason);
    const run = await weft(['run', file, '--data', path.join(directory, 'data')]);
    assert.equal(run.code, 2, run.stdout + run.stderr);
    assert.match(run.stderr, reason);
    const nested = await weft(['run', definitionFile(directory, pass, 'outer'), '--state-machine', `inner=${file}`, '--data', path.join(directory, 'data')]);
    assert.equal(nested.code, 2, nested.stdout + nested.stderr);
    const endpoint = await serve(t, ['--data', path.join(directory, 'data')]);
    const created = await fetch(endpoint, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'AWSStepFunctions.CreateStateMachine', 'Content-Type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({ name: 'm', roleArn: 'arn:aws:iam::123456789012:role/r', definition: JSON.stringify(unsupported(resource)) }),
    });
    const answer = await created.json();
    assert.equal(answer.__type, 'InvalidDefinition', JSON.stringify(answer));
  });
}

test('a definition file that is not there', async t => {
  expectSentence(await weft(['run', '/nowhere/machine.json', '--data', path.join(scratch(t), 'data')]), /\/nowhere\/machine\.json/);
});

test('an input that is not JSON', async t => {
  const directory = scratch(t);
  expectSentence(await weft(['run', definitionFile(directory, pass), '--input', '{"a":', '--data', path.join(directory, 'data')]), /input/i);
});

test('a bucket that is not there', async t => {
  const directory = scratch(t);
  const listing = machine({
    Each: {
      Type: 'Map', ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'no-such-bucket' } },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'A', States: { A: { Type: 'Pass', End: true } },
      },
      End: true,
    },
  });
  const result = await weft(['run', definitionFile(directory, listing), '--input', '{}', '--data', path.join(directory, 'data')]);
  assert.notEqual(result.code, 0);
  assert.match(result.stdout + result.stderr, /no-such-bucket/);
});

test('a bucket flag without a directory', async t => {
  const directory = scratch(t);
  expectSentence(await weft(['run', definitionFile(directory, pass), '--bucket', 'photos', '--data', path.join(directory, 'data')]), /photos/);
});

test('a function that nobody registered', async t => {
  const directory = scratch(t);
  const result = await weft(['run', definitionFile(directory, machine({ Call: invoke('nobody') })), '--input', '{}',
    '--data', path.join(directory, 'data')]);
  assert.notEqual(result.code, 0);
  assert.match(result.stdout + result.stderr, /nobody/);
});

test('functions that nobody registered are all named, with line and what was meant, by validate and run', async t => {
  const directory = scratch(t);
  const file = definitionFile(directory, machine({ A: { ...invoke('enrihc'), End: undefined, Next: 'B' }, B: { ...invoke('other'), End: undefined, Next: 'C' }, C: invoke('price') }));
  const code = path.join(directory, 'f.mjs');
  fs.writeFileSync(code, 'export const handler = event => event;\n');
  const given = ['--function', `enrich=${code}`, '--function', `price=${code}`];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const lineOf = name => lines.findIndex(line => line.includes(`"${name}"`)) + 1;
  for (const command of [['validate', file, ...given], ['run', file, ...given, '--data', path.join(directory, 'data')]]) {
    const result = await weft(command);
    expectStatus(result, command[0] === 'run' ? 2 : 1, command[0]);
    const said = result.stdout + result.stderr;
    assert.match(said, new RegExp(`:${lineOf('enrihc')}:\\d+: error: FUNCTION_NOT_GIVEN: The function 'enrihc' was not given at /States/A/\\w+/FunctionName\\. Did you mean 'enrich'\\?`), said);
    assert.match(said, new RegExp(`:${lineOf('other')}:\\d+: error: FUNCTION_NOT_GIVEN: The function 'other' was not given at`), said);
    assert.match(said, /2 errors, 0 warnings/);
    assert.doesNotMatch(said, /'price' was not given/);
  }
  assert.equal(fs.existsSync(path.join(directory, 'data')), false, 'nothing began');
  const unasked = await weft(['validate', file]);
  expectStatus(unasked, 0, 'validate without functions');
  assert.match(unasked.stdout, /note: nobody said which functions there are \(--function, or weft\.toml\); it calls enrihc, other, price\n/);
  fs.writeFileSync(path.join(directory, 'weft.toml'), `[function]\nenrihc = "f.mjs"\nprice = "f.mjs"\n`);
  const beside = await weft(['validate', file]);
  expectStatus(beside, 1, 'validate with a weft.toml beside it');
  assert.match(beside.stdout, /The function 'other' was not given/);
  assert.match(beside.stdout, /1 error, 0 warnings/);
});

test('a function whose file is not there', async t => {
  const directory = scratch(t);
  expectSentence(await weft(['run', definitionFile(directory, pass), '--function', 'f=/nowhere/f.mjs:handler',
    '--data', path.join(directory, 'data')]), /\/nowhere\/f\.mjs/);
});

test('a port that is in use', async t => {
  const server = net.createServer().listen(0, '127.0.0.1');
  cleanUp(t, () => server.close());
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address();
  const result = await weft(['serve', '--listen', `127.0.0.1:${port}`, '--data', path.join(scratch(t), 'data')]);
  expectSentence(result, new RegExp(`${port}.*in use`, 'i'));
});

test('a data directory that another weft uses', async t => {
  const directory = scratch(t);
  const waits = definitionFile(directory, machine({ Wait: { Type: 'Wait', Seconds: 86_400, End: true } }));
  const data = path.join(directory, 'data');
  const first = start(weftProgram, ['run', waits, '--input', '{}', '--data', data]);
  cleanUp(t, async () => { first.kill('SIGKILL'); await first.done; });
  await until(() => fs.existsSync(path.join(data, 'endpoint')), 'the first weft does not start');
  const taken = await weft(['run', waits, '--input', '{}', '--data', data]);
  expectSentence(taken, /is in use by another process: the Weft at (http:\/\/127\.0\.0\.1:\d+), from which --endpoint \1 reads while it works; wait until it has ended, or choose another --data$/m);
  const [, endpoint] = /--endpoint (\S+)/.exec(taken.stderr);
  expectStatus(await weft(['list', '--endpoint', endpoint], { env: { WEFT_TOKEN: fs.readFileSync(path.join(data, 'token'), 'utf8').trim() } }), 0, 'weft list --endpoint');
  const log = path.join(directory, 'a.log');
  fs.writeFileSync(log, '');
  expectSentence(await weft(['import', log, '--data', data]), /is in use by another process: the Weft at http/);
});

test('a full disk', { skip: process.getuid() !== 0 && 'mounting a small file system needs root' }, async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  fs.mkdirSync(data);
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', data]);
  if (mount.status !== 0) return t.skip('this machine lets nobody mount a file system');
  cleanUp(t, () => spawnSync('umount', ['-l', data]));
  const big = machine({
    Each: {
      Type: 'Map', Items: '{% [1..20000] %}',
      ItemSelector: { text: '{% $string($states.context.Map.Item.Value) & $join([1..200].$string()) %}' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'A', States: { A: { Type: 'Pass', End: true } },
      },
      Output: 'done', End: true,
    },
  });
  const result = await weft(['run', definitionFile(directory, big), '--input', '{}', '--data', data]);
  expectSentence(result, /no space|disk.*full|full/i);
});
