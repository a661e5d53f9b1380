// What the views do beside the main way through them: compare, fold idle time, show who is at work, go on after the server was away.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { call, until } from '../e2e/lib.mjs';
import { becomes, browse, openPage, settled } from './browser.mjs';
import { items, scenario } from './scenario.mjs';

const CHILDREN = 60;
const text = async locator => (await locator.innerText()).replace(/\s+/g, ' ');

test('two runs are compared from the navigation, states of parents and of children apart', async t => {
  const { endpoint, run } = await scenario(t);
  await run('ImagePipeline', { pictures: items(CHILDREN) }, 'first');
  await run('ImagePipeline', { pictures: items(2 * CHILDREN) }, 'second');
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/`);
  await page.getByRole('link', { name: 'Compare' }).click();
  await page.locator('table.apart tbody tr').first().waitFor();
  await settled(page);
  const heads = await text(page.locator('table.apart .over-heads'));
  assert.match(heads, /is_distributed_map_child:false.*is_distributed_map_child:true/);
  // A state of the parent says nothing on the side of the children, and the other way round.
  const cells = async name => (await page.getByRole('row', { name: new RegExp(`^${name}`) }).locator('td').allInnerTexts()).map(one => one.trim());
  const [parent, child] = [await cells('Validate input'), await cells('Transform image')];
  assert.deepEqual([parent[0], parent.slice(6).join('')], ['2', '']);
  assert.deepEqual([child.slice(0, 6).join(''), child[6]], ['', String(3 * CHILDREN)]);
  await page.getByRole('button', { name: '24 h' }).click();
  await page.getByRole('button', { name: 'Against the time before' }).click();
  await page.getByRole('columnheader', { name: 'p95 before' }).first().waitFor();
  await page.waitForURL(/range=day&against=before/);
  // Two runs: number beside number, the states of both sides with the ratio.
  await page.getByRole('button', { name: 'second' }).click();
  await page.getByRole('button', { name: 'first' }).click();
  await page.getByRole('row', { name: /^Children finished/ }).waitFor();
  assert.match(await text(page.getByRole('row', { name: /^Children finished/ })), new RegExp(`${2 * CHILDREN} ${CHILDREN} 0\\.5 ×`));
  await page.getByRole('columnheader', { name: 'p95 first' }).first().waitFor();
  assert.deepEqual(page.faults, []);
});

test('idle time is folded with a mark, and the address says so', async t => {
  const { endpoint, run } = await scenario(t);
  const execution = await run('ImagePipeline', { pictures: items(8).map(item => ({ Key: item.Key, ms: 5 })) }, 'waits');
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/exec/${execution}`);
  await page.getByRole('button', { name: 'Collapse idle' }).click();
  await page.waitForURL(/idle=cut/);
  await page.locator('.wf .axis b.fold').waitFor();
  // The wait of a second takes less room than what ran before it.
  const width = async name => (await page.locator(`.wf .row[data-name="${name}"] .t i`).first().boundingBox()).width;
  const folded = await width('Pause');
  assert.ok(folded < await width('Process images'), `${folded} px`);
  await page.goto(page.url());
  await page.locator('.wf .axis b.fold').waitFor();
  await page.getByRole('button', { name: 'Show idle' }).click();
  await page.locator('.wf .axis b.fold').waitFor({ state: 'detached' });
  await until(async () => await width('Pause') > folded, 'the wait takes no more room than folded');
  // A part of the time, by keys; it is in the address, too.
  await page.keyboard.press('w');
  await page.waitForURL(/t=\d+\.\.\d+/);
  await page.keyboard.press('0');
  await page.waitForURL(url => !/t=/.test(url.search));
  await page.locator('.wf .row[data-name="Pause"] .t').dblclick();
  await page.waitForURL(/t=\d+\.\.\d+/);
  // What is zoomed in is dragged, and a drag chooses no row.
  const zoomed = page.url();
  const chosen = url => new URL(url).searchParams.get('sel');
  const bars = await page.locator('.wf .row[data-name="Process images"] .t').boundingBox();
  await page.mouse.move(bars.x + bars.width * 0.3, bars.y + bars.height / 2);
  await page.mouse.down();
  await page.mouse.move(bars.x + bars.width * 0.7, bars.y + bars.height / 2, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(url => url.href !== zoomed && /t=\d+\.\.\d+/.test(url.search));
  assert.equal(chosen(page.url()), chosen(zoomed));
  // The flame graph folds what only waits.
  await page.goto(`${endpoint}/_weft/ui/exec/${execution}?view=flame&of=${execution}&idle=cut`);
  await page.locator('.frame.f-fold[title^="Pause"][title*="folded"]').waitFor();
  await page.getByRole('button', { name: 'Count' }).click();
  await page.getByLabel('Find a frame').fill('pause');
  await page.locator('.frame.f-found').first().waitFor();
  await page.getByRole('button', { name: 'Table' }).first().click();
  await page.getByRole('cell', { name: 'Pause' }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('a frame of the flame graph says how long its calls took and which were the longest; the waterfall has the lanes', async t => {
  const { endpoint, run, mapRunOf } = await scenario(t);
  const query = async (path, parameters) => (await fetch(`${endpoint}/_weft/v1/${path}?${new URLSearchParams(parameters)}`)).json();
  const execution = await run('ImagePipeline', { pictures: items(60) }, 'frames');
  const page = await openPage(await browse(t));
  // Frames move while what is read later is drawn: a click may miss.
  await until(async () => {
    await page.goto(`${endpoint}/_weft/ui/exec/${execution}?view=flame`);
    await page.locator('.frame', { hasText: 'Transform image' }).first().click();
    return page.locator('.frame-panel').getByRole('heading', { name: 'Transform image' }).waitFor({ timeout: 20_000 }).then(() => true, () => false);
  }, 'the frame is not chosen');
  await page.getByLabel(/^Durations of 60 calls: half took up to /).waitFor();
  // All of it stands small above what is shown whole, and leads back.
  await page.getByRole('button', { name: 'Show all of it' }).click();
  await page.locator('.flame-small').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.frame-panel .call').count(), 5);
  await page.locator('.frame-panel .call a[href*="/exec/"]').first().click();
  await page.locator('.wf [data-name="Transform image"]').waitFor();
  // Every child in its lane, on the time of the waterfall; a click opens one.
  await page.goto(`${endpoint}/_weft/ui/exec/${execution}`);
  await page.locator('.wf .lanes').getByText('12 lanes').waitFor();
  // The first child of the first lane, in its middle.
  const { end } = await query('exec/tree', { arn: execution });
  const mapRun = await mapRunOf(execution);
  const { start } = await query('maprun/summary', { arn: mapRun });
  const lanes = await query('maprun/lanes', { arn: mapRun });
  const first = lanes.lane.indexOf(0);
  const from = start - (await query('exec/summary', { arn: execution })).start;
  const tip = page.locator('.wf .lanes .tip');
  // What is read later pushes the lanes down, from under the pointer.
  await page.locator('.skel').first().waitFor({ state: 'detached' });
  await until(async () => {
    const { x, y, width, height } = await page.getByLabel('60 children in 12 lanes').boundingBox();
    await page.mouse.move(x + (width * (from + lanes.s[first] + lanes.d[first] / 2)) / end, y + height / 24);
    if (!await tip.isVisible()) return false;
    await page.mouse.down();
    await page.mouse.up();
    return page.waitForURL(/exec\/[^?]*Process/, { timeout: 20_000 }).then(() => true, () => false);
  }, 'no child is told in the lanes, and opened by a click');
  assert.deepEqual(page.faults, []);
});

test('children at work are in the lanes and in the track, before any has ended', async t => {
  const { endpoint, begin, mapRunOf } = await scenario(t);
  const execution = await begin('ImagePipeline', { pictures: items(12).map(item => ({ Key: item.Key, ms: 600_000 })) }, 'idle');
  const mapRun = await until(() => mapRunOf(execution).catch(() => undefined), 'it starts no Map Run');
  await until(async () => (await call(endpoint, 'DescribeMapRun', { mapRunArn: mapRun })).executionCounts.running === 12, 'the children do not start');
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/maprun/${mapRun}`);
  await page.locator('.plane canvas').waitFor();
  await page.locator('.lanes-panel').getByText('12 lanes').waitFor();
  await page.getByLabel(/^Children at work over time: at most 12$/).waitFor();
  await page.locator('.lanes-panel').getByRole('button', { name: 'Table' }).click();
  await page.locator('.lane-table tbody tr').nth(11).waitFor();
  assert.match(await text(page.locator('.lane-table tbody tr').first()), /Running #\d+ \d+ .* –/);
  await page.locator('.lane-table .link').first().click();
  await page.getByText('idle').first().waitFor();
  await page.waitForURL(/exec\/.*execution/);
  await call(endpoint, 'StopExecution', { executionArn: execution });
  assert.deepEqual(page.faults, []);
});

test('error groups that are not among the most frequent have their names', async t => {
  const { endpoint, run, mapRunOf } = await scenario(t);
  const execution = await run('ImagePipeline', { pictures: items(130).map(({ Key }, i) => ({ Key, ms: 1, ...(i < 130 ? { error: `Orders.Refused${i}` } : {}) })) }, 'kinds');
  const mapRun = await mapRunOf(execution);
  const { total } = (await call(endpoint, 'DescribeMapRun', { mapRunArn: mapRun })).executionCounts;
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/maprun/${mapRun}?f=status:failed`);
  await page.locator('table.children tbody tr').first().waitFor();
  await settled(page);
  const names = await page.locator('table.children td.err-cell').allInnerTexts();
  assert.ok(total > 0 && names.length > 0 && names.every(name => /^Orders\.Refused\d+$/.test(name.trim())), names.join());
  assert.deepEqual(page.faults, []);
});

test('tabs tell how much is behind them, an event is found by its id, and the history is a file', async t => {
  const { endpoint, run } = await scenario(t);
  const execution = await run('OrderSettlement', {}, 'settle');
  const { events } = await call(endpoint, 'GetExecutionHistory', { executionArn: execution, maxResults: 1000 });
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/exec/${execution}`);
  const tab = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /^Events/ });
  await until(async () => (await text(tab)).replace(/\s/, '') === `Events${events.length}`, 'the tab does not tell');
  await tab.click();
  await page.getByLabel('Go to the event with this id').fill('7');
  await page.keyboard.press('Enter');
  await until(async () => await text(page.locator('table.events tbody tr td').first()) === '7', 'the event is not shown first');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const lines = fs.readFileSync(await (await download).path(), 'utf8').trim().split('\n').map(line => JSON.parse(line));
  assert.deepEqual(lines.map(({ id }) => id), events.map(({ id }) => id));
  assert.deepEqual(page.faults, []);
});

test('what was not answered is asked again, and the page says so', async t => {
  const { endpoint, run } = await scenario(t);
  const execution = await run('OrderSettlement', {}, 'settle');
  const page = await openPage(await browse(t));
  await page.route('**/_weft/v1/exec/**', route => route.abort());
  await page.goto(`${endpoint}/_weft/ui/exec/${execution}`);
  await page.getByText('It is asked again every 3 seconds').first().waitFor();
  await page.unroute('**/_weft/v1/exec/**');
  await page.locator('.wf [role="treeitem"]').first().waitFor();
  await becomes(() => page.getByRole('alert').count(), 0);
  // A fault of the server is told, and asked about again as well.
  await page.route('**/_weft/v1/exec/events*', route => route.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"code":"ServiceUnavailable","message":"It starts"}}' }));
  await page.goto(`${endpoint}/_weft/ui/exec/${execution}?view=events`);
  await page.getByText('It starts').waitFor();
  await page.unroute('**/_weft/v1/exec/events*');
  await page.locator('table.events tbody tr').first().waitFor();
});

test('a payload is read whole, searched, and says the way to what is in it', async t => {
  const { endpoint, run } = await scenario(t);
  const long = Array.from({ length: 400 }, (_, i) => ({ sku: `SKU-${i}`, note: 'a position of an order '.repeat(4) }));
  const execution = await run('OrderSettlement', { bad: true, positions: long }, 'long');
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/exec/${execution}?view=io`);
  await page.getByText(/^the first .* of/).waitFor();
  await page.getByRole('button', { name: 'Load all' }).click();
  await page.getByText(/^the first .* of/).waitFor({ state: 'detached' });
  await page.getByLabel('Search in the input').fill('SKU-399');
  await page.getByRole('button', { name: 'positions[399].sku' }).waitFor();
  assert.deepEqual(page.faults, []);
});
