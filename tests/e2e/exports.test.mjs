// Pushing spans and metrics: while an execution runs, afterwards, and against collectors that are slow, busy
// or gone.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import {
  call, cleanUp, definitionFile, expectStatus, fanOut, invoke, machine, refuseEvery, root, scratch, serve, start, until, weft, weftProgram, weftRun,
} from './lib.mjs';

const CHILDREN = 60;
const definition = fanOut(CHILDREN, refuseEvery(20, { Type: 'Pass' }), { MaxConcurrency: 20 });

/** A server that keeps what it is sent; `answer(request number, response)` says how it answers. */
async function collector(t, answer = (_, response) => response.end('{}')) {
  const requests = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks) });
      answer(requests.length, response);
    });
  });
  await new Promise(ready => server.listen(0, '127.0.0.1', ready));
  cleanUp(t, () => { server.closeAllConnections(); server.close(); });
  return { requests, url: `http://127.0.0.1:${server.address().port}` };
}

/** The spans of OTLP requests, each with its service. */
const spansOf = requests => requests.flatMap(({ body }) => JSON.parse(body).resourceSpans).flatMap(resource =>
  resource.scopeSpans[0].spans.map(span => ({ ...span, service: resource.resource.attributes[0].value.stringValue })));

function assertOneTrace(spans) {
  const ids = new Set(spans.map(span => span.spanId));
  assert.equal(ids.size, spans.length, 'span ids differ');
  assert.equal(new Set(spans.map(span => span.traceId)).size, 1, 'one trace');
  assert.equal(spans.filter(span => !span.parentSpanId).length, 1, 'one root');
  for (const span of spans) assert.ok(!span.parentSpanId || ids.has(span.parentSpanId), `${span.name} has a parent`);
}

test('a run pushes every span to a collector and an agent, and trace --push the same again', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  // The first request finds the collector busy.
  const live = await collector(t, (number, response) => {
    if (number === 1) response.writeHead(503, { 'Retry-After': '0' });
    response.end('{}');
  });
  const agent = await collector(t);
  const run = await weftRun([definitionFile(directory, definition), '--data', data,
    '--export', `otlp=${live.url}`, '--export', `datadog=${agent.url}`]);
  expectStatus(run, 0, 'weft run');
  assert.doesNotMatch(run.stderr, /warning/);

  assert.equal(live.requests[0].path, '/v1/traces');
  assert.equal(live.requests[0].headers['content-type'], 'application/json');
  assert.deepEqual(live.requests[0].body, live.requests[1].body, 'what was refused is sent again');
  const spans = spansOf(live.requests.slice(1));
  assertOneTrace(spans);
  assert.equal(spans.filter(span => span.attributes[0].value.stringValue === 'child').length, CHILDREN);
  assert.equal(spans.filter(span => span.status.message === 'Bad.Item').length >= 3, true);

  for (const request of agent.requests) {
    assert.equal(`${request.method} ${request.path}`, 'PUT /v0.4/traces');
    assert.equal(request.headers['content-type'], 'application/msgpack');
    assert.equal(request.headers['x-datadog-trace-count'], '1');
  }

  const written = await weft(['trace', 'latest', '--data', data, '--format', 'ndjson']);
  expectStatus(written, 0, 'weft trace --format ndjson');
  const lines = written.stdout.trim().split('\n').map(line => JSON.parse(line));
  assert.deepEqual(new Set(spans.map(span => span.spanId)), new Set(lines.map(line => line.spanId)));

  const later = await collector(t);
  const pushed = await weft(['trace', 'latest', '--data', data, '--push', `otlp=${later.url}`]);
  expectStatus(pushed, 0, 'weft trace --push');
  assert.match(pushed.stdout, new RegExp(`^Sent ${lines.length} spans to otlp ${later.url}/v1/traces`));
  assertOneTrace(spansOf(later.requests));
});

// 490 of 500 succeed; three errors, one of them once. Beyond the detail budget of 20.
const sampled = fanOut(500, {
  Check: { Type: 'Choice', Default: 'Rest', Choices: [
    { Condition: '{% $states.input = 333 %}', Next: 'Once' },
    { Condition: '{% $states.input in [100, 101] %}', Next: 'Twice' },
    { Condition: '{% $states.input % 70 = 0 %}', Next: 'Often' }] },
  Once: { Type: 'Fail', Error: 'Very.Rare', Cause: 'once' },
  Twice: { Type: 'Fail', Error: 'Rare', Cause: 'twice' },
  Often: { Type: 'Fail', Error: 'Bad.Item', Cause: 'it is bad' },
  Rest: { Type: 'Pass', End: true },
}, { MaxConcurrency: 50 });

test('beyond the detail budget live pushes and trace --format send the same kept children and exact groups', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const live = await collector(t);
  const run = await weftRun([definitionFile(directory, sampled), '--data', data, '--detail-budget', '20', '--export', `otlp=${live.url}`]);
  expectStatus(run, 0, 'weft run');
  assert.doesNotMatch(run.stderr, /warning/);
  const spans = spansOf(live.requests);
  assertOneTrace(spans);

  const valueOf = (span, key) => {
    const found = span.attributes.find(attribute => attribute.key === key);
    return found && (found.value.stringValue ?? found.value.doubleValue);
  };
  const sum = numbers => numbers.reduce((a, b) => a + b, 0);
  const children = spans.filter(span => valueOf(span, 'weft.kind') === 'child');
  assert.equal(children.length, 20);
  assert.ok(Math.abs(sum(children.map(child => valueOf(child, 'weft.sample.weight'))) - 500) < 1e-6, 'the weights sum to all children');
  for (const child of children) assert.ok(valueOf(child, 'weft.sample.reason'), 'says why it was kept');
  const drawn = children.filter(child => valueOf(child, 'weft.sample.weight') > 1);
  for (const child of drawn) assert.match(child.traceState, /^ot=th:[0-9a-f]{1,14}$/);
  assert.deepEqual([...new Set(children.map(child => child.status.message).filter(Boolean))].sort(), ['Bad.Item', 'Rare', 'Very.Rare']);

  const groups = spans.filter(span => span.name === 'weft.group');
  const counts = Object.fromEntries(groups.map(group => [valueOf(group, 'resource.name'), valueOf(group, 'weft.group.count')]));
  assert.deepEqual(counts, { 'Each SUCCEEDED': 490, 'Each Bad.Item': 7, 'Each Rare': 2, 'Each Very.Rare': 1 });
  assert.equal(sum(groups.map(group => valueOf(group, 'weft.group.errors'))), 10);
  assert.equal(sum(groups.map(group => valueOf(group, 'weft.group.kept'))), 20);

  const file = path.join(directory, 'spans.jsonl');
  expectStatus(await weft(['trace', 'latest', '--data', data, '--format', 'otlp', '--output', file]), 0, 'weft trace --format otlp');
  const written = spansOf(fs.readFileSync(file, 'utf8').trim().split('\n').map(body => ({ body })));
  const byId = list => [...list].sort((a, b) => a.spanId < b.spanId ? -1 : 1);
  assert.deepEqual(byId(spans), byId(written));

  const every = await weft(['trace', 'latest', '--data', data, '--format', 'ndjson', '--every-child']);
  expectStatus(every, 0, 'weft trace --every-child');
  const lines = every.stdout.trim().split('\n').map(line => JSON.parse(line));
  assert.equal(lines.filter(line => line.kind === 'child').length, 500);
  assert.equal(lines.filter(line => line.kind === 'group').length, 0);
});

// The second half waits for the gate: before it opens the run cannot end.
const starting = (pattern, name, more) => ({
  Type: 'Task', Resource: `arn:aws:states:::states:startExecution${pattern}`, ...more,
  Arguments: { StateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`, Input: '{% $states.input %}' },
});
const overNumbers = (count, label, states, more) => ({ ...fanOut(count, states, { Label: label, End: undefined }).States.Each, ...more });
const pause = machine({ Pause: { Type: 'Wait', Seconds: 1, End: true } });

/** Live pushes of a run of `outer` sent what `weft trace --format otlp` writes afterwards. Answers how many spans of each kind. */
async function sentAsWritten(t, outer, others, flags) {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const live = await collector(t);
  const given = Object.entries(others).flatMap(([name, definition]) =>
    ['--state-machine', definitionFile(directory, definition, `${name}.asl.json`)]);
  const run = await weftRun([definitionFile(directory, outer, 'outer.asl.json'), ...given, '--name', 'whole', '--data', data, ...flags,
    '--export', `otlp=${live.url}`]);
  expectStatus(run, 0, 'weft run');
  assert.doesNotMatch(run.stderr, /warning/);
  const spans = spansOf(live.requests);
  assertOneTrace(spans);
  const file = path.join(directory, 'spans.jsonl');
  expectStatus(await weft(['trace', 'whole', '--data', data, '--format', 'otlp', '--output', file]), 0, 'weft trace');
  const written = spansOf(fs.readFileSync(file, 'utf8').trim().split('\n').map(body => ({ body })));
  const byId = list => [...list].sort((a, b) => a.spanId < b.spanId ? -1 : 1);
  assert.deepEqual(byId(spans), byId(written));
  const kinds = spans.map(span => span.attributes[0].value.stringValue);
  return Object.fromEntries(['execution', 'child', 'map_run'].map(kind => [kind, kinds.filter(one => one === kind).length]));
}

for (const [flags, kept] of [[[], 60], [['--detail-budget', '8'], 8]]) {
  test(`executions that children start go with them, each once: ${kept} of 60 children`, async t => {
    // Each child starts one execution it waits for, and one that outlives it.
    const outer = fanOut(60, {
      Start: starting('.sync:2', 'quick', { Next: 'Leave' }), Leave: starting('', 'pause', { End: true }),
    });
    const quick = machine({ Say: { Type: 'Pass', End: true } });
    const counts = await sentAsWritten(t, outer, { quick, pause }, flags);
    assert.deepEqual(counts, { execution: 1 + 2 * kept, child: kept, map_run: 1 });
  });
}

for (const [budget, kept, inner] of [[1000, 12, 6], [6, 6, 6], [5, 5, 5]]) {
  test(`Map Runs of children go with them: ${kept} of 12 children, ${inner} of 6 of each`, async t => {
    // Each child has a Map Run, and starts an execution with another, each of whose children starts one that outlives all.
    const outer = fanOut(12, {
      Inner: overNumbers(6, 'Inner', { Say: { Type: 'Pass', End: true } }, { Next: 'Start' }),
      Start: starting('.sync:2', 'within', { End: true }),
    });
    const within = machine({ Deep: overNumbers(6, 'Deep', { Leave: starting('', 'pause', { End: true }) }, { End: true }) });
    const counts = await sentAsWritten(t, outer, { within, pause }, ['--detail-budget', `${budget}`]);
    assert.deepEqual(counts, { execution: 1 + kept * (1 + inner), child: kept * (1 + 2 * inner), map_run: 1 + kept * 2 });
  });
}

test('of a large run children whose place is certain are seen while it goes on, and each once', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data'), gate = path.join(directory, 'gate');
  const live = await collector(t);
  const traced = `traced=${path.join(root, 'tests/e2e/functions/traced.mjs')}:handler,concurrency=2,timeout=600,env.GATE=${gate},env.FREE=100`;
  const run = start(weftProgram, ['run', definitionFile(directory, fanOut(200, { Work: { ...invoke('traced'),
    Arguments: { FunctionName: 'traced', Payload: { item: '{% $states.input %}' } }, End: true } }, { MaxConcurrency: 20 })),
  '--data', data, '--detail-budget', '60', '--function', traced, '--export', `otlp=${live.url}`]);
  const kindOf = span => span.attributes[0].value.stringValue;
  const children = () => spansOf(live.requests).filter(span => kindOf(span) === 'child');
  cleanUp(t, () => run.kill('SIGKILL'));
  const worked = () => spansOf(live.requests).some(span => span.name.startsWith('work on'));
  await until(() => run.exitCode !== null || (children().some(span => span.status.message) && worked()),
    'the first of the failures and the spans of functions are not pushed before the end');
  assert.ok(children().length <= 15, 'a quarter of the budget');
  assert.equal(run.exitCode, null);
  fs.writeFileSync(gate, '');
  expectStatus(await run.done, 0, 'weft run');
  assert.doesNotMatch(run.text.stderr, /warning/);

  const spans = spansOf(live.requests);
  assertOneTrace(spans);
  assert.equal(children().length, 60);
  const file = path.join(directory, 'spans.jsonl');
  expectStatus(await weft(['trace', 'latest', '--data', data, '--format', 'otlp', '--output', file]), 0, 'weft trace --format otlp');
  const written = spansOf(fs.readFileSync(file, 'utf8').trim().split('\n').map(body => ({ body })));
  const byId = list => [...list].sort((a, b) => a.spanId < b.spanId ? -1 : 1);
  assert.deepEqual(byId(spans), byId(written));
});

test('a collector that stalls or refuses does not hold up the run, and what it missed is said', async t => {
  const directory = scratch(t);
  const silent = await collector(t, () => {});
  const refusing = await collector(t, (_, response) => { response.statusCode = 400; response.end('no such tenant'); });
  const run = await weftRun([definitionFile(directory, definition), '--data', path.join(directory, 'data'),
    '--export', `otlp=${silent.url}`, '--export', `datadog=${refusing.url}`]);
  expectStatus(run, 0, 'weft run');
  assert.equal(run.report.status, 'SUCCEEDED');
  assert.match(run.stderr, /warning: --export otlp .* were not sent .*(no answer in time|no time left)/);
  assert.match(run.stderr, /warning: --export datadog .* were not sent .*status 400: no such tenant/);

  const pushed = await weft(['trace', 'latest', '--data', path.join(directory, 'data'), '--push', `datadog=${refusing.url}`]);
  assert.equal(pushed.code, 2);
  assert.match(pushed.stderr, /spans were not sent: status 400/);
});

test('weft serve takes the Datadog traces of another weft, and its health page counts both ends', async t => {
  const directory = scratch(t);
  const taker = await serve(t, ['--data', path.join(directory, 'taker')]);
  const giver = await serve(t, ['--data', path.join(directory, 'giver'), '--export', `datadog=${taker}`]);
  const health = async url => (await (await fetch(`${url}/_weft/health`)).json()).telemetry;
  const { stateMachineArn } = await call(giver, 'CreateStateMachine',
    { name: 'each', definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::123456789012:role/r' });
  const { executionArn } = await call(giver, 'StartExecution', { stateMachineArn });
  await until(async () => (await call(giver, 'DescribeExecution', { executionArn })).status === 'SUCCEEDED', 'it does not end');
  await until(async () => (await health(giver)).exports[0].sentSpans > CHILDREN * 2 && (await health(giver)).exports[0].waitingExecutions === 0,
    'the spans are not sent');
  const [sent] = (await health(giver)).exports;
  assert.equal(sent.to, `datadog ${taker}/v0.4/traces`);
  assert.equal(sent.droppedSpans + sent.droppedExecutions, 0);
  await until(async () => (await health(taker)).spans >= sent.sentSpans, 'the spans do not arrive');
  assert.equal((await health(taker)).refused, 0);

  // The same server answers weft metrics, for a range of time too.
  const metrics = async (...args) => {
    const result = await weft(['metrics', '--endpoint', giver, ...args]);
    expectStatus(result, 0, 'weft metrics');
    return result.stdout;
  };
  const rows = JSON.parse(await metrics('--json')).rows;
  assert.equal(rows.find(row => row.state === 'Check' && row.child).n, CHILDREN);
  assert.match(await metrics('each'), /^each\/Each +Refuse +yes +3 +100\.00/m);
  assert.deepEqual(JSON.parse(await metrics('--json', '--to', '1h')).rows, []);
});

test('metrics reach DogStatsD and an OTLP collector, parents and children apart', async t => {
  const directory = scratch(t);
  const otlp = await collector(t);
  const statsd = dgram.createSocket('udp4');
  const lines = [];
  statsd.on('message', message => lines.push(...message.toString().split('\n')));
  await new Promise(ready => statsd.bind(0, '127.0.0.1', ready));
  cleanUp(t, () => statsd.close());
  const run = await weftRun([definitionFile(directory, definition), '--data', path.join(directory, 'data'),
    '--export', `dogstatsd=127.0.0.1:${statsd.address().port}`, '--export', `otlp-metrics=${otlp.url}`]);
  expectStatus(run, 0, 'weft run');

  // A count of counters is the sum of what each push added; of a distribution the sum of 1/rate.
  const sumOf = (name, child) => lines
    .map(line => /^([^:]+):([^|]+)\|([cd])(?:\|@([^|]+))?\|#(.*)$/.exec(line))
    .filter(match => match && match[1] === name && match[5].split(',').includes(`is_distributed_map_child:${child}`))
    .reduce((sum, [, , value, type, rate]) => sum + (type === 'c' ? Number(value) : 1 / Number(rate ?? 1)), 0);
  const prefix = 'aws.states.enhanced';
  // Each datagram is a look of its own.
  for (const [name, child, wanted] of [['succeeded', false, 1], ['succeeded', true, CHILDREN - 3], ['failed', true, 3]])
    await until(() => sumOf(`${prefix}.execution.${name}`, child) === wanted, `DogStatsD lines of ${name}`);
  await until(() => Math.round(sumOf(`${prefix}.execution.execution_time`, true)) === CHILDREN, 'the times of all children');

  const { path: at, body } = otlp.requests.at(-1);
  assert.equal(at, '/v1/metrics');
  const metrics = JSON.parse(body).resourceMetrics[0].scopeMetrics[0].metrics;
  const points = name => metrics.find(metric => metric.name === `${prefix}.${name}`);
  const childrenOf = list => list.filter(point => point.attributes.some(({ key, value }) =>
    key === 'is_distributed_map_child' && value.stringValue === 'true'));
  assert.equal(childrenOf(points('execution.succeeded').sum.dataPoints)[0].asInt, String(CHILDREN - 3));
  const times = childrenOf(points('execution.execution_time').exponentialHistogram.dataPoints);
  assert.equal(times.reduce((sum, point) => sum + Number(point.count), 0), CHILDREN);
});
