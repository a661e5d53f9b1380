// The page's main views in Firefox ESR, by WebDriver BiDi.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import puppeteer from 'puppeteer-core';
import { cleanUp, scratch } from '../e2e/lib.mjs';
import { PATIENCE, pictures } from './browser.mjs';
import { items, scenario } from './scenario.mjs';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const CHILDREN = 120;
const FAILED = items(CHILDREN).filter(item => item.error).length;

async function openFirefox(t) {
  const profile = path.join(scratch(t), 'profile');
  fs.mkdirSync(profile);
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true, timeout: PATIENCE, protocolTimeout: PATIENCE, userDataDir: profile, extraPrefsFirefox: { 'ui.prefersReducedMotion': 1 } });
  cleanUp(t, () => browser.close());
  const page = await browser.newPage();
  await page.setViewport({ width: 1600, height: 1000 });
  page.setDefaultTimeout(PATIENCE);
  page.faults = [];
  page.on('pageerror', error => page.faults.push(String(error)));
  page.on('console', message => { if (message.type() === 'error') page.faults.push(message.text()); });
  return page;
}

const missing = fs.existsSync(FIREFOX) ? false : `${FIREFOX} is missing`;
if (missing) console.log(`NOT RUN: the page in Firefox: ${missing} (tools/setup test)`);

test('the main views in Firefox: list, execution, Map Run with a filter, a running one', { skip: missing }, async t => {
  const { endpoint, run, begin, mapRunOf } = await scenario(t);
  await run('OrderSettlement', { bad: true }, 'settle-001');
  const execution = await run('ImagePipeline', { pictures: items(CHILDREN) }, 'nightly-2026-11-28');
  const mapRun = await mapRunOf(execution);
  const page = await openFirefox(t);
  const at = where => `${endpoint}/_weft/ui/${where}`;
  const shows = (text, selector = 'body') => page.waitForFunction((css, wanted) => [...document.querySelectorAll(css)].some(one => one.textContent.includes(wanted)), {}, selector, text);
  const rows = (selector, wanted) => page.waitForFunction((css, n) => document.querySelectorAll(css).length === n, {}, selector, wanted);
  const picture = name => page.screenshot({ path: path.join(pictures, `firefox-${name}.png`) });
  fs.mkdirSync(pictures, { recursive: true });

  await page.goto(at(''));
  await rows('#list tbody tr', 2);
  await picture('executions');
  await page.evaluate(() => [...document.querySelectorAll('#list a')].find(one => one.textContent === 'nightly-2026-11-28').click());
  await shows('Slowest 5');
  await shows(`${FAILED} failed`, '.wf .group .lines');
  await picture('execution');
  for (const view of ['states', 'events', 'flame', 'io', 'definition']) {
    await page.goto(at(`exec/${execution}?view=${view}`));
    await page.waitForFunction(() => document.querySelector('main')?.childElementCount > 0 && !document.querySelector('.skel'));
  }
  await page.goto(at(`maprun/${mapRun}`));
  await rows('table.children tbody tr', 100);
  await shows('ImageDecodeError', 'button.err');
  // The pictures are painted: a canvas has more than one colour.
  await page.waitForFunction(() => [...document.querySelectorAll('.heat canvas, .plane canvas')].every(canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set(new Uint32Array(data.buffer));
    return colours.size > 2;
  }) && document.querySelectorAll('.heat canvas, .plane canvas').length >= 2);
  await picture('maprun');
  await page.goto(at(`maprun/${mapRun}?f=status:failed,timed_out`));
  await rows('table.children tbody tr', FAILED);
  await page.keyboard.press('Escape');
  await rows('table.children tbody tr', 100);

  // A running one is followed to its end without being asked to.
  const running = await begin('ImagePipeline', { pictures: items(60) }, 'nightly-2026-11-29');
  await page.goto(at(`exec/${running}`));
  await shows('Succeeded', '.phead');
  assert.deepEqual(page.faults, []);
});
