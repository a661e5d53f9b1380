// The page where nothing runs: over a data directory, and as one file from disk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { expectStatus, scratch, weft } from '../e2e/lib.mjs';
import { PATIENCE, accessibility, browse, openPage, picture, settled, showPage } from './browser.mjs';
import { items, scenario } from './scenario.mjs';

const CHILDREN = 120;
const FAILED = items(CHILDREN).filter(item => item.error).length;

const show = async (t, args) => (await showPage(t, args)).address;

test('weft ui shows a data directory and runs nothing', async t => {
  const { data, run, mapRunOf, machines } = await scenario(t);
  const execution = await run('ImagePipeline', { pictures: items(CHILDREN) }, 'nightly-2026-11-28');
  const mapRun = await mapRunOf(execution);
  const address = await show(t, ['ui', 'latest', '--data', data]);
  assert.ok(address.endsWith(`/_weft/ui/exec/${execution}`), address);
  const browser = await browse(t);
  const page = await openPage(browser);
  await page.goto(address);
  await page.getByText('Slowest 5').waitFor();
  // Nothing offers to run something, when all that was asked is answered.
  await settled(page);
  assert.equal(await page.getByRole('link', { name: 'New from this' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Replay on an edited machine' }).count(), 0);
  const base = address.slice(0, address.indexOf('exec/'));
  await page.goto(`${base}maprun/${mapRun}?f=status:failed,timed_out`);
  await page.waitForFunction(wanted => document.querySelectorAll('table.children tbody tr').length === wanted, FAILED);
  await page.goto(`${base}machine/${machines.ImagePipeline}`);
  await page.getByText('nothing is run by this server').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Start execution' }).isDisabled());
  const started = await fetch(new URL(base).origin, { method: 'POST', headers: { 'X-Amz-Target': 'AWSStepFunctions.StartExecution', 'Content-Type': 'application/x-amz-json-1.0' }, body: JSON.stringify({ stateMachineArn: machines.ImagePipeline }) });
  assert.equal(started.status, 503);
  assert.match((await started.json()).message, /runs nothing/);
  assert.deepEqual(page.faults, []);
  // The same by trace --open; and what does not go together is said.
  assert.ok((await show(t, ['trace', 'latest', '--open', '--data', data])).endsWith(execution));
  const wrong = await weft(['trace', 'latest', '--open', '--format', 'html', '--data', data]);
  expectStatus(wrong, 2, 'trace --open --format html');
  assert.match(wrong.stderr, /--open shows the page/);
});

test('a run as one file: from disk, without a server, and with nothing from elsewhere', async t => {
  const { data, run } = await scenario(t);
  await run('ImagePipeline', { pictures: items(CHILDREN), note: '</script><script>alert(1)</script><!--' }, 'nightly-2026-11-28');
  const file = path.join(scratch(t), 'nightly.html');
  expectStatus(await weft(['trace', 'latest', '--format', 'html', '--output', file, '--data', data]), 0, 'trace --format html');
  const bytes = fs.statSync(file).size;
  assert.ok(bytes < 10 * 1024 * 1024, `${bytes} bytes`);
  const browser = await browse(t);
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, offline: true, timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => { if (message.type() === 'error') faults.push(message.text()); });
  page.on('request', request => { if (request.url() !== pathToFileURL(file).href && !/^(file|data):/.test(request.url())) faults.push(`asks for ${request.url()}`); });
  await page.goto(pathToFileURL(file).href);
  await page.getByText('Slowest 5').waitFor();
  await page.getByText(/^A file of /).waitFor();
  await page.locator('.g-node, svg .node, svg text').first().waitFor();
  await picture(page, 'snapshot-light');
  // Its Map Run, with pictures and lists.
  await page.getByRole('link', { name: `${FAILED} failed` }).first().click();
  await page.getByText('This file does not hold that', { exact: false }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelectorAll('table.children tbody tr').length === 100);
  await page.locator('button.err', { hasText: 'ImageDecodeError' }).waitFor();
  await page.waitForFunction(() => !document.querySelector('.skel'));
  await picture(page, 'snapshot-maprun-light');
  // One of the slowest, with what it called; and back.
  await page.locator('table.children tbody tr').first().getByRole('link', { name: /^#/ }).click();
  await page.locator('.wf [data-name="Transform image"]').waitFor();
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('table.children tbody tr').length === 100);
  // A link to a part of the file opens it.
  const again = await context.newPage();
  await again.goto(page.url());
  await again.waitForFunction(() => document.querySelectorAll('table.children tbody tr').length === 100);
  assert.deepEqual(await accessibility(page), []);
  assert.deepEqual(faults, []);
});
