// `weft import --execution ARN` also brings what the execution and its children started. One weft is AWS.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, expectStatus, fanOut, machine, scratch, serve, until, weft } from './lib.mjs';

const CHILDREN = 12;
const env = { AWS_ACCESS_KEY_ID: 'AK', AWS_SECRET_ACCESS_KEY: 'SK' };
const startExecution = (pattern, name, more = { End: true }) => ({
  Type: 'Task', Resource: `arn:aws:states:::states:startExecution${pattern}`, Output: '{% $states.input %}',
  Arguments: { StateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`, Input: '{% {"of": $states.input} %}' },
  ...more,
});
const machines = {
  leaf: machine({ Leaf: { Type: 'Pass', End: true } }),
  deep: machine({ Again: startExecution('.sync', 'leaf') }),
  inner: machine({ Begin: startExecution('.sync:2', 'deep', { Next: 'Each' }), ...fanOut(3, { Item: { Type: 'Pass', End: true } }).States }),
  outer: machine({
    Wait: startExecution('.sync:2', 'inner', { Next: 'Fire' }),
    Fire: startExecution('', 'leaf', { Next: 'Each' }),
    ...fanOut(CHILDREN, { Go: startExecution('.sync', 'deep') }).States,
  }),
};
// inner and its deep and leaf; what Fire starts; a deep and a leaf of each child
const NESTED = 3 + 1 + 2 * CHILDREN;

/** A weft that has run `outer`: its URL, data directory and the ARN. */
async function ran(t) {
  const data = path.join(scratch(t), 'from');
  const endpoint = await serve(t, ['--data', data]);
  let stateMachineArn;
  for (const [name, definition] of Object.entries(machines)) {
    ({ stateMachineArn } = await call(endpoint, 'CreateStateMachine',
      { name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/r' }));
  }
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn, name: 'e', input: '{}' });
  await until(async () => {
    const { status } = await call(endpoint, 'DescribeExecution', { executionArn });
    assert.notEqual(status, 'FAILED');
    return status === 'SUCCEEDED';
  }, 'it does not end');
  const running = async () => (await call(endpoint, 'ListExecutions', {
    stateMachineArn: stateMachineArn.replace(/outer$/, 'leaf'), statusFilter: 'RUNNING' })).executions.length;
  await until(async () => await running() === 0, 'what was started without waiting does not end');
  return { data, endpoint, executionArn };
}

/** In front of `target`: counts what is asked for; `refuse(operation, body)` may answer an error, `change` the text of answers. */
async function between(t, target, { refuse = () => undefined, change = text => text } = {}) {
  const seen = {};
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', async () => {
      const operation = request.headers['x-amz-target'].replace('AWSStepFunctions.', '');
      const body = Buffer.concat(chunks).toString();
      (seen[operation] ??= []).push(JSON.parse(body));
      const name = refuse(operation, body);
      if (name) return response.writeHead(400).end(JSON.stringify({ __type: name, message: 'so it is' }));
      const answer = await fetch(target, { method: 'POST', headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}` }, body });
      response.writeHead(answer.status).end(change(await answer.text()));
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  cleanUp(t, () => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}

async function fetched(t, from, url, ...more) {
  const data = path.join(scratch(t), 'to');
  const result = await weft(['import', '--execution', from.executionArn, '--endpoint-url', url, '--data', data, '--json', ...more], { env });
  expectStatus(result, 0, 'weft import');
  return { data, stderr: result.stderr, ...JSON.parse(result.stdout) };
}

/** What both sides know of a span: AWS tells neither places in the map nor parts of milliseconds. */
async function spans(data, arn) {
  const traced = await weft(['trace', arn, '--format', 'otlp', '--data', data]);
  expectStatus(traced, 0, 'weft trace');
  return traced.stdout.trim().split('\n').flatMap(line => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans)
    .map(({ endTimeUnixNano, attributes, ...span }) => ({ ...span, attributes: attributes.filter(each => each.key !== 'item_index') }))
    .sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
}

const historiesOf = (seen, name) => seen.GetExecutionHistory.filter(each => each.executionArn.includes(`:${name}:`)).length;

test('nested executions come along, each once, and the trace is the same', async t => {
  const from = await ran(t);
  const { url, seen } = await between(t, from.endpoint);
  const { data, ...report } = await fetched(t, from, url);
  assert.equal(report.stderr, '');
  assert.equal(report.executions, 1 + NESTED);
  assert.equal(report.children, CHILDREN + 3);
  assert.equal(report.mapRuns, 2);
  assert.equal(report.leftOut, 0);
  assert.equal(historiesOf(seen, 'leaf'), 2 + CHILDREN);
  assert.equal(historiesOf(seen, 'deep'), 1 + CHILDREN);
  assert.equal(seen.DescribeStateMachineForExecution.length, 5, 'once a state machine; leaf in two rounds, of which the later one started later');
  const inner = seen.GetExecutionHistory.find(each => each.executionArn.includes(':inner:')).executionArn;
  for (const arn of [from.executionArn, inner]) assert.deepEqual(await spans(data, arn), await spans(from.data, arn));
  const described = await weft(['describe', inner, '--data', data, '--json']);
  expectStatus(described, 0, 'weft describe');

  const again = await weft(['import', '--execution', from.executionArn, '--endpoint-url', url, '--data', data], { env });
  assert.match(again.stdout, /events from AWS: 0 new/);
});

test('nested executions that cannot be had are named, and the rest is there', async t => {
  const from = await ran(t);
  let denied = 0;
  const { url } = await between(t, from.endpoint, {
    refuse: (operation, body) => operation !== 'GetExecutionHistory' ? undefined
      : body.includes(':inner:') ? 'AccessDeniedException'
        : body.includes(':deep:') && denied++ < 2 ? 'ExecutionDoesNotExist' : undefined,
    // What Fire started ran elsewhere, so its answer says.
    change: text => {
      const answer = JSON.parse(text);
      for (const { type, taskSucceededEventDetails: details } of answer.events ?? []) {
        if (type !== 'TaskSucceeded' || details.resource !== 'startExecution') continue;
        details.output = details.output.replace(/us-east-1(:\d+:execution:leaf)/, 'eu-west-1$1');
      }
      return JSON.stringify(answer);
    },
  });
  const report = await fetched(t, from, url);
  assert.match(report.stderr, /:execution:inner:[^ ]+ is left out: GetExecutionHistory: AccessDeniedException: so it is\n/);
  assert.equal(report.stderr.match(/:execution:deep:[^ ]+ is left out: GetExecutionHistory: ExecutionDoesNotExist: so it is\n/g).length, 2);
  assert.match(report.stderr, /arn:aws:states:eu-west-1:[^ ]+ is left out: it is in another Region: import it by its own ARN\n/);
  assert.equal(report.leftOut, 4);
  assert.equal(report.executions, 1 + 2 * (CHILDREN - 2));
  assert.equal(report.children, CHILDREN);
});

test('--nested bounds them', async t => {
  const from = await ran(t);
  const { url, seen } = await between(t, from.endpoint);
  const none = await fetched(t, from, url, '--nested', '0');
  assert.deepEqual([none.executions, none.stderr, none.leftOut], [1, '', 0]);
  assert.equal(historiesOf(seen, 'leaf'), 0);
  const some = await fetched(t, from, url, '--nested', '5');
  assert.equal(some.executions, 6);
  assert.match(some.stderr, /^\d+ nested executions are left out: more than --nested 5\n$/);
});
