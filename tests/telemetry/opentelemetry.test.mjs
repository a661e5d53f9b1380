// The same workflow with OpenTelemetry's automatic instrumentation of Node.js in an unmodified function.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { definitionFile, expectStatus, scratch, weftRun } from '../e2e/lib.mjs';
import { COUNT, FAILED, expectOneTrace, objects, seedDefinition, spansOf, warm } from './lib.mjs';

const functionDirectory = path.join(path.dirname(fileURLToPath(import.meta.url)), 'opentelemetry');

test.before(() => warm(functionDirectory, './tracing.cjs', '@aws-sdk/client-s3'));

test(`OpenTelemetry: ${COUNT} children are one trace down to the S3 calls`, async t => {
  const directory = scratch(t);
  objects(path.join(directory, 'pictures'), { count: COUNT, broken: FAILED });
  fs.mkdirSync(path.join(directory, 'marks'));
  const definition = seedDefinition({ functionName: 'process-image', bucket: 'pictures', prefix: 'in/', retry: true });
  const settings = [
    'concurrency=2', 'timeout=60', 'env.BUCKET=pictures', `env.MARKS=${path.join(directory, 'marks')}`,
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
  const perChild = new Map(spans.filter(span => span.weft === 'child').map(span => [span.spanId, []]));
  for (const span of spans.filter(each => each.weft === 'inner' && /^S3\./.test(each.name))) {
    const child = ancestors(span).find(each => each.weft === 'child');
    assert.ok(child, `${span.name} hangs under its child`);
    perChild.get(child.spanId).push(span.name);
  }
  assert.equal(perChild.size, COUNT);
  for (const [id, calls] of perChild) assert.deepEqual(calls.sort(), ['S3.GetObject', 'S3.HeadObject'], `calls of ${id}`);
});
