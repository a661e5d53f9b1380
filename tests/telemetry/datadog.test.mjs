// Datadog's published definition with Datadog's own library in the function, both unmodified: parent,
// children, aws.lambda spans and their S3 calls must be one trace.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { definitionFile, expectStatus, fanOut, invoke, machine, scratch, weft, weftRun } from '../e2e/lib.mjs';
import { COUNT, FAILED, FLAKY, expectOneTrace, needsSeed, objects, seedDefinition, spansOf, warm } from './lib.mjs';

const functionDirectory = path.join(path.dirname(fileURLToPath(import.meta.url)), 'datadog');

test.before(() => warm(functionDirectory, 'dd-trace', 'datadog-lambda-js', '@aws-sdk/client-s3'));

function flags(directory) {
  fs.mkdirSync(path.join(directory, 'marks'));
  const settings = [
    'concurrency=2', 'init_timeout=600', 'timeout=600', 'env.DD_LAMBDA_HANDLER=index.handler', 'env.BUCKET=pictures',
    `env.MARKS=${path.join(directory, 'marks')}`,
  ];
  return [
    '--bucket', `pictures=${path.join(directory, 'pictures')}`,
    '--function', `process-image=${functionDirectory}:node_modules/datadog-lambda-js/dist/handler.handler,${settings}`,
    '--data', path.join(directory, 'data'), '--durability', 'os',
  ];
}

function expectCalls(spans, attempts) {
  const { ancestors } = expectOneTrace(spans);
  const inner = spans.filter(span => span.weft === 'inner');
  const lambdas = inner.filter(span => span.name === 'aws.lambda');
  assert.equal(lambdas.length, attempts, 'one aws.lambda span for each attempt');
  const perCall = new Map(lambdas.map(span => [span.spanId, []]));
  for (const span of inner.filter(each => each.name === 'aws.request')) {
    const lambda = ancestors(span).find(each => each.name === 'aws.lambda');
    assert.ok(lambda, `${span.attributes['resource.name']} hangs under its aws.lambda span`);
    perCall.get(lambda.spanId).push(span.attributes['resource.name'].split(' ')[0]);
  }
  // dd-trace reports a call of the SDK twice, one within the other.
  for (const [id, calls] of perCall) {
    assert.deepEqual([...new Set(calls)].sort(), ['getObject', 'headObject'], `calls of ${id}`);
    assert.ok(calls.length <= 4, `calls of ${id}: ${calls}`);
  }
  for (const span of lambdas) {
    assert.equal(ancestors(span).filter(each => each.weft === 'child').length, 1, 'under its child');
  }
  return lambdas;
}

test(`the seed definition, verbatim, with ${COUNT} children is one trace down to the S3 calls`, needsSeed, async t => {
  const directory = scratch(t);
  objects(path.join(directory, 'pictures'), { count: COUNT });
  const definition = seedDefinition({ functionName: 'process-image', bucket: 'pictures', prefix: 'in/' });
  const { report, ...result } = await weftRun([definitionFile(directory, definition), ...flags(directory)]);
  expectStatus(result, 0, 'weft run');
  assert.equal(report.status, 'SUCCEEDED');
  const data = path.join(directory, 'data');
  const spans = await spansOf(data, path.join(directory, 'spans.json'));
  assert.equal(spans.filter(span => span.weft === 'child').length, COUNT);
  expectCalls(spans, COUNT);
  t.diagnostic(`${spans.length} spans in one trace`);

  const drawn = await weft(['trace', 'latest', '--data', data, '--width', '160']);
  expectStatus(drawn, 0, 'weft trace');
  assert.match(drawn.stdout, /aws\.lambda process-image[^\n]*\n[^\n]*aws\.request headObject/, 'the waterfall shows the calls');
  const chrome = await weft(['trace', 'latest', '--data', data, '--format', 'chrome']);
  expectStatus(chrome, 0, 'weft trace --format chrome');
  const events = JSON.parse(chrome.stdout).traceEvents;
  assert.equal(events.filter(event => event.ph === 'b' && event.name === 'aws.lambda').length, COUNT);
});

test(`${FAILED} of ${COUNT} children fail and ${FLAKY} are retried: still one trace, each attempt with its own call`, needsSeed, async t => {
  const directory = scratch(t);
  objects(path.join(directory, 'pictures'), { count: COUNT, broken: FAILED, flaky: FLAKY });
  const definition = seedDefinition({ functionName: 'process-image', bucket: 'pictures', prefix: 'in/', retry: true });
  const { report, ...result } = await weftRun([definitionFile(directory, definition), ...flags(directory)]);
  expectStatus(result, 0, 'weft run');
  assert.equal(report.status, 'SUCCEEDED');
  const spans = await spansOf(path.join(directory, 'data'), path.join(directory, 'spans.json'));
  const lambdas = expectCalls(spans, COUNT + FLAKY);
  const children = spans.filter(span => span.weft === 'child');
  assert.equal(children.length, COUNT);
  assert.equal(children.filter(child => child.attributes.status === 'FAILED').length, FAILED);
  t.diagnostic(`${spans.length} spans in one trace, ${FAILED} children failed, ${FLAKY} retried`);
  const attempts = spans.filter(span => span.weft === 'attempt');
  assert.equal(attempts.length, 2 * FLAKY, 'two attempts of each that was retried');
  const { ancestors } = expectOneTrace(spans);
  for (const attempt of attempts) {
    assert.equal(lambdas.filter(span => ancestors(span).includes(attempt)).length, 1, 'each attempt with its own call');
  }
  const failed = lambdas.filter(span => span.status.code === 2);
  assert.equal(failed.filter(span => span.attributes['error.type'] === 'TypeError').length, FAILED);
  assert.equal(failed.filter(span => span.attributes['error.type'] === 'RangeError').length, FLAKY);
  for (const span of failed) assert.match(span.attributes['error.stack'], /index\.mjs/);
});

test('each child starts a nested execution, whose function calls S3: one trace', async t => {
  const count = 20;
  const directory = scratch(t);
  objects(path.join(directory, 'pictures'), { count });
  const keys = fs.readdirSync(path.join(directory, 'pictures', 'in')).map(name => ({ Key: `in/${name}` }));
  const start = {
    Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', End: true,
    Arguments: { StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:one-image', Input: '{% $states.input %}' },
    Output: '{% $states.result.Output.bytes %}',
  };
  const outer = definitionFile(directory, fanOut(count, { Start: start }, { Items: keys }), 'all-images.asl.json');
  const inner = definitionFile(directory, machine({ Call: invoke('process-image') }), 'one-image.asl.json');
  const { report, ...result } = await weftRun([outer, '--state-machine', inner, ...flags(directory)]);
  expectStatus(result, 0, 'weft run');
  assert.equal(report.status, 'SUCCEEDED');
  const spans = await spansOf(path.join(directory, 'data'), path.join(directory, 'spans.json'));
  const lambdas = expectCalls(spans, count);
  const { ancestors } = expectOneTrace(spans);
  for (const span of lambdas) {
    assert.deepEqual(ancestors(span).map(each => each.weft), [
      'lambda', 'state', 'execution', 'state', 'child', 'map_run', 'state', 'execution',
    ], 'under the nested execution of its child');
  }
  t.diagnostic(`${spans.length} spans in one trace over ${count + 1} executions`);
});
