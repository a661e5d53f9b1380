// Secrets in many places, and none of them on any surface; with --show-secrets all of them, so that
// the test knows they were there.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, definitionFile, expectStatus, fanOut, invoke, root, scratch, serve, until, weft, weftRun } from './lib.mjs';

// A different one for each place, in the form the place asks for.
const inFunction = [
  'urlInName', 'spanAttribute', 'spanUrl', 'resource', 'spanError', 'spanStack', 'recordBody', 'recordAttribute', 'recordUrl', 'recordMember',
  'printedValue', 'printedJson', 'printedInJson', 'printedObject', 'printedHeader', 'printedBearer', 'privateKey', 'connection',
  'printedError', 'printedCookie', 'thrown', 'answer', 'answerNote',
];
const canaries = Object.fromEntries(inFunction.map((name, i) => [name, `cAnArY${i}x${name}9`]));
canaries.keyId = 'AKIACANARY0123456789';
canaries.secretKey = 'cAnArYwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAM';
canaries.webToken = 'eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.cAnArYwebToken_abcdefghij';
const inInput = ['password', 'apiKey', 'note', 'header', 'text', 'url', 'list'];
for (const [i, name] of inInput.entries()) canaries[`in_${name}`] = `cAnArY${i}y${name}9`;
canaries.cause = 'cAnArYzCause9';

const input = {
  password: canaries.in_password, nested: { 'x-api-key': canaries.in_apiKey }, note: `login with password=${canaries.in_note} please`,
  header: `Bearer ${canaries.in_header}`, text: JSON.stringify({ token: canaries.in_text }), url: `https://u:${canaries.in_url}@host/`,
  list: [{ accessToken: canaries.in_list }],
  // Under a name that hides the whole, else the input would show what functions are told.
  credentials: Object.fromEntries(Object.entries(canaries).filter(([name]) => !name.startsWith('in_'))),
};
const fails = { Type: 'Fail', Error: 'Refused', Cause: `{% 'no way with token: ' & $states.input.credentials.cause %}` };
const definition = fanOut(3, {
  Work: invoke('secrets', {
    Arguments: { FunctionName: 'secrets', Payload: '{% {"n": $states.input.n, "c": $states.input.credentials} %}' }, End: undefined, Next: 'Rest',
    Output: '{% $merge([$states.input, $states.result.Payload]) %}',
  }),
  Rest: { Type: 'Choice', Default: 'Finish', Choices: [{ Condition: '{% $states.input.n = 3 %}', Next: 'Fail' }] },
  Fail: fails,
  Finish: { Type: 'Succeed' },
}, { Items: '{% [1..3].($merge([$states.context.Execution.Input, {"n": $}])) %}', End: undefined, Next: 'Decide' });
definition.States.Decide = { Type: 'Choice', Default: 'Refuse', Choices: [{ Condition: '{% $states.context.Execution.Input.good = true %}', Next: 'Done' }] };
definition.States.Refuse = { ...fails, Cause: `{% 'no way with token: ' & $states.context.Execution.Input.credentials.cause %}` };
definition.States.Done = { Type: 'Succeed' };

/** The texts of everything `weft` shows of an execution, by surface. */
async function surfaces(t, { flags }) {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const pushed = [];
  const server = http.createServer((request, response) => {
    request.on('data', chunk => pushed.push(chunk));
    request.on('end', () => response.end('{}'));
  }).listen(0, '127.0.0.1');
  await new Promise(ready => server.on('listening', ready));
  cleanUp(t, () => { server.closeAllConnections(); server.close(); });
  const url = `http://127.0.0.1:${server.address().port}`;
  const functions = ['--function', `secrets=${path.join(root, 'tests/e2e/functions/secrets.mjs')}:handler,concurrency=1`];
  const exports = ['--export', `otlp=${url}`, '--export', `datadog=${url}`, '--export', `otlp-metrics=${url}`];
  const seen = {};
  const file = definitionFile(directory, definition);
  for (const good of [true, false]) {
    const run = await weftRun([file, '--data', data, '--input', JSON.stringify({ ...input, good }), ...functions, ...exports, ...flags]);
    expectStatus(run, good ? 0 : 1, 'weft run --json');
    seen[`run --json ${good}`] = run.stdout + run.stderr;
  }
  seen['live push'] = Buffer.concat(pushed).toString('latin1');
  const shown = await weft(['run', file, '--data', data, '--input', JSON.stringify({ ...input, good: false }), ...functions, ...flags]);
  seen.run = shown.stdout + shown.stderr;
  const look = async (...args) => {
    const result = await weft([...args, '--data', data, ...flags]);
    expectStatus(result, 0, args.join(' '));
    seen[args.join(' ')] = result.stdout + result.stderr;
    return result.stdout;
  };
  const children = (await weft(['list', '--data', data, '--json'])).stdout;
  const { executionArn: arn } = JSON.parse(children).executions[0];
  for (const format of ['otlp', 'chrome', 'jaeger', 'ndjson']) await look('trace', 'latest', '--format', format, '--every-child');
  await look('trace', 'latest', '--width', '400');
  for (const by of ['error', 'state', 'status']) await look('trace', 'latest', '--group-by', by);
  await look('trace', 'latest', '--filter', 'status:failed');
  await look('logs', 'latest');
  await look('logs', 'latest', '--json');

  const endpoint = await serve(t, ['--data', data, ...functions, ...flags]);
  const get = async (place, question) => {
    const response = await fetch(`${endpoint}${place}?${new URLSearchParams(question)}`);
    assert.equal(response.status, 200, place);
    return seen[`GET ${place} ${question.arn ?? ''}`] = await response.text();
  };
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', { name: 'again', roleArn: 'arn:aws:iam::000000000000:role/r', definition: JSON.stringify(definition) });
  const { executionArn: again } = await call(endpoint, 'StartExecution', { stateMachineArn, input: JSON.stringify(input) });
  await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn: again })).status === 'FAILED', 'it does not end');
  for (const one of [arn, again]) {
    const { mapRuns: [{ mapRunArn }] } = await call(endpoint, 'ListMapRuns', { executionArn: one });
    const { executions } = await call(endpoint, 'ListExecutions', { mapRunArn });
    for (const { executionArn } of executions) await get('/_weft/v1/exec/summary', { arn: executionArn });
    for (const place of ['summary', 'logs']) await get(`/_weft/v1/exec/${place}`, { arn: one });
    for (const place of ['summary', 'errors', 'tail', 'children', 'differs', 'strip', 'heatmap'])
      await get(`/_weft/v1/maprun/${place}`, { arn: mapRunArn, sel: 'status:failed' });
  }
  await get('/_weft/v1/metrics/states', {});
  await get('/metrics', {});
  await get('/_weft/health', {});
  return seen;
}

const found = seen => Object.entries(seen).flatMap(([surface, text]) =>
  Object.entries(canaries).filter(([, canary]) => text.includes(canary)).map(([name]) => `${name} in ${surface}`));

test(`none of ${Object.keys(canaries).length} secrets is on any surface`, async t => {
  assert.deepEqual(found(await surfaces(t, { flags: [] })), []);
});

test('with --show-secrets all of them are', async t => {
  const seen = await surfaces(t, { flags: ['--show-secrets', '--payload-bytes', '100000'] });
  const hits = found(seen);
  for (const name of Object.keys(canaries)) assert.ok(hits.some(hit => hit.startsWith(`${name} in `)), `${name} is nowhere`);
  for (const surface of ['run', 'run --json true', 'live push', 'logs latest', 'logs latest --json', 'trace latest --format otlp --every-child'])
    assert.ok(hits.some(hit => hit.endsWith(` in ${surface}`)), `nothing in ${surface}`);
});
