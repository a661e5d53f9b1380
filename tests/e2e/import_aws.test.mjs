// `weft import --execution ARN`: one weft is AWS, another fetches its execution through the service API.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { aws, call, cleanUp, definitionFile, expectStatus, fanOut, machine, refuseEvery, root, scratch, serve, until, weft } from './lib.mjs';

const CHILDREN = 30;
const definition = machine({
  Both: {
    Type: 'Parallel', Next: 'Each',
    Branches: ['Left', 'Right'].map(name => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } })),
  },
  ...fanOut(CHILDREN, refuseEvery(10, { Type: 'Pass' })).States,
});
const env = { AWS_ACCESS_KEY_ID: 'AK', AWS_SECRET_ACCESS_KEY: 'SK' };

/** In front of `target`: throttles each third request once, counts operations and sees signatures. The first history of a child waits
 * for a second request, which shows that children are fetched at the same time. */
async function throttled(t, target) {
  const seen = { operations: {}, throttled: 0, unsigned: 0, atOnce: 0 };
  const refused = new Set();
  let count = 0, open = 0;
  const server = http.createServer((request, response) => {
    const chunks = [];
    seen.atOnce = Math.max(seen.atOnce, ++open);
    request.on('data', chunk => chunks.push(chunk)).on('end', async () => {
      const operation = request.headers['x-amz-target'];
      seen.operations[operation] = (seen.operations[operation] ?? 0) + 1;
      if (!/^AWS4-HMAC-SHA256 Credential=AK\/\d{8}\/us-east-1\/states\/aws4_request, /.test(request.headers.authorization)) ++seen.unsigned;
      const body = Buffer.concat(chunks);
      const isChild = /GetExecutionHistory/.test(operation) && /:m\/Each:/.test(body);
      if (isChild && seen.atOnce < 2) await until(() => seen.atOnce >= 2, 'children are fetched one after another');
      if (++count % 3 === 0 && !refused.has(operation + body)) {
        refused.add(operation + body);
        ++seen.throttled;
        response.writeHead(400).end(JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' }));
      } else {
        const answer = await fetch(target, { method: 'POST', headers: { 'X-Amz-Target': operation }, body });
        response.writeHead(answer.status).end(await answer.text());
      }
      --open;
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  cleanUp(t, () => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}

/** What both sides know of a span: AWS tells neither places in the map nor parts of milliseconds. */
function spansOf(otlp) {
  const spans = otlp.trim().split('\n').flatMap(line => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans);
  return spans.map(({ endTimeUnixNano, attributes, ...span }) => ({
    ...span,
    attributes: attributes.filter(each => each.key !== 'item_index'),
  })).sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
}

test('an execution is fetched through AWS\'s API with its children, and is the same', async t => {
  const directory = scratch(t);
  const from = path.join(directory, 'from');
  const to = path.join(directory, 'to');
  const endpoint = await serve(t, ['--data', from]);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine',
    { name: 'm', definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/r' });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn, name: 'e', input: '{"token":"t","n":1}' });
  await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status === 'SUCCEEDED', 'it does not end');

  const { url, seen } = await throttled(t, endpoint);
  const imported = await weft(['import', '--execution', executionArn, '--endpoint-url', url, '--concurrency', '4', '--data', to, '--json'], { env });
  expectStatus(imported, 0, 'weft import');
  assert.equal(imported.stderr, '');
  const counts = JSON.parse(imported.stdout);
  assert.equal(counts.children, CHILDREN);
  assert.equal(counts.incomplete, 0);
  assert.equal(seen.unsigned, 0);
  assert.ok(seen.throttled > 5);
  assert.ok(seen.atOnce <= 4, `${seen.atOnce} requests at once`);

  const trace = data => weft(['trace', executionArn, '--format', 'otlp', '--data', data]);
  const [expected, actual] = [await trace(from), await trace(to)];
  expectStatus(actual, 0, 'weft trace');
  assert.equal(spansOf(actual.stdout).length, spansOf(expected.stdout).length);
  assert.deepEqual(spansOf(actual.stdout), spansOf(expected.stdout));

  const again = await weft(['import', '--execution', executionArn, '--endpoint-url', url, '--data', to], { env });
  expectStatus(again, 0, 'weft import again');
  assert.match(again.stdout, /events from AWS: 0 new/);
});

test('what is missing is named', async t => {
  const directory = scratch(t);
  const arn = 'arn:aws:states:us-east-1:000000000000:execution:m:e';
  const none = await weft(['import', '--execution', arn, '--data', path.join(directory, 'a')],
    { env: { ...env, AWS_ACCESS_KEY_ID: '', AWS_SHARED_CREDENTIALS_FILE: path.join(directory, 'none') } });
  expectStatus(none, 2, 'without credentials');
  assert.match(none.stderr, /No credentials: neither AWS_ACCESS_KEY_ID/);
  const endpoint = await serve(t, ['--data', path.join(directory, 'b')]);
  const unknown = await weft(['import', '--execution', arn, '--endpoint-url', endpoint, '--data', path.join(directory, 'c')], { env });
  expectStatus(unknown, 2, 'unknown execution');
  assert.match(unknown.stderr, /DescribeExecution: ExecutionDoesNotExist: /);
});

test('a history that aws-cli wrote is imported from its file', async t => {
  const directory = scratch(t);
  const [from, to] = ['from', 'to'].map(name => path.join(directory, name));
  const endpoint = await serve(t, ['--data', from]);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', {
    name: 'm', roleArn: 'arn:aws:iam::000000000000:role/r',
    definition: JSON.stringify(machine({ A: { Type: 'Pass', Output: { text: 'ü "quoted"\n' }, Next: 'B' }, B: { Type: 'Fail', Error: 'E', Cause: 'c' } })),
  });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn, name: 'e', input: '{"n":1}' });
  await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status === 'FAILED', 'it does not end');
  const file = path.join(directory, 'history.json');
  const history = await aws(endpoint, 'stepfunctions', 'get-execution-history', '--execution-arn', executionArn);
  fs.writeFileSync(file, JSON.stringify(history, null, 4));
  const nameless = await weft(['import', file, '--data', to]);
  expectStatus(nameless, 1, 'weft import without --execution');
  assert.match(nameless.stderr, /history\.json: event 1: a history does not say which execution it is of: name it with --execution ARN /);
  assert.match(nameless.stderr, /history\.json: nothing in it is an event\. Understood are log events /);
  expectStatus(await weft(['import', '--execution', executionArn, file, '--data', to]), 0, 'weft import');
  const trace = async data => (await weft(['trace', executionArn, '--format', 'otlp', '--data', data])).stdout;
  assert.deepEqual(spansOf(await trace(to)), spansOf(await trace(from)));
});

test('a directory stands for its files', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const exported = path.join(directory, 'export');
  const event = (id, type) => JSON.stringify({ id: `${id}`, type, details: {}, previous_event_id: `${id - 1}`,
    event_timestamp: `${1719232345123 + id}`, execution_arn: 'arn:aws:states:us-east-1:000000000000:execution:m:e', redrive_count: '0' });
  for (const [name, text] of [['x/000000.gz', event(2, 'PassStateEntered')], ['y/000000.gz', event(1, 'ExecutionStarted')]]) {
    fs.mkdirSync(path.dirname(path.join(exported, name)), { recursive: true });
    fs.writeFileSync(path.join(exported, name), gzipSync(`2024-06-24T12:32:25.123Z ${text}\n`));
  }
  fs.writeFileSync(path.join(exported, 'aws-logs-write-test'), 'Permission Check Successful');
  const imported = await weft(['import', exported, '--data', data]);
  expectStatus(imported, 0, 'weft import');
  assert.match(imported.stdout, /^2 events in 2 files: 2 new/);
  // It has no end, and nobody here goes on with it.
  const pass = definitionFile(directory, machine({ A: { Type: 'Pass', End: true } }));
  const run = await weft(['run', pass, '--data', data]);
  expectStatus(run, 0, 'weft run');
  assert.doesNotMatch(run.stdout + run.stderr, /open execution/);
  const empty = path.join(directory, 'empty');
  fs.mkdirSync(empty);
  const nothing = await weft(['import', empty, '--data', data]);
  expectStatus(nothing, 2, 'an empty directory');
  assert.match(nothing.stderr, /empty: no file is below it/);
});

test('what ran in another Region says so', async t => {
  const data = path.join(scratch(t), 'data');
  expectStatus(await weft(['import', path.join(root, 'tests', 'cloudwatch', 'express.jsonl'), '--data', data]), 0, 'weft import');
  const executionArn = 'arn:aws:states:eu-west-1:123456789012:execution:batch:night';
  const regions = ({ events }) => [...new Set(events.map(each => each.taskScheduledEventDetails?.region).filter(Boolean))];
  assert.deepEqual(regions(JSON.parse((await weft(['history', 'night', '--data', data, '--json'])).stdout)), ['eu-west-1']);
  const endpoint = await serve(t, ['--data', data]);
  assert.deepEqual(regions(await call(endpoint, 'GetExecutionHistory', { executionArn })), ['eu-west-1']);
});
