// A page that stays open on a live run, and many of them at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { call, until } from '../e2e/lib.mjs';
import { browse, openPage } from './browser.mjs';
import { heldItems, scenario } from './scenario.mjs';

const MB = 1024 * 1024;
const PAGES = 100;

/** Listens to topics as an open page does; what it was told last of each event, of which topics the end, and how often it was told. */
async function listen(t, endpoint, topics) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const response = await fetch(`${endpoint}/_weft/v1/live?${new URLSearchParams(topics.map(topic => ['topic', topic]))}`, { signal: stop.signal });
  assert.equal(response.status, 200);
  const told = { last: {}, ended: new Set(), events: 0 };
  (async () => {
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = /^event: (.*)$/m.exec(text.slice(0, end))?.[1];
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 2);
        if (!event) continue;
        told.last[event] = JSON.parse(data);
        if (event === 'end') told.ended.add(told.last.end.topic);
        told.events += 1;
      }
    }
  })().catch(error => { if (!stop.signal.aborted) throw error; });
  return told;
}

test(`${PAGES} open pages: each is told how it ended`, async t => {
  const { endpoint, begin } = await scenario(t);
  const { pictures, release } = heldItems(t, 400, 2);
  const executionArn = await begin('ImagePipeline', { pictures }, 'watched');
  const mapRunArn = (await until(async () => (await call(endpoint, 'ListMapRuns', { executionArn })).mapRuns[0], 'it starts no Map Run')).mapRunArn;
  const topic = `maprun:${mapRunArn}`;
  const pages = await Promise.all(Array.from({ length: PAGES }, () => listen(t, endpoint, [topic, `exec:${executionArn}`, 'list'])));
  const health = await (await fetch(`${endpoint}/_weft/health`)).json();
  assert.ok(health.live.clients >= PAGES, JSON.stringify(health));
  for (const done of [0, 200]) {
    const told = ({ last }) => last.counts?.executionCounts.succeeded + last.counts?.executionCounts.failed === done;
    await until(() => pages.every(told), `a page is not told that ${done} are done`);
    release();
  }
  await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status !== 'RUNNING', 'it does not end');
  const { executionCounts } = await call(endpoint, 'DescribeMapRun', { mapRunArn });
  await until(() => pages.every(({ ended }) => ended.has(topic) && ended.has(`exec:${executionArn}`)), 'a page is not told that it ended');
  for (const { last, events } of pages) {
    for (const name of ['succeeded', 'failed', 'total', 'running', 'pending']) assert.equal(last.counts.executionCounts[name], executionCounts[name], name);
    assert.ok(events >= 4, `${events} events`);
  }
});

test('a page open on a live run stays current and does not grow', async t => {
  const { endpoint, begin, mapRunOf } = await scenario(t);
  // A third until it is measured first, a third while it is measured, and a third that nobody releases: the run is not over before.
  const { pictures, release } = heldItems(t, 1_800, 3, item => ({ ...item, ms: item.ms + 2_000 }));
  const executionArn = await begin('ImagePipeline', { pictures }, 'long');
  release();
  const mapRunArn = await until(() => mapRunOf(executionArn).catch(() => undefined), 'it starts no Map Run');
  const page = await openPage(await browse(t));
  // The page's clock is ours and runs ahead: it asks far more often than once every two seconds. What it asks about runs on.
  await page.clock.install();
  await page.goto(`${endpoint}/_weft/ui/maprun/${mapRunArn}`);
  const session = await page.context().newCDPSession(page);
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  let answers = 0;
  page.on('response', response => { if (response.url().includes('/_weft/v1/maprun/')) answers += 1; });
  const look = async times => {
    const wanted = answers + times;
    while (answers < wanted) await page.clock.runFor(2_000);
  };
  const finished = async () => Number(/([\d,]+)(?: of [\d,]+)? items/.exec(await page.locator('.figs').innerText())?.[1].replaceAll(',', ''));
  // What a collection leaves goes up and down by a megabyte: what lasts is the least of several.
  const lasting = async () => {
    const sizes = [];
    while (sizes.length < 5) { await look(40); sizes.push(await heap()); }
    return Math.min(...sizes);
  };
  await page.locator('.figs').waitFor();
  // Measured once its lists are full: what a page shows of 100 children takes more than of 10.
  await until(async () => { await look(20); return await finished() > 300; }, 'the page shows no children');
  const [heapBefore, answersBefore, finishedBefore] = [await lasting(), answers, await finished()];
  release();
  await look(1_000);
  const heapAfter = await lasting();
  const { itemCounts, status } = await call(endpoint, 'DescribeMapRun', { mapRunArn });
  t.diagnostic(`${answers - answersBefore} answers; heap ${(heapBefore / MB).toFixed(1)} MB, then ${(heapAfter / MB).toFixed(1)} MB; ${finishedBefore} items, then ${itemCounts.succeeded} (${status})`);
  assert.equal(status, 'RUNNING', 'the run is over before the page is measured');
  assert.ok(heapAfter <= heapBefore * 1.2, `heap ${heapBefore}, then ${heapAfter} bytes`);
  assert.ok(finishedBefore > 0);
  await until(async () => { await look(1); return await finished() > finishedBefore; }, 'the page does not stay current');
  assert.deepEqual(page.faults, []);
  await call(endpoint, 'StopExecution', { executionArn });
  await until(async () => { await page.clock.runFor(2_000); return /Aborted/.test(await page.locator('.phead').innerText()); }, 'the page does not tell the end');
});
