// `weft ui` over what a killed run left: counts and lists say what lies in the data directory.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, definitionFile, expectStatus, fanOut, killAfter, root, scratch, start, until, weft, weftProgram } from './lib.mjs';

const CHILDREN = 60, FREE = 20;

test('counts of a run that was killed are those that lie in its data directory', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  // Children beyond the first wait for a file that never comes: the kill is before the end.
  const settings = `concurrency=4,timeout=600,env.GATE=${path.join(directory, 'gate')},env.FREE=${FREE}`;
  const file = definitionFile(directory, fanOut(CHILDREN, {
    Work: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: 1, End: true, Arguments: { FunctionName: 'traced', Payload: { item: '{% $states.input %}' } } },
  }, { MaxConcurrency: 4 }));
  await killAfter(FREE / 2, ['run', file, '--name', 'killed', '--data', data, '--function', `traced=${path.join(root, 'tests/e2e/functions/traced.mjs')}:handler,${settings}`]);

  const page = start(weftProgram, ['ui', 'latest', '--data', data], { env: { DISPLAY: '', WAYLAND_DISPLAY: '', BROWSER: '' } });
  cleanUp(t, async () => { page.kill('SIGTERM'); await page.done; });
  const address = await until(() => /^The page is at (\S+)$/m.exec(page.text.stdout)?.[1], `it prints no address: ${page.text.stderr}`);
  const { origin } = new URL(address);
  const executionArn = address.slice(address.indexOf('arn:'));
  const { mapRuns: [{ mapRunArn }] } = await call(origin, 'ListMapRuns', { executionArn });
  const { status, itemCounts, executionCounts } = await call(origin, 'DescribeMapRun', { mapRunArn });
  assert.equal(status, 'RUNNING');
  const children = await (await fetch(`${origin}/_weft/v1/maprun/children?${new URLSearchParams({ arn: mapRunArn })}`)).json();
  for (const counts of [itemCounts, executionCounts]) {
    assert.equal(counts.total, CHILDREN);
    assert.equal(counts.succeeded + counts.failed, children.total);
    assert.ok(children.total >= FREE / 2, `${children.total} lie there`);
    assert.equal(counts.pending, CHILDREN - children.total);
  }
  // The page's own answer and the file for others are of the same counts.
  const summary = await (await fetch(`${origin}/_weft/v1/maprun/summary?${new URLSearchParams({ arn: mapRunArn })}`)).json();
  assert.deepEqual(summary.executionCounts, executionCounts);
  const html = path.join(directory, 'killed.html');
  expectStatus(await weft(['trace', 'latest', '--format', 'html', '--output', html, '--data', data]), 0, 'trace --format html');
  assert.ok(fs.readFileSync(html, 'utf8').includes(JSON.stringify(itemCounts)), 'the file holds the same counts');
});
