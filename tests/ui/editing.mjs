// What the tests of the editor share: a server to draft on, the editor opened, the draft that it keeps.
import fs from 'node:fs';
import path from 'node:path';
import { root, scratch, serve, until } from '../e2e/lib.mjs';

export const roleArn = 'arn:aws:iam::000000000000:role/r';
export const KEYS = ['2026/mill-1/IMG_0001.jpg', '2026/mill-1/IMG_0002.jpg', '2026/mill-2/IMG_0003.jpg', 'other/readme.txt'];

/** A server with a bucket of pictures and a function that takes one. */
export async function workshop(t) {
  const folder = scratch(t);
  for (const key of KEYS) {
    const file = path.join(folder, 'pictures', key);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, 'a picture');
  }
  const handler = path.join(root, 'tests/ui/pictures.mjs');
  const endpoint = await serve(t, ['--data', path.join(folder, 'data'), '--bucket', `pictures=${path.join(folder, 'pictures')}`, '--function', `transform-image=${handler}:transform,concurrency=2`]);
  return { endpoint, folder };
}

/** The editor of the state machine, or of a new one. */
export async function edit(page, endpoint, arn) {
  await page.goto(arn === undefined ? `${endpoint}/_weft/ui/machines?new=1` : `${endpoint}/_weft/ui/machine/${arn}?edit=1`);
  await page.locator('.cm-content').waitFor();
}

/** A state on the canvas. */
export const node = (page, name) => page.locator(`.n[data-name=${JSON.stringify(name)}]`);
/** What the palette offers under a title. */
export const item = (page, title) => page.getByRole('option', { name: title, exact: true });

const keyOf = arn => `weft-draft:${arn ?? 'new'}`;
/** What the page keeps as its text: the code is a view of it. */
export const draft = (page, arn) => page.evaluate(key => JSON.parse(localStorage.getItem(key) ?? 'null')?.text, keyOf(arn));
/** The draft, once it is another one than before and `holds`. */
export const drafted = (page, arn, holds = () => true) => until(async () => { const text = await draft(page, arn); return text !== undefined && holds(text) ? text : undefined; }, 'the draft does not get there');
/** The draft as it is now: the page keeps it at once, as if one left it. */
export const draftNow = (page, arn) => page.evaluate(key => { dispatchEvent(new Event('pagehide')); return JSON.parse(localStorage.getItem(key) ?? 'null')?.text; }, keyOf(arn));

/** Puts a text in place of the definition by the dialog for it. */
export async function importText(page, text) {
  await page.locator('summary', { hasText: 'File' }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  await page.getByRole('textbox', { name: 'or its text' }).fill(text);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
