// kill -9 at five random moments of a run, each followed by `weft run --resume`: the run ends well, the
// counts add up, and no child is counted twice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {
  allPages, aws, expectStatus, expectWatermarked, keysOf, pictures, root, scratch, serve, start, stepFunctions, until,
  watermarkDefinition, weft, weftProgram,
} from './lib.mjs';

const COUNT = Number(process.env.WEFT_KILL_PICTURES ?? 240);
const KILLS = 5;
const gated = path.join(root, 'tests', 'e2e', 'functions', 'gated_watermark.mjs');

test('a run survives five kill -9', async t => {
  const directory = scratch(t);
  const before = path.join(directory, 'photos'), after = path.join(directory, 'watermarked');
  const data = path.join(directory, 'data');
  const limit = path.join(directory, 'limit');
  fs.mkdirSync(after);
  await pictures(before, COUNT);
  const flags = ['--bucket', `photos=${before}`, '--bucket', `watermarked=${after}`,
    '--function', `watermark=${gated}:handler,concurrency=2,init_timeout=600,timeout=600,env.AFTER=${after},env.LIMIT=${limit}`, '--data', data];
  const first = ['run', watermarkDefinition, '--input', '{"from": "photos", "to": "watermarked"}', '--name', 'killed', ...flags];
  const again = ['run', '--resume', ...flags];

  for (let kill = 0; kill < KILLS; kill++) {
    // The run never goes further than its slice, so that it cannot end before the kill however slow this test is.
    fs.writeFileSync(limit, String(Math.floor((kill + 1) * COUNT / (KILLS + 1))));
    const run = start(weftProgram, kill === 0 ? first : again);
    // A random moment: after a random share of this slice of the pictures, and a bit; but not before there is a run.
    const pictures = Math.max(1, Math.floor((kill + Math.random()) * COUNT / (KILLS + 1)));
    await until(() => run.exitCode !== null || keysOf(after).length >= pictures, `no progress to ${pictures} pictures: ${run.text.stderr}`);
    await new Promise(resolve => setTimeout(resolve, Math.random() * 50));
    assert.equal(run.exitCode, null, `the run ended before kill ${kill + 1}: ${run.text.stdout}${run.text.stderr}`);
    run.kill('SIGKILL');
    await run.done;
    t.diagnostic(`kill ${kill + 1} at ${keysOf(after).length} of ${COUNT} pictures`);
  }
  fs.writeFileSync(limit, 'Infinity');
  const last = await weft(again);
  expectStatus(last, 0, 'weft run --resume');
  await expectWatermarked(before, after);

  const endpoint = await serve(t, ['--data', data]);
  const sfn = await stepFunctions(endpoint);
  const { stateMachines } = await sfn.listStateMachines({});
  assert.equal(stateMachines.length, 1);
  const { executions } = await sfn.listExecutions({ stateMachineArn: stateMachines[0].stateMachineArn });
  assert.deepEqual(executions.map(execution => [execution.name, execution.status]), [['killed', 'SUCCEEDED']]);
  const { mapRuns } = await sfn.listMapRuns({ executionArn: executions[0].executionArn });
  assert.equal(mapRuns.length, 1);
  const { mapRunArn } = mapRuns[0];
  const mapRun = await aws(endpoint, 'stepfunctions', 'describe-map-run', '--map-run-arn', mapRunArn);
  assert.equal(mapRun.status, 'SUCCEEDED');
  for (const counts of [mapRun.itemCounts, mapRun.executionCounts]) {
    const { pending, running, succeeded, failed, timedOut, aborted, total } = counts;
    assert.deepEqual({ pending, running, succeeded, failed, timedOut, aborted, total },
      { pending: 0, running: 0, succeeded: COUNT, failed: 0, timedOut: 0, aborted: 0, total: COUNT });
  }
  const children = await allPages(nextToken => sfn.listExecutions({ mapRunArn, nextToken }), 'executions');
  assert.equal(children.length, COUNT);
  assert.equal(new Set(children.map(child => child.executionArn)).size, COUNT);
  assert.ok(children.every(child => child.status === 'SUCCEEDED'));
  const keys = new Set();
  for (const child of children) {
    const { input } = await sfn.describeExecution({ executionArn: child.executionArn });
    keys.add(JSON.parse(input).key);
  }
  assert.equal(keys.size, COUNT, 'a picture was given to two children');
});
