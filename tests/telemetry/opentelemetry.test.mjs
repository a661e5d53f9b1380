// The same workflow with OpenTelemetry's automatic instrumentation of Node.js in an unmodified function.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { definitionFile, expectStatus, invoke, machine, scratch, weft, weftRun } from '../e2e/lib.mjs';
import { COUNT, FAILED, FLAKY, expectOneTrace, needsSeed, objects, seedDefinition, spansOf, warm } from './lib.mjs';

const functionDirectory = path.join(path.dirname(fileURLToPath(import.meta.url)), 'opentelemetry');

test.before(() => warm(functionDirectory, './tracing.cjs', '@aws-sdk/client-s3'));

test('spans of the batch exporter, which nobody flushes, arrive after one call, with events, links and a service', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const definition = definitionFile(directory, machine({ Check: invoke('check-order') }));
  const started = Date.now();
  const { report, ...result } = await weftRun([
    definition, '--function', `check-order=${path.join(functionDirectory, 'plain.cjs')}:handler,init_timeout=600,timeout=600`, '--data', data, '--durability', 'os',
  ]);
  expectStatus(result, 0, 'weft run');
  t.diagnostic(`${report.telemetry.spansAfterEnd} of ${report.telemetry.spans} spans after the end, ${report.wallMs} ms of ${Date.now() - started}`);
  const { spans: sent, spansAfterEnd, spansUnknown, functionsKilled } = report.telemetry;
  assert.deepEqual({ sent, spansAfterEnd, spansUnknown, functionsKilled }, { sent: 2, spansAfterEnd: 2, spansUnknown: 0, functionsKilled: 0 });

  const spans = await spansOf(data, path.join(directory, 'spans.json'));
  expectOneTrace(spans);
  const [read, check] = ['read order', 'check order'].map(name => spans.find(span => span.name === name));
  assert.deepEqual([read, check].map(span => span.attributes['service.name']), ['check-order', 'check-order']);
  const plain = attributes => Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
  assert.deepEqual(read.events.map(({ name, attributes }) => [name, plain(attributes)]), [['cache miss', { key: 'order/7', 'api.token': '[redacted]' }]]);
  assert.ok(BigInt(read.events[0].timeUnixNano) >= BigInt(read.startTimeUnixNano));
  assert.deepEqual(check.links.map(({ traceId, spanId, attributes }) => [traceId, spanId, plain(attributes)]),
    [[read.traceId, read.spanId, { reason: 'same order' }]]);
  const [{ name, attributes }] = check.events;
  assert.equal(name, 'exception');
  assert.equal(plain(attributes)['exception.message'], 'no such customer');
  assert.equal(check.status.code, 2);

  const ndjson = await weft(['trace', 'latest', '--data', data, '--format', 'ndjson']);
  expectStatus(ndjson, 0, 'weft trace --format ndjson');
  const lines = ndjson.stdout.trim().split('\n').map(line => JSON.parse(line));
  assert.deepEqual(lines.find(line => line.name === 'check order').links.map(link => link.spanId), [read.spanId]);
});

test(`OpenTelemetry: ${COUNT} children, of which ${FAILED} fail and ${FLAKY} are retried, are one trace down to the S3 calls`, needsSeed, async t => {
  const directory = scratch(t);
  objects(path.join(directory, 'pictures'), { count: COUNT, broken: FAILED, flaky: FLAKY });
  fs.mkdirSync(path.join(directory, 'marks'));
  const definition = seedDefinition({ functionName: 'process-image', bucket: 'pictures', prefix: 'in/', retry: true });
  const settings = [
    'concurrency=2', 'init_timeout=600', 'timeout=600', 'env.BUCKET=pictures', `env.MARKS=${path.join(directory, 'marks')}`,
    `env.NODE_OPTIONS=--require ${path.join(functionDirectory, 'tracing.cjs')}`, 'env.OTEL_NODE_RESOURCE_DETECTORS=none',
    'env.OTEL_METRICS_EXPORTER=none', 'env.OTEL_LOGS_EXPORTER=none',
  ];
  const { report, ...result } = await weftRun([
    definitionFile(directory, definition), '--bucket', `pictures=${path.join(directory, 'pictures')}`,
    '--function', `process-image=${functionDirectory}:index.handler,${settings}`,
    '--data', path.join(directory, 'data'), '--durability', 'os',
  ]);
  expectStatus(result, 0, 'weft run');
  assert.equal(report.status, 'SUCCEEDED');
  const spans = await spansOf(path.join(directory, 'data'), path.join(directory, 'spans.json'));
  const { ancestors } = expectOneTrace(spans);
  const children = spans.filter(span => span.weft === 'child');
  assert.equal(children.length, COUNT);
  assert.equal(children.filter(child => child.attributes.status === 'FAILED').length, FAILED);
  t.diagnostic(`${spans.length} spans in one trace, ${FAILED} children failed, ${FLAKY} retried`);
  const attempts = spans.filter(span => span.weft === 'attempt');
  assert.equal(attempts.length, 2 * FLAKY, 'two attempts of each that was retried');

  // The instrumentation of Lambda makes one span a call, below which the calls of S3 hang.
  const inner = spans.filter(span => span.weft === 'inner');
  const calls = inner.filter(span => ancestors(span)[0].weft !== 'inner');
  assert.equal(calls.length, COUNT + FLAKY, 'one span for each attempt');
  const perCall = new Map(calls.map(span => [span.spanId, []]));
  for (const span of inner.filter(each => /^S3\./.test(each.name))) {
    const call = ancestors(span).find(each => perCall.has(each.spanId));
    assert.ok(call, `${span.name} hangs under its call`);
    perCall.get(call.spanId).push(span.name);
  }
  for (const [id, names] of perCall) assert.deepEqual(names.sort(), ['S3.GetObject', 'S3.HeadObject'], `calls of ${id}`);
  for (const call of calls) assert.equal(ancestors(call).filter(each => each.weft === 'child').length, 1, 'under its child');
  const failed = calls.filter(span => span.status.code === 2);
  assert.equal(failed.length, FAILED + FLAKY, 'failed calls');
  for (const attempt of attempts) {
    assert.equal(calls.filter(call => ancestors(call).includes(attempt)).length, 1, 'each attempt with its own call');
  }
});
