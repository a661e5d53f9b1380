// Debian's Chromium, driven by playwright.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';
import { cleanUp, root, start, until, weftProgram } from '../e2e/lib.mjs';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Where pictures of the views go; they are looked at, not compared. */
export const pictures = path.join(root, 'build', 'ui-pictures');

let launched;
after(async () => (await launched)?.close());

/** How long the page may take for a step, in ms: far longer than it does. */
export const PATIENCE = 300_000;

/** A browser, one for all tests of a file; what a test opened in it is closed with the test. Pages of two contexts share nothing. */
export async function browse(t) {
  launched ??= chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, timeout: PATIENCE });
  const browser = await launched;
  cleanUp(t, () => Promise.all(browser.contexts().map(context => context.close())));
  return browser;
}

/** A page on which every error of a script and every request to elsewhere is a fault; `faults` collects them. */
export async function openPage(browser, { width = 1600, height = 1000, theme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, timezoneId: 'Europe/Berlin', locale: 'en-GB', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', error => page.faults.push(String(error)));
  page.on('console', message => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('request', request => { if (!/^http:\/\/127\.0\.0\.1:|^data:/.test(request.url())) page.faults.push(`asks for ${request.url()}`); });
  page.asking = new Set();  // questions to the query API without an answer yet
  page.on('request', request => { if (/\/_weft\/v1\/(?!live)/.test(request.url())) page.asking.add(request); });
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, request => page.asking.delete(request));
  page.setDefaultTimeout(PATIENCE);
  if (process.env.WEFT_PAGE) await servePage(page, path.resolve(root, process.env.WEFT_PAGE));
  return page;
}

/** The page's files from a folder (WEFT_PAGE=ui/dist) in place of those in the program, which need not be built for a change of the page. */
async function servePage(page, folder) {
  const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml' };
  await page.context().route(/\/_weft\/ui\//, route => {
    const name = new URL(route.request().url()).pathname.slice('/_weft/ui/'.length);
    const file = path.join(folder, fs.existsSync(path.join(folder, name)) && name !== '' ? name : 'index.html');
    return route.fulfill({ body: fs.readFileSync(file), contentType: types[path.extname(file)] });
  });
}

/** `weft ui` or `weft trace --open`: the address that it prints, its process, and what asks its query API. */
export async function showPage(t, args) {
  // As long as the test takes, or somebody looks at it.
  const child = start(weftProgram, args, { env: { DISPLAY: '', WAYLAND_DISPLAY: '', BROWSER: '' }, timeout: 6 * 3_600_000 });
  cleanUp(t, async () => {
    child.kill('SIGTERM');
    await child.done;
  });
  const address = await until(() => /^The page is at (\S+)$/m.exec(child.text.stdout)?.[1], `it prints no address: ${child.text.stderr}`);
  const query = async (path, parameters) => {
    const response = await fetch(new URL(`/_weft/v1/${path}?${new URLSearchParams(parameters)}`, address));
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return { address, child, query };
}

export async function picture(page, name, options = {}) {
  fs.mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), ...options });
}

/** Everything that was asked is answered and drawn. (The live channel never ends, so the network is not idle.) */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('main')?.childElementCount > 0);
  for (let quiet = 0; quiet < 3; quiet = page.asking.size === 0 && !await page.locator('.skel').count() ? quiet + 1 : 0) {
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
}

/** Waits until `look` answers `wanted`: what is drawn a moment after what was done or told. */
export async function becomes(look, wanted, what) {
  let seen;
  await until(async () => isDeepStrictEqual(seen = await look(), wanted), 'it does not').catch(() => {});  // told below, with what was seen
  assert.deepEqual(seen, wanted, what);
}

/** Nanoseconds that the page's main thread worked so far, which other programs on the machine do not lengthen; 0 where the system does not tell. */
export async function threadOf(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(one => one.type === 'renderer').map(one => one.id);
  const worked = id => { try { return Number(fs.readFileSync(`/proc/${id}/task/${id}/schedstat`, 'utf8').split(' ')[0]); } catch { return 0; } };
  return () => renderers.reduce((sum, id) => sum + worked(id), 0);
}

/** What axe finds that matters, on the page or `within` a part of it: ids of rules and where. */
export async function accessibility(page, within) {
  if (await page.evaluate(() => globalThis.axe === undefined)) await page.evaluate(fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(part => globalThis.axe.run(part ?? document, { resultTypes: ['violations'] }), within);
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 5).map(node => node.target.join(' ')).join(' | ')}`);
}
