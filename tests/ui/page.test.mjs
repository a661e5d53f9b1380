// The page on a real server with real runs, in a browser.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../e2e/lib.mjs';
import { accessibility, browse, openPage, picture, settled } from './browser.mjs';
import { items, scenario } from './scenario.mjs';

const CHILDREN = 120;
const FAILED = items(CHILDREN).filter(item => item.error).length;

test('from the list to why children failed, and back by a link', async t => {
  const { endpoint, run, begin, mapRunOf } = await scenario(t);
  await run('OrderSettlement', { bad: true }, 'settle-001');
  const execution = await run('ImagePipeline', { pictures: items(CHILDREN) }, 'nightly-2026-11-28');
  await run('OrderSettlement', {}, 'settle-002');
  const mapRun = await mapRunOf(execution);
  const browser = await browse(t);
  const page = await openPage(browser);
  const at = path => `${endpoint}/_weft/ui/${path}`;

  // A browser that looks at the port finds the page.
  await page.goto(endpoint);
  assert.equal(page.url(), at(''));
  await page.getByRole('row', { name: /settle-001/ }).waitFor();
  await settled(page);
  assert.equal(await page.locator('#list tbody tr').count(), 3);
  assert.match(await page.locator('.sums').innerText(), /3\s+all[\s\S]*2\s+succeeded[\s\S]*1\s+failed/);
  await page.getByRole('button', { name: '1 failed' }).click();
  await page.waitForFunction(() => document.querySelectorAll('#list tbody tr').length === 1);
  await page.waitForURL(/status=FAILED/);
  assert.match(await page.locator('#list tbody').innerText(), /Orders\.Refused/);

  // A new execution does not push rows away: it waits to be shown.
  await page.getByRole('button', { name: /all$/ }).click();
  await page.waitForFunction(() => document.querySelectorAll('#list tbody tr').length === 3);
  await begin('OrderSettlement', {}, 'settle-003');
  await page.getByRole('button', { name: 'Show 1 new' }).click();
  await page.locator('#list tbody tr').first().filter({ hasText: 'settle-003' }).waitFor();

  // The execution: its waterfall with the children as one group and some of them as examples.
  await page.getByRole('link', { name: 'nightly-2026-11-28' }).click();
  await page.getByText('Slowest 5').waitFor();
  assert.match(await page.locator('.wf .group .lines').innerText(), new RegExp(`${CHILDREN} children[\\s\\S]*${FAILED} failed, ${CHILDREN - FAILED} ok`));
  await page.locator('.wf [data-failed]').first().waitFor();
  await page.keyboard.press('f');
  await page.locator('.span').waitFor();
  await page.waitForURL(/sel=/);

  // The Map Run, and only what failed: every panel follows.
  await page.getByRole('link', { name: `${FAILED} failed` }).first().click();
  await page.locator('.filterbar.on').waitFor();
  await page.waitForURL(at(`maprun/${mapRun}?f=status:failed,timed_out`));
  const total = async () => (await page.locator('.filterbar .tail').innerText()).replace(/\s+/g, ' ');
  await page.waitForFunction(wanted => document.querySelector('.filterbar .tail b')?.textContent === wanted, String(FAILED));
  assert.match(await total(), new RegExp(`${FAILED} of ${CHILDREN} finished children`));
  await page.waitForFunction(wanted => document.querySelectorAll('table.children tbody tr').length === wanted, FAILED);
  await page.locator('button.err', { hasText: 'ImageDecodeError' }).waitFor();

  // The same view by its link.
  const second = await openPage(browser, { theme: 'dark' });
  await second.goto(page.url());
  await second.waitForFunction(wanted => document.querySelectorAll('table.children tbody tr').length === wanted, FAILED);
  await page.keyboard.press('Escape');
  await page.waitForFunction(wanted => document.querySelectorAll('table.children tbody tr').length === wanted, 100);
  await page.waitForURL(at(`maprun/${mapRun}`));

  // What those with a long input share is said with numbers, and is a filter. (How long children take depends on the machine.)
  await page.goto(at(`maprun/${mapRun}?f=size:>300`));
  await page.locator('.explain .mono').first().waitFor();
  await page.getByRole('button', { name: /^Filter by this: key:2025\//  }).first().click();
  await page.getByText('key', { exact: true }).waitFor();
  await page.waitForURL(url => /f=size:>300&f=key:2025\//.test(decodeURIComponent(url.href)));
  await until(async () => (await total()).startsWith(`${items(CHILDREN).filter(item => item.Key.startsWith('2025/')).length} of`), 'the children of the slow folder are not chosen');

  // The slowest child, and what it called.
  await page.getByRole('link', { name: /^#/ }).first().click();
  await page.locator('.wf [data-name="Transform image"]').waitFor();
  await page.goBack();
  assert.deepEqual([...page.faults, ...second.faults], []);
});

const VIEWS = [
  ['executions', () => ''],
  ['execution', ({ execution }) => `exec/${execution}`],
  ['states', ({ execution }) => `exec/${execution}?view=states`],
  ['events', ({ execution }) => `exec/${execution}?view=events`],
  ['io', ({ execution }) => `exec/${execution}?view=io`],
  ['definition', ({ execution }) => `exec/${execution}?view=definition`],
  ['maprun', ({ mapRun }) => `maprun/${mapRun}`],
  ['maprun-filtered', ({ mapRun }) => `maprun/${mapRun}?f=size:>300`],
  ['flame', ({ execution }) => `exec/${execution}?view=flame`],
  ['machines', () => 'machines'],
];

test('every view in both themes and at all widths: nothing serious for axe, nothing hangs out', async t => {
  const { endpoint, run, mapRunOf } = await scenario(t);
  for (let i = 0; i < 12; i++) await run('OrderSettlement', { bad: i % 5 === 2 }, `settle-2026-11-27-${String(i).padStart(3, '0')}`);
  const execution = await run('ImagePipeline', { pictures: items(CHILDREN) }, 'nightly-2026-11-28');
  const places = { execution, mapRun: await mapRunOf(execution) };
  const browser = await browse(t);
  const faults = [];
  for (const theme of ['light', 'dark']) {
    const page = await openPage(browser, { theme });
    for (const [name, path] of VIEWS) {
      await page.setViewportSize({ width: 1600, height: 1000 });
      await page.goto(`${endpoint}/_weft/ui/${path(places)}`);
      await settled(page);
      await picture(page, `${name}-${theme}`);
      faults.push(...(await accessibility(page)).map(fault => `${name} in ${theme}: ${fault}`));
      if (theme === 'dark') continue;
      for (const width of [320, 768, 2560]) {
        await page.setViewportSize({ width, height: 900 });
        await settled(page);
        await picture(page, `${name}-${width}`, { fullPage: width < 800 });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (over > 0) faults.push(`${name} at ${width} px is ${over} px too wide`);
      }
    }
    faults.push(...page.faults);
  }
  assert.deepEqual(faults, []);
});
