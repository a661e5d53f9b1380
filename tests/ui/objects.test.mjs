// What the server answers besides the page, opened in a browser at the address that the APIs have.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { scratch, serve } from '../e2e/lib.mjs';
import { PATIENCE, browse } from './browser.mjs';

const SCRIPT = "document.title = 'it ran'; fetch('/bucket-of-the-script', { method: 'PUT' });";

test('scripts in objects do not run', async t => {
  const bucket = scratch(t);
  const endpoint = await serve(t, ['--bucket', `pictures=${bucket}`]);
  fs.writeFileSync(path.join(bucket, 'cat.jpg'), `<title>cat</title><script>${SCRIPT}</script>`);
  for (const [name, type, body] of [
    ['page.html', 'text/html', `<title>page</title><script>${SCRIPT}</script>`],
    ['drawing.svg', 'image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg"><title>drawing</title><script>${SCRIPT}</script></svg>`],
  ]) {
    const put = await fetch(`${endpoint}/pictures/${name}`, { method: 'PUT', body, headers: { 'content-type': type } });
    assert.equal(put.status, 200);
  }
  const browser = await browse(t);
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const asked = [];
  const refusals = [];
  page.on('request', request => { if (!request.isNavigationRequest()) asked.push(request.url()); });
  page.on('console', message => refusals.push(message.text()));
  const override = 'response-content-type=text/html';
  for (const [address, status, title] of [
    ['page.html', 200, 'page'],
    ['drawing.svg', 200, 'drawing'],
    [`cat.jpg?${override}`, 400, ''],
    [`cat.jpg?${override}&X-Amz-Signature=0`, 200, 'cat'],
  ]) {
    refusals.length = 0;
    const answer = await page.goto(`${endpoint}/pictures/${address}`);
    assert.equal(answer.status(), status, address);
    assert.equal(await page.title(), title, address);
    assert.deepEqual(asked.filter(url => !url.endsWith('/favicon.ico')), [], address);
    // The document was one whose script the browser would have run.
    if (status === 200) assert.match(refusals.join('\n'), /script/i, address);
  }
});
