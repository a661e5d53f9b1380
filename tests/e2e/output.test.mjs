// What is written: nothing of anybody else's drives the terminal that it may end on, and what gets lost is told.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { expectStatus, machine, pasted, scratch, serve, start, weft, weftProgram } from './lib.mjs';

const hostile = '\u001b]0;P\u0007\u009b31m\u202ex\u007f';
// eslint-disable-next-line no-control-regex
const driving = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const definition = state => JSON.stringify(machine({ A: { End: true, ...state } }));

test('hostile text is shown, not sent, in a pipe too', async t => {
  const directory = scratch(t);
  fs.writeFileSync(path.join(directory, 'm.asl.json'), definition({ Type: 'Pass', Output: { said: hostile } }));
  fs.writeFileSync(path.join(directory, 'f.mjs'), 'export const handler = async event => event;\n');
  fs.writeFileSync(path.join(directory, 't.yaml'), `AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n  "A\\x9b\\u202e":\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: go}\n`);
  const here = { cwd: directory };
  expectStatus(await weft(['run', 'm.asl.json', '--data', 'd'], here), 0, 'weft run');
  for (const [args, code] of [
    [['describe', 'latest', '--json', '--data', 'd'], 0],
    [['history', 'latest', '--json', '--data', 'd'], 0],
    [['history', 'latest', '--log-events', '--level', 'ALL', '--data', 'd'], 0],
    [['trace', 'latest', '--format', 'ndjson', '--data', 'd'], 0],
    [['trace', 'latest', '--format', 'otlp', '--data', 'd'], 0],
    [['convert', 'm.asl.json'], 0],
    [['validate', 't.yaml', '--json'], undefined],
    [['jsonata', `"${hostile.replace('\u001b', '')}"`], 0],
    [['jsonata', `${hostile}((`], 1],
    [['jsonpath', `$.${hostile}[`], 1],
    [['metrics', hostile, '--data', 'd'], 2],
    [['invoke', 'f', '--function', 'f=f.mjs:handler', '--payload', JSON.stringify(hostile), '--data', 'd'], 0],
    [['invoke', 'f', '--function', `f=${'x'.repeat(300)}${hostile}`, '--data', 'd'], 2],
  ]) {
    const done = await weft(args, here);
    if (code !== undefined) expectStatus(done, code, args.join(' '));
    for (const text of [done.stdout, done.stderr])
      assert.doesNotMatch(text, driving, `${args.join(' ')} sends ${JSON.stringify(driving.exec(text)?.[0])}`);
  }
  const { stdout } = await weft(['describe', 'latest', '--json', '--data', 'd'], here);
  assert.equal(JSON.parse(JSON.parse(stdout).output).said, hostile, 'escaped JSON means the same');
});

test('errors of the API are JSON in UTF-8, and echo nothing large', async t => {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'd')]);
  for (const url of ['/_weft/v1/exec/summary?arn=%ff', '/2015-03-31/functions/%ff/invocations']) {
    const bytes = Buffer.from(await (await fetch(endpoint + url, { method: url.startsWith('/_') ? 'GET' : 'POST' })).arrayBuffer());
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  }
  const long = 'x'.repeat(100_000);
  const refused = await fetch(endpoint, {
    method: 'POST', headers: { 'X-Amz-Target': 'AWSStepFunctions.StartExecution', 'Content-Type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${long}` }),
  });
  assert.equal(refused.status, 400);
  assert.ok((await refused.text()).length < 2_000, 'a long name is not echoed');
});

test('output that is lost is an error, and a reader who has enough is none', async t => {
  const directory = scratch(t);
  fs.writeFileSync(path.join(directory, 'm.asl.json'), definition({ Type: 'Pass' }));
  const here = { cwd: directory };
  expectStatus(await weft(['run', 'm.asl.json', '--data', 'd'], here), 0, 'weft run');
  for (const command of ['list --json --data d', 'describe latest --data d', 'metrics --data d', 'validate m.asl.json --json', 'jsonata 1+1', 'convert m.asl.json',
    'instrument m.asl.json --print', 'run m.asl.json --json --data d', '--help']) {
    const done = await pasted(`${command} > /dev/full`, here);
    expectStatus(done, 2, command);
    assert.match(done.stderr, /weft: Cannot write to standard output: /);
  }
  const closed = await start('/bin/bash', ['-o', 'pipefail', '-c', '"$0" trace latest --format ndjson --every-child --data d | true', weftProgram], here).done;
  expectStatus(closed, 0, 'a closed pipe');
});
