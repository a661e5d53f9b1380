// An execution that failed is redriven from the page: what it will do is said before, and its generations are shown after.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, scratch } from '../e2e/lib.mjs';
import { accessibility, becomes, browse, openPage, picture, settled } from './browser.mjs';
import { items, scenario } from './scenario.mjs';

const COUNT = 40;
/** The rows of the dialog's table, by what they are about. */
const effect = dialog => dialog.locator('tbody tr').evaluateAll(rows =>
  Object.fromEntries(rows.map(row => [row.cells[0].textContent, [Number(row.cells[1].textContent.replaceAll(',', '')), row.cells[2].textContent]])));
const noted = page => page.faults.filter(fault => !/status of 400/.test(fault));

test('a failed run is redriven from its Map Run: only what did not succeed runs again', async t => {
  const { endpoint, run, mapRunOf } = await scenario(t);
  const repaired = path.join(scratch(t), 'repaired');
  const pictures = items(COUNT).map(({ Key }, i) => ({ Key, ms: 5, ...(i % 3 === 0 ? { error: 'ImageDecodeError', repaired } : {}) }));
  const execution = await run('ImagePipeline', { pictures }, 'broken');
  const mapRun = await mapRunOf(execution);
  const counts = async () => (await call(endpoint, 'DescribeMapRun', { mapRunArn: mapRun })).executionCounts;
  const before = await counts();
  const browser = await browse(t);
  const page = await openPage(browser);
  const dialog = page.getByRole('dialog');

  await page.goto(`${endpoint}/_weft/ui/execution/${execution}`);
  await page.getByText('Failed after').waitFor();
  await page.getByRole('button', { name: 'Redrive' }).click();
  await dialog.getByText('what succeeded does not run again').waitFor();
  const again = 'run again, from where they stopped';
  const rows = [['Failed', before.failed, again], ['Aborted', before.aborted, again], ['Not started', before.pending, 'run now'], ['Succeeded', before.succeeded, 'kept']];
  await becomes(() => effect(dialog), Object.fromEntries(rows.filter(([word, n]) => n > 0 || word === 'Succeeded').map(([word, ...rest]) => [word, rest])));
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'redrive-light');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await call(endpoint, 'DescribeExecution', { executionArn: execution })).redriveCount, 0, 'looking redrives nothing');

  // A child goes with its Map Run.
  const failed = (await call(endpoint, 'ListExecutions', { mapRunArn: mapRun, statusFilter: 'FAILED' })).executions[0].executionArn;
  await page.goto(`${endpoint}/_weft/ui/execution/${failed}`);
  await page.getByRole('button', { name: 'Redrive' }).click();
  await dialog.getByText('A child is redriven with its Map Run').waitFor();
  await becomes(() => dialog.getByRole('button', { name: 'Redrive' }).isDisabled(), true);

  fs.writeFileSync(repaired, '');
  await page.goto(`${endpoint}/_weft/ui/maprun/${mapRun}`);
  await page.getByRole('button', { name: `Redrive ${COUNT - before.succeeded} children` }).click();
  await dialog.getByRole('button', { name: 'Redrive' }).click();
  await page.getByText('Succeeded in').waitFor();
  await page.getByText(/Redrive 1/).waitFor();
  await becomes(counts, { ...before, succeeded: COUNT, failed: 0, aborted: 0, pending: 0, resultsWritten: COUNT });
  await becomes(() => page.getByRole('button', { name: /^Redrive/ }).count(), 0);

  // The execution and each child that ran again have a row for each of their generations.
  await page.goto(`${endpoint}/_weft/ui/execution/${execution}`);
  await page.getByText('Succeeded in').waitFor();
  await page.getByText(/Redrive 1/).waitFor();
  await page.getByRole('treeitem').filter({ hasText: 'redrive 1 · broken' }).waitFor();
  await page.getByRole('treeitem').filter({ hasText: 'redrive 1 · Map Run' }).waitFor();
  // Below each, the children that began in it.
  const others = COUNT - before.succeeded;
  await page.getByRole('treeitem').filter({ hasText: new RegExp(`${before.succeeded} ok, ${others} ran in a later redrive`) }).waitFor();
  await page.getByRole('treeitem').filter({ hasText: new RegExp(`${others} children Open Map Run\\s*${others} ok(?!,)`) }).waitFor();
  await settled(page);
  await picture(page, 'redriven-light');
  await page.goto(`${endpoint}/_weft/ui/execution/${failed}`);
  await page.getByRole('treeitem').filter({ hasText: /redrive 1 · / }).waitFor();
  assert.deepEqual(noted(page), []);
});

test('what cannot be redriven says why; a page that is open follows what is redriven elsewhere', async t => {
  const { endpoint, run, machines } = await scenario(t);
  const execution = await run('OrderSettlement', { bad: true }, 'refused');
  const browser = await browse(t);
  const page = await openPage(browser);
  const dialog = page.getByRole('dialog');
  await page.goto(`${endpoint}/_weft/ui/execution/${execution}`);
  await page.getByRole('button', { name: 'Redrive' }).click();
  await dialog.getByText('This state begins again: Refuse').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await call(endpoint, 'RedriveExecution', { executionArn: execution });
  await page.getByText(/Redrive 1/).waitFor();
  await page.getByText('Failed after').waitFor();

  await call(endpoint, 'DeleteStateMachine', { stateMachineArn: machines.OrderSettlement });
  const { redriveStatus, redriveStatusReason } = await call(endpoint, 'DescribeExecution', { executionArn: execution });
  assert.equal(redriveStatus, 'NOT_REDRIVABLE');
  await page.getByRole('button', { name: 'Redrive' }).click();
  await dialog.getByText(redriveStatusReason).waitFor();
  await becomes(() => dialog.getByRole('button', { name: 'Redrive' }).isDisabled(), true);
  assert.deepEqual(noted(page), []);
});
