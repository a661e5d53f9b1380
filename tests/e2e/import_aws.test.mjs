// `weft import --execution ARN`: one weft is AWS, another fetches its execution through the service API.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, expectStatus, fanOut, machine, refuseEvery, scratch, serve, until, weft } from './lib.mjs';

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
