// `weft trace` as a tool: filters, groups, order, payloads that hide secrets, following a running execution.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, definitionFile, expectStatus, fanOut, invoke, refuseEvery, root, scratch, serve, start, until, weft, weftProgram } from './lib.mjs';

const CHILDREN = 40;
const definition = rest => fanOut(CHILDREN, refuseEvery(10, rest), { MaxConcurrency: 10 });

async function ran(t) {
  const directory = scratch(t);
  const file = definitionFile(directory, definition({ Type: 'Wait', Seconds: 0 }));
  const data = path.join(directory, 'data');
  const result = await weft(['run', file, '--data', data, '--input', '{"api_key":"k","n":1,"card":7}']);
  expectStatus(result, 0, 'weft run');
  return data;
}

test('children are chosen, listed and grouped', async t => {
  const data = await ran(t);
  const trace = async (...args) => {
    const result = await weft(['trace', 'latest', '--data', data, '--width', '120', ...args]);
    expectStatus(result, 0, args.join(' '));
    return result.stdout;
  };
  const failed = await trace('--filter', 'status:failed index:0..99');
  assert.match(failed, /Each {2}4 of 40 finished children: status:failed index:0..99\n4 failed, p50 /);
  assert.equal(failed.match(/^ +\d+ +FAILED /gm).length, 4);
  assert.equal(failed.match(/^ {9}Bad\.Item: it is bad$/gm).length, 4);
  assert.match(failed, /one of them: weft trace [\w-]+ --data \S+\n$/);
  const listed = await trace('--sort', 'index:desc', '--limit', '3');
  assert.deepEqual([...listed.matchAll(/^ +(\d+) +(?:FAILED|SUCCEEDED) /gm)].map(match => match[1]), ['39', '38', '37']);
  assert.match(listed, /\.\.\. 37 more: raise --limit/);
  assert.match(await trace('--group-by', 'error'), /^err:\d+ +4 +100\.0 % +4 .*\n {2}Bad\.Item: it is bad$/m);
  assert.match(await trace('--group-by', 'status', '--sort', 'count:asc'), /^FAILED +4 .*\n^SUCCEEDED +36 /m);
  const states = await trace('--group-by', 'state', '--sort', 'count');
  assert.match(states, /^The execution's own states\n.*\nEach +1 /m);
  assert.match(states, /^Check +40 .*\nRest +36 .*\nRefuse +4 +\d+\.\d % +4 /m);
  const spans = (await trace('--filter', 'status:failed', '--format', 'otlp')).match(/"weft\.kind","value":\{"stringValue":"child"/g);
  assert.equal(spans.length, 4);
});

test('Map Runs of children are in the trace and the metrics of the whole', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const inner = fanOut(4, { Say: { Type: 'Pass', End: true } }, { Label: 'Inner' }).States.Each;
  const file = definitionFile(directory, fanOut(3, { Split: inner }, { Label: 'Outer' }));
  expectStatus(await weft(['run', file, '--data', data]), 0, 'weft run');
  const asked = async (...args) => {
    const result = await weft([...args, '--data', data]);
    expectStatus(result, 0, args.join(' '));
    return result.stdout;
  };
  assert.equal((await asked('trace', 'latest')).match(/^ {4}▣ 4 children /gm).length, 3, 'below each child that is drawn');
  const lines = (await asked('trace', 'latest', '--format', 'ndjson')).trim().split('\n').map(line => JSON.parse(line));
  assert.equal(lines.filter(line => line.kind === 'child').length, 3 + 12);
  assert.deepEqual(lines.filter(line => line.kind === 'map_run').map(line => line.numbers['map.total']).sort(), [3, 4, 4, 4]);
  const ids = new Map(lines.map(line => [line.spanId, line]));
  for (const line of lines) assert.ok(!line.parentSpanId || ids.has(line.parentSpanId), line.name);
  for (const line of lines.filter(line => line.kind === 'child')) {
    assert.equal(ids.get(line.parentSpanId).resource, line.mapRunArn);
  }
  const chrome = JSON.parse(await asked('trace', 'latest', '--format', 'chrome')).traceEvents;
  assert.equal(chrome.filter(event => event.name === 'process_name' && event.args.name === 'Map Run Inner (4 children)').length, 3);
  assert.match(await asked('metrics'), /^machine\/Inner +Say +yes +12 /m);
});

test('wrong flags are named', async t => {
  const data = await ran(t);
  for (const [args, message] of [
    [['--filter', 'size:big'], /^weft: --filter .*size:big/],
    [['--group-by', 'colour'], /--group-by/],
    [['--group-by', 'error', '--sort', 'dur'], /^weft: --sort "dur": groups are sorted by count/],
    [['--sort', 'colour'], /^weft: --sort "colour": expected dur, start/],
    [['--format', 'otlp', '--follow'], /^weft: --follow is about text/],
    [['--redact', '$.a['], /^weft: --redact: path \$\.a\[/],
    [['--limit', 'x'], /^weft: --limit: x is no whole number from 1 to 1000000$/m],
    [['--width', '20'], /^weft: --width: 20 is no whole number from 60 to 500$/m],
  ]) {
    const result = await weft(['trace', 'latest', '--data', data, ...args]);
    expectStatus(result, 2, args.join(' '));
    assert.match(result.stderr, message);
  }
});

test('payloads hide secrets, in text, exports and the query API', async t => {
  const data = await ran(t);
  const trace = async (...args) => (await weft(['trace', 'latest', '--data', data, ...args])).stdout;
  assert.match(await trace(), /^input \{"api_key":"\[redacted\]","n":1,"card":7\}$/m);
  assert.match(await trace('--redact', '$.card'), /^input \{"api_key":"\[redacted\]","n":1,"card":"\[redacted\]"\}$/m);
  assert.match(await trace('--show-secrets'), /^input \{"api_key":"k","n":1,"card":7\}$/m);
  assert.doesNotMatch(await trace('--payload-bytes', '0'), /^input/m);
  const spans = await trace('--format', 'otlp');
  assert.ok(spans.includes('{\\"api_key\\":\\"[redacted]\\",\\"n\\":1,\\"card\\":7}'));
  assert.ok(!spans.includes('\\"k\\"'));
  const list = JSON.parse((await weft(['list', '--data', data, '--json'])).stdout);
  const endpoint = await serve(t, ['--data', data, '--redact', 'card']);
  const arn = encodeURIComponent(list.executions[0].executionArn);
  const summary = await (await fetch(`${endpoint}/_weft/v1/exec/summary?arn=${arn}`)).json();
  assert.equal(summary.input.preview, '{"api_key":"[redacted]","n":1,"card":"[redacted]"}');
});

test('--follow ends with the execution', async t => {
  const directory = scratch(t);
  const gate = path.join(directory, 'gate');
  const file = definitionFile(directory, definition(invoke('gate')));
  const data = path.join(directory, 'data');
  const run = start(weftProgram, ['run', file, '--data', data,
    '--function', `gate=${path.join(root, 'tests/e2e/functions/gate.mjs')}:handler,concurrency=2,timeout=600,env.GATE=${gate}`]);
  await until(async () => (await weft(['describe', 'latest', '--data', data])).code === 0, 'it does not start');
  const follower = start(weftProgram, ['trace', 'latest', '--follow', '--data', data]);
  await until(() => follower.exitCode !== null || /^RUNNING: \d+ of 40 children finished$/m.test(follower.text.stderr), 'it shows nothing');
  fs.writeFileSync(gate, '');
  expectStatus(await run.done, 0, 'weft run');
  const followed = await follower.done;
  expectStatus(followed, 0, 'weft trace --follow');
  assert.match(followed.stderr, /^RUNNING: \d+ of 40 children finished$/m);
  assert.match(followed.stdout, /SUCCEEDED/);
  assert.match(followed.stdout, /40 children/);
});

test('with --endpoint a running weft is read, to the same answers as its data directory gives', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data'), gate = path.join(directory, 'gate');
  const endpoint = await serve(t, ['--data', data, '--detail-budget', '20', '--function',
    `traced=${path.join(root, 'tests/e2e/functions/traced.mjs')}:handler,concurrency=2,timeout=600,env.GATE=${gate},env.FREE=40`]);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', {
    name: 'each', roleArn: 'arn:aws:iam::123456789012:role/r',
    definition: JSON.stringify(fanOut(80, { Work: { ...invoke('traced'),
      Arguments: { FunctionName: 'traced', Payload: { item: '{% $states.input %}' } } } }, { MaxConcurrency: 10 })),
  });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn, name: 'one' });
  const follower = start(weftProgram, ['trace', 'one', '--follow', '--endpoint', endpoint, '--width', '120']);
  await until(() => follower.exitCode !== null || /RUNNING: \d+ of/.test(follower.text.stderr), 'it shows nothing');
  fs.writeFileSync(gate, '');
  const followed = await follower.done;
  expectStatus(followed, 0, 'weft trace --follow --endpoint');
  assert.match(followed.stdout, /SUCCEEDED/);
  await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status === 'SUCCEEDED', 'it does not end');

  const failed = JSON.parse((await weft(['list', '--endpoint', endpoint, '--json'])).stdout).executions;
  assert.equal(failed.length, 1);
  for (const args of [
    ['trace', 'one', '--width', '120'], ['trace', 'latest', '--format', 'otlp'], ['trace', 'latest', '--format', 'chrome'],
    ['trace', 'latest', '--format', 'jaeger'], ['trace', 'latest', '--format', 'ndjson', '--every-child'],
    ['trace', 'latest', '--group-by', 'state'], ['trace', 'latest', '--filter', 'status:failed', '--width', '120'],
    ['history', 'latest', '--json'], ['describe', 'latest', '--json'], ['list', '--json'], ['logs', 'latest', '--json'],
  ]) {
    // What functions print and send may still come for a moment after the end.
    // The command that is named at the end asks where this one asked.
    const asked = async (...where) => {
      const result = await weft([...args, ...where]);
      return { ...result, stdout: result.stdout.replace(` ${where.join(' ')}`, '') };
    };
    const ask = () => Promise.all([asked('--endpoint', endpoint), asked('--data', data)]);
    let [there, here] = [];
    await until(async () => {
      [there, here] = await ask();
      return there.stdout === here.stdout;
    }, 'the answers differ').catch(() => {});  // what differs is told below
    expectStatus(there, 0, args.join(' '));
    assert.equal(there.stdout, here.stdout, args.join(' '));
    assert.equal(there.stderr, here.stderr, args.join(' '));
  }
  const nobody = await weft(['trace', 'latest', '--endpoint', 'http://127.0.0.1:1']);
  expectStatus(nobody, 2, 'nobody there');
  assert.match(nobody.stderr, /^weft: .*127\.0\.0\.1:1/);
});

test('an execution joins the trace of the request that starts it', async t => {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data')]);
  const pass = { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine',
    { name: 'm', definition: JSON.stringify(pass), roleArn: 'arn:aws:iam::000000000000:role/r' });
  const xray = 'Root=1-33089bd6-13b96f232a43448f556f1116;Parent=1eb5017046ae6f5f;Sampled=1';
  const w3c = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const datadog = { 'x-datadog-trace-id': '5821803790426892636', 'x-datadog-parent-id': '77', 'x-datadog-tags': '_dd.p.tid=672a7cb100000000' };
  const inTrace = { traceparent: w3c, 'X-Amzn-Trace-Id': xray };
  for (const [name, request, headers, trace, parent] of [
    ['traceparent', {}, inTrace, '0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'],
    ['datadog', {}, { ...inTrace, ...datadog }, '672a7cb10000000050cb33b3c06ae95c', '000000000000004d'],
    ['sdk', {}, { 'X-Amzn-Trace-Id': xray }, '33089bd613b96f232a43448f556f1116', '1eb5017046ae6f5f'],
    ['header', { traceHeader: xray }, datadog, '33089bd613b96f232a43448f556f1116', '1eb5017046ae6f5f'],
    ['input', { input: JSON.stringify({ _datadog: datadog }) }, inTrace, '672a7cb10000000050cb33b3c06ae95c', '000000000000004d'],
  ]) {
    const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn, name, ...request }, headers);
    const { stdout } = await weft(['trace', executionArn, '--endpoint', endpoint, '--format', 'ndjson']);
    const root = JSON.parse(stdout.split('\n')[0]);
    assert.deepEqual([root.traceId, root.parentSpanId], [trace, parent], name);
  }
});
