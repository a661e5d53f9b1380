// HTTP tasks (arn:aws:states:::http:invoke) against a server of the test.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, definitionFile, expectStatus, scratch, start, until, weft, weftProgram, weftRun } from './lib.mjs';

/** A server on loopback; `answer` gets (request, body, response). Resolves to its URL. */
async function listen(t, answer) {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', chunk => { body += chunk; });
    request.on('end', () => answer(request, body, response));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  cleanUp(t, () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

const task = (Arguments, more = {}) => ({
  Type: 'Task', Resource: 'arn:aws:states:::http:invoke', Arguments, End: true, ...more,
});
const machine = states => JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });

test('a call with everything a definition may ask for, and its credentials nowhere else', async t => {
  const requests = [];
  const url = await listen(t, (request, body, response) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    response.writeHead(201, { 'Content-Type': 'application/json', 'X-Part': ['a', 'b'] });
    response.end('{"ok": true}');
  });
  const directory = scratch(t);
  const file = path.join(directory, 'connection.json');
  fs.writeFileSync(file, JSON.stringify({
    AuthorizationType: 'API_KEY',
    AuthParameters: {
      ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'canary-1' },
      InvocationHttpParameters: {
        QueryStringParameters: [{ Key: 'token', Value: 'canary-2', IsValueSecret: true }],
        BodyParameters: [{ Key: 'secret', Value: 'canary-3', IsValueSecret: true }],
      },
    },
  }));
  const definition = machine({
    Call: task({
      ApiEndpoint: `${url}/v1`, Method: 'POST', QueryParameters: { q: 'a b' }, Headers: { 'X-Mine': '1' },
      RequestBody: { n: '{% $states.input.n %}' },
      InvocationConfig: { ConnectionArn: 'arn:aws:events:us-east-1:000000000000:connection/shop/1f' },
    }),
  });
  const data = path.join(directory, 'data');
  const args = [definitionFile(directory, definition), '--input', '{"n": 5}', '--data', data];
  const { report, ...result } = await weftRun([...args, '--connection', `shop=${file}`]);
  expectStatus(result, 0, 'weft run');
  const [sent] = requests;
  assert.equal(`${sent.method} ${sent.url}`, 'POST /v1?q=a%20b&token=canary-2');
  assert.equal(sent.body, '{"n":5,"secret":"canary-3"}');
  assert.equal(sent.headers['x-key'], 'canary-1');
  assert.equal(sent.headers['x-mine'], '1');
  assert.equal(sent.headers['user-agent'], 'Amazon|StepFunctions|HttpInvoke|us-east-1');
  const { Headers, ...output } = JSON.parse(report.output);
  assert.deepEqual(output, { ResponseBody: { ok: true }, StatusCode: 201, StatusText: 'Created' });
  assert.deepEqual(Headers['x-part'], ['a', 'b']);
  // The same place in the trace, in three ways of saying it.
  const [, trace, span] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(sent.headers.traceparent);
  assert.equal(BigInt(sent.headers['x-datadog-parent-id']), BigInt(`0x${span}`));
  assert.equal(BigInt(sent.headers['x-datadog-trace-id']), BigInt(`0x${trace.slice(16)}`));
  assert.equal(sent.headers['x-datadog-tags'], `_dd.p.tid=${trace.slice(0, 16)}`);
  assert.equal(sent.headers['x-amzn-trace-id'], `Root=1-${trace.slice(0, 8)}-${trace.slice(8)};Parent=${span};Sampled=1`);

  for (const command of [['history', 'latest', '--json'], ['trace', 'latest'], ['trace', 'latest', '--format', 'otlp', '--show-secrets']]) {
    const { code, stdout } = await weft([...command, '--data', data]);
    assert.equal(code, 0, command.join(' '));
    assert.doesNotMatch(stdout, /canary/, command.join(' '));
  }
  assert.doesNotMatch(result.stdout + result.stderr, /canary/);
  const stored = fs.readdirSync(data, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    .map(entry => fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name), 'latin1')).join('');
  assert.doesNotMatch(stored, /canary/, 'the data directory');
});

test('failures have AWS\'s names, and each can be caught', async t => {
  const url = await listen(t, (request, body, response) => {
    if (request.url === '/gone') return request.socket.destroy();
    response.writeHead(request.url === '/moved' ? 302 : 404, { Location: '/elsewhere' });
    return response.end('why');
  });
  const directory = scratch(t);
  const caught = async (Arguments, ...flags) => {
    const definition = machine({
      Call: task(Arguments, { Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Done' }] }),
      Done: { Type: 'Succeed' },
    });
    const { report, ...result } = await weftRun([
      definitionFile(directory, definition), '--data', path.join(directory, `data${Math.random()}`), ...flags,
    ]);
    return report?.output ? JSON.parse(report.output) : { ...report, ...result };
  };
  const get = where => ({ ApiEndpoint: url + where, Method: 'GET' });
  assert.deepEqual(await caught(get('/')), { Error: 'States.Http.StatusCode.404', Cause: 'Not Found' });
  assert.deepEqual(await caught(get('/moved')), { Error: 'States.Http.StatusCode.302', Cause: 'Found' });
  assert.equal((await caught(get('/gone'))).Error, 'States.Http.Socket');
  assert.equal((await caught({ ...get('/'), InvocationConfig: { ConnectionArn: 'none' } })).Error,
    'Events.ConnectionResource.ResourceNotFound');
  const denied = await caught(get('/'), '--http-deny', '127.0.0.0/8');
  assert.equal(denied.Error, 'States.Permissions');
  assert.match(denied.Cause, /the address 127\.0\.0\.1 of .* is denied .*--http-allow/);
  const metadata = await caught({ ApiEndpoint: 'http://169.254.169.254/latest/meta-data/', Method: 'GET' });
  assert.equal(metadata.Error, 'States.Permissions');
  // As on AWS, nothing catches States.Runtime.
  const bad = await caught({ Method: 'GET', ApiEndpoint: url, Headers: { Host: 'other' } });
  assert.equal(bad.status, 'FAILED');
  assert.equal(bad.error, 'States.Runtime');
  assert.match(bad.cause, /^The Parameters '.*' could not be used to start the Task: \[The value of the field 'Headers' has an invalid format/);
});

test('a call that was at hand when Weft was killed is made again, at the same place in the trace', async t => {
  const parents = [];
  const url = await listen(t, (request, body, response) => {
    parents.push(request.headers.traceparent);
    if (parents.length > 1) response.end('done');
  });
  const directory = scratch(t);
  const args = ['serve', '--listen', '127.0.0.1:0', '--data', path.join(directory, 'data'), '--json'];
  const begin = async () => {
    const child = start(weftProgram, args);
    cleanUp(t, () => child.kill('SIGKILL') && child.done);
    const line = await until(() => /^(\{.*\})\n/.exec(child.text.stdout)?.[1], 'weft serve does not get ready');
    return { child, endpoint: JSON.parse(line).url };
  };
  const first = await begin();
  const { stateMachineArn } = await call(first.endpoint, 'CreateStateMachine', {
    name: 'm', definition: machine({ Call: task({ ApiEndpoint: url, Method: 'POST' }) }), roleArn: 'arn:aws:iam::000000000000:role/r',
  });
  const { executionArn } = await call(first.endpoint, 'StartExecution', { stateMachineArn });
  await until(() => parents.length === 1, 'the call does not arrive');
  first.child.kill('SIGKILL');
  await first.child.done;
  const second = await begin();
  const ended = await until(async () => {
    const execution = await call(second.endpoint, 'DescribeExecution', { executionArn });
    return execution.status !== 'RUNNING' && execution;
  }, 'the execution does not end');
  assert.equal(ended.status, 'SUCCEEDED', ended.cause);
  assert.equal(JSON.parse(ended.output).ResponseBody, 'done');
  assert.equal(parents.length, 2);
  assert.equal(parents[0], parents[1]);
});
