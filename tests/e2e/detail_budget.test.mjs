// A Map Run keeps the spans of its functions for no more children than its budget, says which and
// why, and goes on with the same budget after kill -9.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { expectStatus, fanOut, root, scratch, serve, start, until, weft, weftProgram } from './lib.mjs';
import { spansOf } from '../telemetry/lib.mjs';

const CHILDREN = 400, BAD = CHILDREN / 50, BUDGET = 30;

const definition = fanOut(CHILDREN, {
  Work: {
    Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: 1, End: true,
    Arguments: { FunctionName: 'traced', Payload: { item: '{% $states.input %}' } },
  },
}, { MaxConcurrency: 20 });

test('full detail is kept within the budget, across kill -9', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data'), file = path.join(directory, 'definition.json');
  fs.writeFileSync(file, JSON.stringify(definition));
  // The second half waits, so that the kill comes before the end however slow this test is.
  const gate = path.join(directory, 'gate');
  const settings = `concurrency=2,timeout=600,env.GATE=${gate},env.FREE=${CHILDREN / 2},env.KEEP=151`;
  const flags = ['--data', data, '--function', `traced=${path.join(root, 'tests/e2e/functions/traced.mjs')}:handler,${settings}`];
  const first = start(weftProgram, ['run', file, '--name', 'sampled', '--detail-budget', `${BUDGET}`, ...flags]);
  const rows = async () => {
    const result = await weft(['trace', 'latest', '--data', data, '--width', '120']);
    return Number(/([\d,]+) succeeded/.exec(result.stdout)?.[1].replace(',', '') ?? 0);
  };
  await until(async () => first.exitCode !== null || await rows() > CHILDREN / 3, 'no progress');
  assert.equal(first.exitCode, null, `ended before the kill: ${first.text.stdout}${first.text.stderr}`);
  first.kill('SIGKILL');
  await first.done;
  fs.writeFileSync(gate, '');
  // The Map Run keeps the budget it began with.
  expectStatus(await weft(['run', '--resume', ...flags]), 0, 'weft run --resume');

  const drawn = await weft(['trace', 'latest', '--data', data, '--width', '120']);
  expectStatus(drawn, 0, 'weft trace');
  assert.match(drawn.stdout, new RegExp(`detail kept for ${BUDGET} of ${CHILDREN} children: \\d+ errors, `));

  const spans = await spansOf(data, path.join(directory, 'spans.jsonl'), '--every-child');
  const children = spans.filter(span => span.weft === 'child');
  assert.equal(children.length, CHILDREN, 'every child is exported');
  assert.equal(children.filter(child => child.attributes.status === 'FAILED').length, BAD);
  const kept = children.filter(child => child.attributes['weft.sample.reason']);
  assert.equal(kept.length, BUDGET);
  assert.equal(kept.filter(child => child.attributes['weft.sample.reason'] === 'pinned').length, 1);
  const weights = kept.map(child => Number(child.attributes['weft.sample.weight']));
  assert.ok(Math.abs(weights.reduce((a, b) => a + b) - CHILDREN) < 0.01, `weights ${weights}`);
  assert.ok(kept.some(child => child.attributes.status === 'FAILED'), 'the error group is kept');
  const inner = spans.filter(span => span.name.startsWith('work on'));
  assert.ok(inner.some(span => span.name === 'work on 151'), 'the child its function asked to keep');
  // Calls that were open at the kill were made twice, so there may be more spans than children.
  const byId = new Map(spans.map(span => [span.spanId, span]));
  const childOf = span => span.weft === 'child' ? span : childOf(byId.get(span.parentSpanId));
  const traced = new Set(inner.map(childOf));
  assert.ok(traced.size > 0, 'spans of functions');
  for (const child of traced) assert.ok(child.attributes['weft.sample.reason'], `spans of ${child.attributes['resource.name']} were kept`);

  const lost = children.find(child => !child.attributes['weft.sample.reason']).attributes['resource.name'];
  const one = await weft(['trace', lost, '--data', data, '--width', '240']);
  expectStatus(one, 0, 'weft trace CHILD');
  assert.match(one.stdout, /The spans and log lines of this child's functions were not kept: detail kept for 30 of 400 children/);
  expectStatus(await weft(['history', lost, '--data', data]), 0, 'weft history CHILD');

  const endpoint = await serve(t, ['--data', data]);
  const arn = spans.find(span => span.weft === 'map_run').attributes['resource.name'];
  const ask = async question => (await fetch(`${endpoint}/_weft/v1/maprun/${question}${question.includes('?') ? '&' : '?'}arn=${arn}`)).json();
  const { detail } = await ask('summary');
  assert.equal(detail.kept, BUDGET);
  assert.equal(detail.total, CHILDREN);
  assert.equal(detail.budget, BUDGET);
  assert.equal(Object.values(detail.reasons).reduce((a, b) => a + b), BUDGET);
  const listed = await ask('children?limit=1000');
  assert.equal(listed.rows.filter(row => row.kept !== null).length, BUDGET);
});
