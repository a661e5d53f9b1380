// What the telemetry tests share: a bucket, and checks over an exported trace.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expectStatus, shared, weft } from '../e2e/lib.mjs';

export const COUNT = Number(process.env.WEFT_CHILDREN ?? 100);
export const FAILED = Math.round(COUNT / 20);
export const FLAKY = Math.round(COUNT / 20);

const seed = path.join(shared, 'data', 'seed', 'process-image-map.asl.json');

/** Options of a test that needs that definition, which is not the project's: not run where it is missing. */
export const needsSeed = { skip: !fs.existsSync(seed) && `NOT RUN: 1 test with Datadog's published definition: no ${seed}` };

/** Datadog's published definition with its placeholders filled; `retry` adds retries and tolerance. */
export function seedDefinition({ functionName, bucket, prefix, retry = false }) {
  const text = fs.readFileSync(seed, 'utf8')
    .replace('FUNCTION_NAME', functionName).replace('BUCKET_NAME', bucket).replace('PREFIX', prefix);
  if (!retry) return text;
  const definition = JSON.parse(text);
  const map = definition.States['Process Image Map'];
  map.ToleratedFailurePercentage = 100;
  map.ItemProcessor.States['Lambda Invoke'].Retry = [
    { ErrorEquals: ['RangeError'], IntervalSeconds: 1, MaxAttempts: 2 },
  ];
  return JSON.stringify(definition);
}

/** Loads a function's packages once: the first start after an installation reads thousands of files, which can take longer than
 * a function's start may. */
export function warm(directory, ...packages) {
  const code = packages.map(name => `require(${JSON.stringify(name)});`).join('') + 'process.exit(0)';
  spawnSync('node', ['-e', code], { cwd: directory, timeout: 300_000 });
}

/** Objects below `directory`/in: `broken` ones fail always, `flaky` ones once. */
export function objects(directory, { count, broken = 0, flaky = 0 }) {
  fs.mkdirSync(path.join(directory, 'in'), { recursive: true });
  for (let i = 0; i < count; i++) {
    const kind = i < broken ? 'broken' : i < broken + flaky ? 'flaky' : 'plain';
    fs.writeFileSync(path.join(directory, 'in', `${kind}-${String(i).padStart(5, '0')}.txt`), `object ${i}\n`);
  }
}

/** All spans of `weft trace latest --format otlp`: {traceId, spanId, parentSpanId, name, kind, attributes: {}}. */
export async function spansOf(data, file, ...flags) {
  expectStatus(await weft(['trace', 'latest', '--data', data, '--format', 'otlp', '--output', file, ...flags]), 0, 'weft trace');
  const spans = [];
  for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    for (const resource of JSON.parse(line).resourceSpans) {
      for (const scope of resource.scopeSpans) spans.push(...scope.spans);
    }
  }
  for (const span of spans) {
    span.attributes = Object.fromEntries(span.attributes.map(({ key, value }) => [key, value.stringValue ?? value.doubleValue]));
    span.weft = span.attributes['weft.kind'];
  }
  return spans;
}

/** One trace, every parent there, no id twice, no orphan; answers {spans by id, ancestors(span)}. */
export function expectOneTrace(spans) {
  assert.deepEqual([...new Set(spans.map(span => span.traceId))].length, 1, 'one trace id');
  const byId = new Map(spans.map(span => [span.spanId, span]));
  assert.equal(byId.size, spans.length, 'span ids are unique');
  const lost = spans.filter(span => span.parentSpanId && !byId.has(span.parentSpanId));
  assert.deepEqual(lost.map(span => `${span.weft} ${span.name}`), [], 'every parent is in the trace');
  assert.deepEqual(spans.filter(span => span.attributes['weft.orphan']).map(span => span.name), [], 'no orphans');
  const ancestors = span => {
    const chain = [];
    for (let at = byId.get(span.parentSpanId); at; at = byId.get(at.parentSpanId)) chain.push(at);
    return chain;
  };
  assert.equal(spans.filter(span => !span.parentSpanId).length, 1, 'one root');
  return { byId, ancestors };
}
