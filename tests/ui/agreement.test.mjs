// One run, looked at in the terminal, on the page and through the query API: the same counts,
// percentiles and groups.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { expectStatus, root, scratch, weft, weftRun } from '../e2e/lib.mjs';
import { browse, openPage, settled, showPage } from './browser.mjs';
import { definition, items } from './scenario.mjs';

const CHILDREN = 120;

test('the same run in the terminal, on the page and through the query API', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const file = path.join(directory, 'ImagePipeline.asl.json');
  fs.writeFileSync(file, JSON.stringify(definition));
  const input = path.join(directory, 'input.json');
  fs.writeFileSync(input, JSON.stringify({ pictures: items(CHILDREN) }));
  const ran = await weftRun([file, '--data', data, '--input', `@${input}`, '--function', `pictures=${path.join(root, 'tests/ui/pictures.mjs')}:handler,concurrency=12`]);
  expectStatus(ran, 0, 'weft run');
  const told = ran.report.mapRuns[0];  // what the terminal said at the end
  const terminal = async (...args) => {
    const result = await weft([...args, '--data', data]);
    expectStatus(result, 0, args.join(' '));
    return result.stdout;
  };
  const { address, query } = await showPage(t, ['ui', 'latest', '--data', data]);
  const arn = told.mapRunArn;
  const [summary, errors, tail, differs, execution] = await Promise.all([
    query('maprun/summary', { arn }), query('maprun/errors', { arn }), query('maprun/tail', { arn, n: 5 }), query('maprun/differs', { arn }), query('exec/summary', { arn: ran.report.executionArn }),
  ]);
  const page = await openPage(await browse(t));
  await page.goto(`${address.slice(0, address.indexOf('exec/'))}maprun/${arn}`);
  await page.locator('button.err').first().waitFor();
  await page.locator('.figs dl.set dd').first().waitFor();
  await page.locator('table.children tbody tr').first().waitFor();
  await settled(page);

  await t.test('counts', async () => {
    const words = { succeeded: 'succeeded', failed: 'failed' };
    const described = JSON.parse(await terminal('describe', arn, '--json'));
    for (const of of ['itemCounts', 'executionCounts']) {
      for (const [name, value] of Object.entries(told[of])) assert.equal(summary[of][name], value, `${of}.${name} of the query API`);
    }
    assert.deepEqual(execution.mapRuns[0].counts, summary.executionCounts);
    const { total, succeeded, failed, timedOut, aborted, running, pending } = summary.executionCounts;
    assert.equal(described.executionCounts, `${total} total, ${succeeded} succeeded, ${failed} failed, ${timedOut} timed out, ${aborted} aborted, ${running} running, ${pending} pending`);
    const shown = await page.locator('.summary .counts').innerText();
    for (const [name, word] of Object.entries(words)) {
      assert.match(shown, new RegExp(`(^|\\s)${told.itemCounts[name]}\\s+${word}`), `${word} on the page: ${shown}`);
    }
    const byStatus = await terminal('trace', 'latest', '--group-by', 'status');
    for (const [name, status] of [['succeeded', 'SUCCEEDED'], ['failed', 'FAILED']]) {
      assert.match(byStatus, new RegExp(`^${status} +${told.executionCounts[name]} `, 'm'));
    }
    assert.equal(told.executionCounts.total, CHILDREN);
    assert.equal(told.executionCounts.failed, items(CHILDREN).filter(item => item.error).length);
  });

  await t.test('percentiles', async () => {
    for (const [name, ms] of Object.entries(told.durationMs)) assert.equal(summary[name], Math.round(ms * 1000), `${name} of the query API`);
    // A percentile on the page is a link to the children above it, exact to the microsecond.
    const links = await page.locator('.figs dl.set .fig').evaluateAll(all => all.map(fig => [fig.querySelector('dt').textContent, fig.querySelector('dd').textContent, decodeURIComponent(fig.querySelector('a')?.href ?? '')]));
    assert.deepEqual(links.map(([name]) => name), ['p50', 'p95', 'p99', 'Longest']);
    for (const [name, , href] of links.slice(1)) {
      const value = summary[name === 'Longest' ? 'max' : name];
      assert.match(href, new RegExp(`dur:>=?${value}us$`), `${name} on the page: ${href}`);
    }
    const text = await terminal('trace', 'latest', '--width', '200');
    const words = /p50 (.+?) · p95 (.+?) · p99 (.+?) · max (.+)$/m.exec(text);
    assert.ok(words, text);
    const near = (shown, us, where) => {
      const [, number, unit] = /([\d.]+)\s*(µs|us|ms|s)/.exec(shown);
      const value = Number(number) * { µs: 1, us: 1, ms: 1e3, s: 1e6 }[unit];
      assert.ok(Math.abs(value - us) <= us * 0.006 + 500, `${where}: ${shown} is not ${us} us`);
    };
    ['p50', 'p95', 'p99', 'max'].forEach((name, i) => near(words[i + 1], summary[name], `${name} in the terminal`));
    for (const [name, shown] of links) near(shown, summary[name === 'Longest' ? 'max' : name], `${name} on the page`);
  });

  await t.test('groups of errors', async () => {
    const grouped = groups => groups.map(({ error, n }) => `${error} ${n}`).sort();
    assert.equal(told.errorGroupCount, errors.groups.length);
    assert.deepEqual(told.errorGroups.map(({ error, count }) => `${error} ${count}`).sort(), grouped(errors.groups).slice(0, 5));
    const byError = await terminal('trace', 'latest', '--group-by', 'error', '--filter', 'status:failed');
    for (const { id, n } of errors.groups) assert.match(byError, new RegExp(`^err:${id} +${n} `, 'm'));
    const shown = await page.locator('button.err').evaluateAll(all => all.map(one => ({ error: one.querySelector('.who .cut').textContent, n: Number(one.querySelectorAll('.num')[1].textContent) })));
    assert.deepEqual(grouped(shown), grouped(errors.groups).slice(0, 5));
  });

  await t.test('the slowest', async () => {
    assert.deepEqual(told.slowest.map(({ durationMs }) => Math.round(durationMs * 1000)), tail.d);
    const listed = await terminal('trace', 'latest', '--sort', 'dur:desc', '--limit', '5');
    assert.deepEqual([...listed.matchAll(/^ +(\d+) +(?:FAILED|SUCCEEDED) /gm)].map(match => Number(match[1])), tail.idx);
    const shown = await page.locator('table.children tbody tr a').evaluateAll(all => all.map(one => one.textContent).filter(text => text.startsWith('#')));
    assert.deepEqual(shown.slice(0, 5).map(text => Number(text.replace(/[#,]/g, ''))), tail.idx);
  });

  await t.test('what differs, and the states', async () => {
    const explained = JSON.parse(await terminal('explain', 'latest', '--json'));
    assert.deepEqual(explained.mapRuns[0], differs.explanation);
    const metrics = JSON.parse(await terminal('metrics', '--json'));
    assert.deepEqual(metrics.rows, (await query('metrics/states', {})).rows);
    const inside = metrics.rows.find(row => row.state === 'Transform image');
    await page.goto(`${address}?view=states`);
    const row = page.locator('tr', { hasText: 'Transform image' }).first();
    await row.waitFor();
    assert.match(await row.innerText(), new RegExp(`\\b${inside.n}\\b`), 'visits of the state on the page');
  });
  assert.deepEqual(page.faults, []);
});
