// Datadog's published definition, verbatim but for its three placeholders: the expressions it carries
// must build the `_datadog` object that each function call receives.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, expectStatus, expectWatermarked, keysOf, pictures, root, scratch, shared, weftRun } from './lib.mjs';

const COUNT = 40;
const seed = path.join(shared, 'data', 'seed', 'process-image-map.asl.json');
const needsSeed = { skip: !fs.existsSync(seed) && `NOT RUN: 1 test with Datadog's published definition: no ${seed}` };

test('the seed definition runs as it stands and every call receives its _datadog object', needsSeed, async t => {
  const directory = scratch(t);
  const bucket = name => path.join(directory, name);
  await pictures(bucket('photos'), COUNT);
  const wanted = keysOf(bucket('photos')).filter(key => key.startsWith('icons/'));
  const definition = fs.readFileSync(seed, 'utf8')
    .replace('FUNCTION_NAME', 'process-image').replace('BUCKET_NAME', 'photos').replace('PREFIX', 'icons/');

  const { report, ...result } = await weftRun([definitionFile(directory, definition), '--input', '{}',
    ...['photos', 'watermarked', 'events'].flatMap(name => ['--bucket', `${name}=${bucket(name)}`]),
    '--function', `process-image=${path.join(root, 'tests/e2e/functions/seed.mjs')}:handler,concurrency=2,init_timeout=600,timeout=600`,
    '--data', bucket('data')]);
  expectStatus(result, 0, 'weft run');
  assert.equal(report.status, 'SUCCEEDED');
  assert.deepEqual(keysOf(bucket('watermarked')), wanted);
  const originals = bucket('originals');
  fs.cpSync(path.join(bucket('photos'), 'icons'), path.join(originals, 'icons'), { recursive: true });
  await expectWatermarked(originals, bucket('watermarked'));

  const children = new Set();
  assert.equal(keysOf(bucket('events')).length, wanted.length);
  for (const key of wanted) {
    const event = JSON.parse(fs.readFileSync(path.join(bucket('events'), `${key}.json`), 'utf8'));
    assert.deepEqual(event.Items.map(item => item.Key), [key]);
    assert.equal(event.Items[0].Size, fs.statSync(path.join(bucket('photos'), key)).size);
    const batch = event.BatchInput._datadog;
    assert.equal(batch.RootExecutionId, report.executionArn);
    assert.equal(batch['serverless-version'], 'v1');
    assert.ok(Math.abs(batch.timestamp - Date.now()) < 600_000, `timestamp ${batch.timestamp}`);
    const context = event._datadog;
    assert.equal(context.RootExecutionId, report.executionArn);
    assert.equal(context['serverless-version'], 'v1');
    assert.equal(context.State.Name, 'Lambda Invoke');
    assert.equal(context.State.RetryCount, 0);
    assert.equal(context.Execution.Input, undefined);
    assert.match(context.Execution.StartTime, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.match(context.Execution.Id, /:execution:[^:/]+\/ProcessImageMap:[0-9a-f-]{36}$/);
    assert.match(context.StateMachine.Id, /:stateMachine:/);
    children.add(context.Execution.Id);
  }
  assert.equal(children.size, wanted.length);
});
