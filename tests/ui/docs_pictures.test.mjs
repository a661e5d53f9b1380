// The pictures of README and the reference: the page as it is, about a real run. They are made anew into build/ui-pictures each
// time and looked at; WEFT_DOCS_PICTURES=1 puts them into docs/pictures.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../e2e/lib.mjs';
import { browse, openPage, pictures, settled } from './browser.mjs';
import { items, scenario } from './scenario.mjs';

const CHILDREN = 2_000;
const BYTES_MAX = 150 * 1024;
const VIEWS = [
  ['executions', () => '', 560],
  ['execution', ({ execution }) => `exec/${execution}`, 900],
  ['maprun', ({ mapRun }) => `maprun/${mapRun}`, 1000],
  ['editor', ({ machine }) => `machine/${machine}?edit=1`, 900, async page => {
    await page.locator('.cm-content').waitFor();
    await page.locator('.n[data-name="Process images"] .nm').click();
    await page.getByText('The definition is valid.').waitFor();
    await page.locator('.cm-line', { hasText: '"Process images"' }).first().waitFor();
  }],
];
const shown = path.join(root, 'docs', 'pictures');

test('pictures of the views, light and dark', async t => {
  const { endpoint, machines, run, begin, mapRunOf } = await scenario(t);
  for (let i = 1; i <= 9; i++) await run('OrderSettlement', { bad: i % 4 === 2 }, `settle-2026-11-27-${String(i).padStart(3, '0')}`);
  const execution = await run('ImagePipeline', { pictures: items(CHILDREN) }, 'nightly-2026-11-28');
  const places = { execution, mapRun: await mapRunOf(execution), machine: machines.ImagePipeline };
  const browser = await browse(t);
  fs.mkdirSync(pictures, { recursive: true });
  for (const theme of ['light', 'dark']) {
    const page = await openPage(browser, { theme });
    const session = await page.context().newCDPSession(page);
    for (const [name, place, height, ready] of VIEWS) {
      if (name === 'executions') await begin('ImagePipeline', { pictures: items(400) }, `adhoc-${theme}`);
      await page.setViewportSize({ width: 1400, height });
      await page.goto(`${endpoint}/_weft/ui/${place(places)}`);
      await settled(page);
      await ready?.(page);
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 72 });
      const bytes = Buffer.from(data, 'base64');
      assert.ok(bytes.length > 5_000 && bytes.length <= BYTES_MAX, `${name}-${theme}: ${bytes.length} bytes`);
      const file = `${name}-${theme}.webp`;
      fs.writeFileSync(path.join(pictures, file), bytes);
      if (process.env.WEFT_DOCS_PICTURES) {
        fs.mkdirSync(shown, { recursive: true });
        fs.writeFileSync(path.join(shown, file), bytes);
      }
    }
    assert.deepEqual(page.faults, []);
  }
});

test('the documents show pictures that exist, and all of them', () => {
  const documents = ['README.md', 'docs/reference/cli.md'].map(file => [file, fs.readFileSync(path.join(root, file), 'utf8')]);
  const named = new Set();
  for (const [file, text] of documents) {
    for (const [, link] of text.matchAll(/(?:src|srcset)="([^"]+\.webp)"/g)) named.add(path.join(root, path.dirname(file), link));
  }
  for (const file of named) assert.ok(fs.statSync(file).size <= BYTES_MAX, file);
  const wanted = VIEWS.flatMap(([name]) => ['light', 'dark'].map(theme => path.join(shown, `${name}-${theme}.webp`)));
  assert.deepEqual([...named].sort(), wanted.sort());
});
