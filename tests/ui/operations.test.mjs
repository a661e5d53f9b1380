// What the page does to the server, and what the server tells the page: started, stopped, changed and
// found from the page, and watched live.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { call, until } from '../e2e/lib.mjs';
import { PATIENCE, becomes, browse, openPage, picture } from './browser.mjs';
import { heldItems, items, scenario } from './scenario.mjs';

/** Items that all take so long, and end well. */
const lasting = ms => ({ Key }) => ({ Key, ms });
const health = async endpoint => (await fetch(`${endpoint}/_weft/health`)).json();

test('an execution started on the page is watched to its end without asking again and again', async t => {
  const { endpoint, run, machines } = await scenario(t);
  const before = items(3).map(lasting(5));
  await run('ImagePipeline', { pictures: before }, 'the-one-before');
  const browser = await browse(t);
  const page = await openPage(browser);
  await page.goto(`${endpoint}/_weft/ui/machines`);
  await page.getByRole('link', { name: 'ImagePipeline' }).click();
  await page.getByText('The definition is valid.').waitFor();

  // What is no JSON is not sent, and its place is named.
  const input = page.getByRole('textbox', { name: 'Input, JSON' });
  await input.fill('{\n  "pictures": [1,]\n}');
  await page.getByText('Line 2, column 18').waitFor();
  // The input of the time before comes back whole.
  await page.getByRole('list').filter({ hasText: 'the-one-before' }).getByRole('button').first().click();
  await page.waitForFunction(() => document.querySelector('textarea')?.value.includes('"Key"'));
  assert.deepEqual(JSON.parse(await input.inputValue()), { pictures: before });
  await picture(page, 'machine-light');

  const { pictures, release } = heldItems(t, 80, 1, lasting(50));
  await input.fill(JSON.stringify({ pictures }));
  await page.getByRole('textbox', { name: /^Name/ }).fill('from-the-page');
  await page.getByRole('button', { name: 'Start execution' }).click();
  await page.waitForURL(/execution:ImagePipeline:from-the-page/);
  const arn = `${machines.ImagePipeline.replace(':stateMachine:', ':execution:')}:from-the-page`;
  assert.equal((await call(endpoint, 'DescribeExecution', { executionArn: arn })).status, 'RUNNING');
  await page.locator('.phead .st.run').waitFor();
  await until(async () => (await health(endpoint)).live.clients === 1, 'the page does not listen');
  const asked = [];
  page.on('request', request => asked.push(request.url()));
  release();
  await page.getByText('Succeeded in').waitFor();
  assert.ok(asked.every(url => url.startsWith(`${endpoint}/_weft/`)), asked.join('\n'));

  // Twice the same name with another input is the server's to refuse, and said here.
  await page.goto(`${endpoint}/_weft/ui/machine/${machines.ImagePipeline}`);
  await page.getByRole('textbox', { name: /^Name/ }).fill('from-the-page');
  await page.getByRole('button', { name: 'Start execution' }).click();
  await page.getByText('ExecutionAlreadyExists').waitFor();
  const faults = page.faults.filter(fault => !/status of 400/.test(fault));
  assert.deepEqual(faults, []);
  // A page that is closed leaves nothing behind.
  await page.context().close();
  await until(async () => (await health(endpoint)).live.clients === 0, 'the server goes on telling a page that is gone');
});

test('limits of a Map Run are changed while it runs: at once, with a mark on the time axis', async t => {
  const { endpoint, begin, mapRunOf } = await scenario(t);
  const { pictures, release } = heldItems(t, 3000, 2, lasting(500));
  const execution = await begin('ImagePipeline', { pictures }, 'throttled');
  await until(async () => (await call(endpoint, 'ListMapRuns', { executionArn: execution })).mapRuns.length > 0, 'there is no Map Run');
  const mapRun = await mapRunOf(execution);
  const browser = await browse(t);
  const page = await openPage(browser);
  await page.goto(`${endpoint}/_weft/ui/maprun/${mapRun}`);
  await page.getByText(/of 12 allowed/).first().waitFor();
  await page.getByRole('button', { name: 'Limits' }).click();
  await page.getByRole('spinbutton', { name: /Children at once/ }).fill('3');
  await page.getByRole('spinbutton', { name: /tolerated, %/ }).fill('50');
  await page.getByRole('dialog').getByRole('button', { name: 'Change' }).click();
  await page.locator('.marks li', { hasText: '12 → 3 at once' }).waitFor();
  await page.locator('.marks li', { hasText: '20 → 50 % failures tolerated' }).waitFor();
  const described = await call(endpoint, 'DescribeMapRun', { mapRunArn: mapRun });
  assert.equal(described.maxConcurrency, 3);
  assert.equal(described.toleratedFailurePercentage, 50);
  release();
  await until(async () => (await call(endpoint, 'DescribeMapRun', { mapRunArn: mapRun })).itemCounts.running <= 3, 'more go on running');
  await picture(page, 'maprun-limits-light');

  // Stopped from its execution, once one has read what that does.
  await page.getByRole('link', { name: 'throttled' }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('dialog').getByText(/at work (is|are) aborted too, and [\d,]+ that wait do not start/).waitFor();
  await page.getByRole('button', { name: 'Stop the execution' }).click();
  await page.getByText('Aborted after').waitFor();
  assert.equal((await call(endpoint, 'DescribeExecution', { executionArn: execution })).status, 'ABORTED');
  // Neither can be changed any more.
  await becomes(() => page.getByRole('button', { name: 'Stop', exact: true }).count(), 0);
  await page.goto(`${endpoint}/_weft/ui/maprun/${mapRun}`);
  await page.locator('.marks li').first().waitFor();
  await becomes(() => page.getByRole('button', { name: 'Limits' }).count(), 0);
  assert.deepEqual(page.faults, []);
});

test('search finds by name, ARN, trace and item key', async t => {
  const { endpoint, run } = await scenario(t);
  const execution = await run('ImagePipeline', { pictures: items(20) }, 'nightly-2026-11-28');
  await run('OrderSettlement', {}, 'settle-001');
  const summary = await (await fetch(`${endpoint}/_weft/v1/exec/summary?arn=${encodeURIComponent(execution)}`)).json();
  const browser = await browse(t);
  const page = await openPage(browser);
  await page.goto(`${endpoint}/_weft/ui/`);
  const find = async text => {
    await page.keyboard.press('/');
    await page.getByRole('searchbox', { name: 'Search' }).or(page.getByRole('textbox', { name: 'Search' })).fill(text);
    await page.keyboard.press('Enter');
  };
  await find('SETTLE');
  await page.getByRole('link', { name: 'settle-001' }).waitFor();
  await page.getByRole('link', { name: 'OrderSettlement' }).waitFor();
  for (const id of [summary.trace.w3c, summary.trace.dd]) {
    await find(id);
    await page.getByRole('link', { name: 'nightly-2026-11-28' }).waitFor();
  }
  await find(items(20)[3].Key);
  await page.getByRole('link', { name: /^#3 / }).click();
  await page.locator('.wf [data-name="Transform image"]').waitFor();
  await find(execution);
  await page.waitForURL(new RegExp(`exec/${execution}`));
  await find('nothing is called so');
  await page.getByText('Nothing has “nothing is called so”').waitFor();
  assert.deepEqual(page.faults, []);
});

test('without the live channel the page asks, and says so', async t => {
  const { endpoint, begin } = await scenario(t);
  await begin('OrderSettlement', {}, 'settle-001');
  const browser = await browse(t);
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE);
  await context.route('**/_weft/v1/live*', route => route.abort());
  const page = await context.newPage();
  await page.goto(`${endpoint}/_weft/ui/`);
  await page.getByRole('row', { name: /settle-001/ }).waitFor();
  await begin('OrderSettlement', {}, 'settle-002');
  await page.getByRole('button', { name: 'Show 1 new' }).click();
});

test('a hundred pages hear the same, and leave nothing behind', async t => {
  const { endpoint, begin, mapRunOf } = await scenario(t);
  const { pictures, release } = heldItems(t, 150, 1, lasting(5));
  const execution = await begin('ImagePipeline', { pictures }, 'watched');
  await until(async () => (await call(endpoint, 'ListMapRuns', { executionArn: execution })).mapRuns.length > 0, 'there is no Map Run');
  const topic = `maprun:${await mapRunOf(execution)}`;
  const agent = new http.Agent({ maxSockets: 200 });
  const ended = [];
  const open = Array.from({ length: 100 }, () => new Promise((resolve, reject) => {
    const request = http.get(`${endpoint}/_weft/v1/live?topic=list&topic=${encodeURIComponent(topic)}`, { agent }, response => {
      let text = '';
      response.setEncoding('utf8');
      ended.push(new Promise(end => response.on('data', piece => {
        text += piece;
        if (text.includes('event: end')) end(text);
      })));
      response.on('error', () => {});
      resolve(request);
    });
    request.on('error', reject);
  }));
  const requests = await Promise.all(open);
  await becomes(async () => (await health(endpoint)).live.clients, 100);
  release();
  for (const text of await Promise.all(ended)) assert.match(text, /"succeeded":150/);
  for (const request of requests) request.destroy();
  await until(async () => (await health(endpoint)).live.clients === 0, 'connections that are gone are kept');
});
